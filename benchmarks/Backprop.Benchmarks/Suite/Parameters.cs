using Backprop.Layers;

namespace Backprop.Benchmarks.Suite;

/// <summary>Initial parameters as the suite defines them: layer by layer in the order of the model, weight before bias.</summary>
public static class Parameters
{
    private const ulong Seed = 1;

    /// <summary>Draws every parameter of a model; gains and biases of norms stay 1 and 0.</summary>
    public static T Draw<T>(T model)
        where T : Module
    {
        var draws = new Draws(Seed);
        using (Recording.Pause())
        {
            foreach (var (_, module) in model.NamedModules())
            {
                if (Bound(module) is { } bound)
                {
                    foreach (var parameter in module.Parameters())
                    {
                        parameter.CopyFrom(draws.Signed(parameter.DType, (float)bound, parameter.Shape.ToArray()));
                    }
                }
            }
        }

        return model;
    }

    private static double? Bound(Module module) => module switch
    {
        Linear linear => 1 / Math.Sqrt(linear.InFeatures),
        Conv2d convolution => 1 / Math.Sqrt(convolution.Weight.Count / convolution.Weight.Shape[0]),
        Lstm lstm => 1 / Math.Sqrt(lstm.Parameters()[1].Shape[1]),
        Embedding embedding => 1 / Math.Sqrt(embedding.Weight.Shape[1]),
        _ => null,
    };
}
