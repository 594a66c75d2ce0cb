using Backprop.Layers;
using Backprop.Optimizers;

namespace Backprop.Benchmarks.Soak;

/// <summary>A kind of training step that a soak takes over and over, with inputs whose shape changes from step to step.</summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="Build">Makes model, data and optimizer, and returns the step; its argument is how many steps there were before.</param>
/// <remarks>Labels are drawn anew for every step. What can be learnt by heart would end in gradients of zero and denormal numbers, with times of their own.</remarks>
public sealed record StepKind(string Name, Func<Action<int>> Build)
{
    /// <summary>Every kind, in the order in which a soak takes them.</summary>
    public static IReadOnlyList<StepKind> All { get; } =
    [
        new("perceptron, last batch smaller", () => Perceptron(isReplayed: false)),
        new("the same, replayed", () => Perceptron(isReplayed: true)),
        new("LSTM, sequences of different length", () => Sequences(isReplayed: false)),
        new("the same, replayed", () => Sequences(isReplayed: true)),
        new("convolutions, last batch smaller", () => Convolutions(isReplayed: false)),
        new("the same, replayed", () => Convolutions(isReplayed: true)),
    ];

    /// <summary>Fifteen batches of 64 and a last one of 1 to 63, another one in every epoch.</summary>
    private static Action<int> Perceptron(bool isReplayed)
    {
        var generator = new Generator(1);
        var model = new Sequential(
            new Linear(784, 200, generator: generator), new Relu(), new Linear(200, 10, generator: generator));
        var x = Tensor.Uniform([64, 784], generator: generator);
        return Step(
            isReplayed,
            step => LastOf(16, step) is { } epoch ? 1 + (epoch * 11 % 63) : 64,
            size => [x[..size], Labels(size, generator)],
            batch => Losses.CrossEntropy(model.Forward(batch[0]), batch[1]),
            new Sgd(model.Parameters(), learningRate: 0.01, momentum: 0.9));
    }

    /// <summary>Sequences of 5 to 48 elements.</summary>
    private static Action<int> Sequences(bool isReplayed)
    {
        var generator = new Generator(2);
        var lstm = new Lstm(16, 32, batchFirst: false, generator: generator);
        var output = new Linear(32, 10, generator: generator);
        var x = Tensor.Normal([48, 8, 16], generator: generator);
        return Step(
            isReplayed,
            step => 5 + (step * 17 % 44),
            length => [x[..length], Labels(8 * length, generator)],
            batch => Losses.CrossEntropy(output.Forward(lstm.Forward(batch[0])).Flatten(0, 1), batch[1]),
            new Adam([.. lstm.Parameters(), .. output.Parameters()]));
    }

    /// <summary>Seven batches of 16 images and a last one of 1 to 15.</summary>
    private static Action<int> Convolutions(bool isReplayed)
    {
        var generator = new Generator(3);
        var model = new Sequential(
            new Conv2d(1, 8, 3, generator: generator), new BatchNorm2d(8), new Relu(), new MaxPool2d(2),
            new Conv2d(8, 16, 3, generator: generator), new Relu(), new MaxPool2d(2),
            new Flatten(), new Linear(400, 10, generator: generator));
        var x = Tensor.Uniform([16, 1, 28, 28], generator: generator);
        return Step(
            isReplayed,
            step => LastOf(8, step) is { } epoch ? 1 + (epoch * 4 % 15) : 16,
            size => [x[..size], Labels(size, generator)],
            batch => Losses.CrossEntropy(model.Forward(batch[0]), batch[1]),
            new Adam(model.Parameters()));
    }

    /// <summary>A step inside a scope: as it is written, or replayed for shapes that come again.</summary>
    private static Action<int> Step(bool isReplayed, Func<int, int> size, Func<int, Tensor[]> batch, Func<Tensor[], Tensor> loss, Optimizer optimizer)
    {
        var function = isReplayed ? new CapturedFunction(Train) : null;
        return step =>
        {
            using var scope = TensorScope.Begin();
            var inputs = batch(size(step));
            _ = function is null ? Train(inputs) : function.Run(inputs);
        };

        Tensor Train(Tensor[] inputs)
        {
            var result = loss(inputs);
            optimizer.ZeroGradients();
            result.Backward();
            optimizer.Step();
            return result;
        }
    }

    /// <summary>The epoch, if this is its last step.</summary>
    private static int? LastOf(int steps, int step) => step % steps == steps - 1 ? step / steps : null;

    private static Tensor Labels(int count, Generator generator) => Tensor.RandomIntegers([count], 0, 10, generator: generator);
}
