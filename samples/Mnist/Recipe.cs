using Backprop;
using Backprop.Layers;
using Backprop.Optimizers;

namespace MnistSample;

/// <summary>A model with the way it is trained.</summary>
public sealed record Recipe(string Name, int Hidden, int BatchSize, int Epochs, Func<IEnumerable<Tensor>, Optimizer> Optimizer)
{
    public const int Pixels = 28 * 28;
    public const int Classes = 10;

    public static IReadOnlyList<Recipe> All { get; } =
    [
        new("keras", Hidden: 128, BatchSize: 32, Epochs: 5, parameters => new Adam(parameters, learningRate: 1e-3)),
        new("torch", Hidden: 200, BatchSize: 64, Epochs: 10, parameters => new Sgd(parameters, learningRate: 0.01, momentum: 0.9)),
    ];

    public Sequential Build(ulong seed)
    {
        var generator = new Generator(seed);
        return new Sequential(
            new Linear(Pixels, Hidden, generator: generator),
            new Relu(),
            new Linear(Hidden, Classes, generator: generator));
    }
}
