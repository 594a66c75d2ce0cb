using Backprop.Memory;

namespace Backprop.Tests.Memory;

/// <summary>Tests that overwrite what is recycled, or change the number of threads, for the whole process.</summary>
[CollectionDefinition(nameof(PoisonTests), DisableParallelization = true)]
public class PoisonCollection;

[Collection(nameof(PoisonTests))]
public class PoisonTests
{
    [Fact]
    public void NoStepReadsWhatItDidNotWrite()
    {
        var plain = Train(scoped: true);
        BufferPool.Poison = true;
        try
        {
            Assert.Equal(plain, Train(scoped: true));
        }
        finally
        {
            BufferPool.Poison = false;
        }

        Assert.Equal(plain, Train(scoped: false));
    }

    [Fact]
    public void PoisonIsThere()
    {
        BufferPool.Poison = true;
        try
        {
            using (TensorScope.Begin())
            {
                Tensor.Zeros([977]);
            }

            using (TensorScope.Begin())
            {
                var fresh = Tensor.Allocate(Layout.Contiguous("test", [977]), DType.Float32);
                Assert.All(fresh.ToArray<float>(), value => Assert.True(float.IsNaN(value)));
            }
        }
        finally
        {
            BufferPool.Poison = false;
        }
    }

    /// <summary>A network that uses most kinds of operations; the bits of its weights after a few steps.</summary>
    private static float[] Train(bool scoped)
    {
        var generator = new Generator(3);
        var x = Tensor.Normal([16, 12], generator: generator);
        var labels = Tensor.From([.. Enumerable.Range(0, 16).Select(i => (long)(i % 5))]);
        Tensor[] parameters =
        [
            Tensor.Normal([12, 9], generator: generator).RequireGradient(),
            Tensor.Normal([9], generator: generator).RequireGradient(),
            Tensor.Normal([9, 5], generator: generator).RequireGradient(),
        ];
        for (var step = 0; step < 8; step++)
        {
            using var scope = scoped ? TensorScope.Begin() : null;
            var h = (x.MatMul(parameters[0]) + parameters[1]).Tanh();
            var gate = Tensor.Where(h > 0, h, 0.1 * h).Transpose().Contiguous().Transpose();
            var scores = Tensor.Concatenate([gate[..8], gate[8..].Flip(0).Flip(0)]).MatMul(parameters[2]);
            var shifted = scores - scores.Max(1, keepDimensions: true).Detach();
            var loss = (shifted.Exp().Sum(1).Log() - shifted.Gather(1, labels.Reshape(16, 1)).Squeeze(1)).Mean();
            var penalty = Gradient.Of(loss, parameters[1], record: true).Square().Sum();
            var order = Tensor.From([.. Enumerable.Range(0, 9).Reverse()]);
            (loss + penalty + (0.01 * parameters[1].IndexSelect(order).Sigmoid().Variance())).Backward();
            using (Recording.Pause())
            {
                foreach (var parameter in parameters)
                {
                    parameter.SubtractInPlace(0.1 * parameter.Gradient!);
                    parameter.ZeroGradient();
                }
            }
        }

        var weights = parameters.SelectMany(parameter => parameter.ToArray<float>()).ToArray();
        Assert.All(weights, weight => Assert.True(float.IsFinite(weight)));
        return weights;
    }
}
