using Backprop.Layers;

namespace Backprop.Tests.Layers;

public class TrainingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void XorIsLearned(ulong seed)
    {
        var (x, labels) = Xor();
        var model = Train(seed, x, labels, steps: 2000);

        model.Evaluate();
        Assert.Equal([0L, 1, 1, 0], model.Forward(x).ArgMax(1).ToArray<long>());
        Assert.True(Losses.CrossEntropy(model.Forward(x), labels).Item() < 0.05);
    }

    [Fact]
    public void TheSameSeedTrainsToTheSameBits()
    {
        var (x, labels) = Xor();
        float[] Weights(ulong seed) => [.. Train(seed, x, labels, steps: 50).Parameters().SelectMany(parameter => parameter.ToArray<float>())];

        var first = Weights(3);
        Assert.Equal(first, Weights(3));
        Assert.NotEqual(first, Weights(4));
    }

    private static (Tensor X, Tensor Labels) Xor() => (Tensor.From([0f, 0, 0, 1, 1, 0, 1, 1], 4, 2), Tensor.From([0L, 1, 1, 0]));

    private static Sequential Train(ulong seed, Tensor x, Tensor labels, int steps)
    {
        var generator = new Generator(seed);
        var model = new Sequential(
            new Linear(2, 8, generator: generator), new Tanh(), new Dropout(0.05, generator), new Linear(8, 2, generator: generator));
        var parameters = model.Parameters();
        for (var step = 0; step < steps; step++)
        {
            using var scope = TensorScope.Begin();
            Losses.CrossEntropy(model.Forward(x), labels).Backward();
            using (Recording.Pause())
            {
                foreach (var parameter in parameters)
                {
                    parameter.SubtractInPlace(0.2 * parameter.Gradient!);
                }
            }

            model.ZeroGradients();
        }

        return model;
    }
}
