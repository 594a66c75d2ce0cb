using Backprop.Tests.Catalog;

namespace Backprop.Tests.Derivatives;

/// <summary>
/// Gradients per sample are exact or refused, for every call in the catalog: whatever axis of the result is taken for the samples', and where every
/// element is a sample of its own.
/// </summary>
public sealed class PerSampleCatalogTests
{
    private const double Tolerance = 1e-9;

    public static TheoryData<string> Names() => SampleCatalog.Names(
        sample => sample.Order > 0 && sample.Inputs.Where((_, i) => SampleRun.IsDifferentiated(sample, i)).Any(input => input.Count > 0));

    [Theory]
    [MemberData(nameof(Names))]
    public void ExactOrRefused(string name)
    {
        var sample = SampleCatalog.Get(name);
        Tensor[] inputs = [.. sample.Inputs.Select((input, i) => SampleRun.IsDifferentiated(sample, i) ? input.Detach().RequireGradient() : input.Detach())];
        var wanted = inputs.Where(input => input.RequiresGradient).ToArray();
        foreach (var result in sample.Call(inputs))
        {
            if (!result.RequiresGradient || result.Count is 0 or > 64 || result.DType != DType.Float64)
            {
                continue;
            }

            var weights = Tensor.Normal(result.Shape, dtype: DType.Float64, generator: new Generator(5));
            Check((result * weights).Flatten(), wanted);
            for (var axis = 0; axis < result.Rank; axis++)
            {
                var others = Enumerable.Range(0, result.Rank).Where(other => other != axis).ToArray();
                Check(others.Length == 0 ? result * weights : (result * weights).Sum(others), wanted);
            }
        }
    }

    private static void Check(Tensor losses, Tensor[] wanted)
    {
        Tensor[] found;
        try
        {
            found = Calculus.PerSampleGradients(losses, wanted);
        }
        catch (InvalidOperationException error)
        {
            Assert.StartsWith("per_sample_gradients: '", error.Message, StringComparison.Ordinal);
            return;
        }

        for (var i = 0; i < losses.Count; i++)
        {
            var seed = Tensor.Zeros(losses.Shape, DType.Float64);
            seed[i].Fill(1);
            var row = Gradient.OrNull(losses, wanted, seed);
            for (var k = 0; k < wanted.Length; k++)
            {
                var expected = (row[k] ?? Tensor.ZerosLike(wanted[k])).ToArray<double>();
                var actual = found[k][i].Contiguous().ToArray<double>();
                Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Tolerance * (1 + Math.Abs(pair.First))));
            }
        }
    }
}
