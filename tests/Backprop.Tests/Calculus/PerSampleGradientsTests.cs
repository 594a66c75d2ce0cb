using Backprop.Layers;

namespace Backprop.Tests.Derivatives;

public sealed class PerSampleGradientsTests
{
    private readonly Generator generator = new(11);

    public static TheoryData<DType> Precisions => [DType.Float32, DType.Float64];

    [Theory]
    [MemberData(nameof(Precisions))]
    public void Perceptron(DType dtype)
    {
        var x = Normal(dtype, 5, 3);
        Tensor[] p = [Parameter(dtype, 4, 3), Parameter(dtype, 4), Parameter(dtype, 2, 4), Parameter(dtype, 2)];
        var labels = Tensor.From([0L, 1, 1, 0, 1]);
        Agree(p, () => Tensor.SoftmaxCrossEntropy(Tensor.Linear(Tensor.Linear(x, p[0], p[1]).Tanh(), p[2], p[3]), labels), dtype);
    }

    [Fact]
    public void ProductsAndBroadcasting()
    {
        var x = Normal(DType.Float64, 4, 3, 2);
        Tensor[] p = [Parameter(2, 5), Parameter(3, 1), Parameter(5), Parameter(), Parameter(1, 3, 5)];
        Agree(p, () => (((x.MatMul(p[0]) * p[1]) + p[2]).Sigmoid() / p[3].Exp() - (p[4] * p[4])).Square().Sum([1, 2]));

        // The samples as columns of a product, on the last axis, and beside broadcast batches of matrices.
        var columns = Normal(DType.Float64, 3, 4);
        Tensor[] q = [Parameter(2, 3), Parameter(2, 1), Parameter(2, 1, 2, 2)];
        Agree(q, () => (q[2].MatMul(q[0].MatMul(columns) + q[1]).Tanh() + Tensor.Where(columns[0] > 0, q[1], 0)).Sum([0, 1, 2]));
        Agree(q, () => q[2].MatMul(x[.., ..2]).Exp().Sum([0, 2, 3]) * q[0].Max() * q[1].Sum());
    }

    [Fact]
    public void ConvolutionsAndPooling()
    {
        var x = Normal(DType.Float64, 3, 2, 6, 6);
        Tensor[] p = [Parameter(4, 1, 3, 3), Parameter(4), Parameter(3, 4, 2, 2), Parameter(4, 2, 2, 2), Parameter(2), Parameter(12, 3)];
        Agree(p, () =>
        {
            var y = Tensor.Conv2d(x, p[0], p[1], padding: 1, groups: 2).Relu().MaxPool2d(2);
            var up = Tensor.ConvTranspose2d(y, p[3], p[4], stride: 2).AvgPool2d(3).Sum([1, 2, 3]);
            return up + Tensor.Conv2d(y, p[2]).Flatten(1).MatMul(p[5]).LogSumExp(1);
        });
        Agree([p[0]], () => Tensor.Conv2d(x.Narrow(3, 0, 4), p[0], stride: 2, dilation: 2, padding: 2, groups: 2).Abs().Sum([1, 2, 3]));
    }

    [Fact]
    public void FramesOfVideosAreOneBatchOfConvolutions()
    {
        var x = Normal(DType.Float64, 3, 2, 1, 4, 4);
        Tensor[] p = [Parameter(2, 1, 3, 3), Parameter(2)];
        Agree(p, () => Tensor.Conv2d(x.Reshape(6, 1, 4, 4), p[0], p[1]).Tanh().Reshape(3, 2, 8).Sum([1, 2]));
        Agree(p, () => Tensor.Conv2d(x.Transpose(0, 1).Reshape(6, 1, 4, 4), p[0], p[1]).Tanh().Reshape(2, 3, 8).Sum([0, 2]));
    }

    [Fact]
    public void EmbeddingsByTheirMean()
    {
        var positions = Tensor.From([0L, 2, 2, 1, 4, 4, 3, 0], 4, 2);
        Tensor[] p = [Parameter(5, 3), Parameter(2, 3)];
        Agree(p, () => p[0].IndexSelect(positions.Reshape(8)).Reshape(4, 2, 3).Mean(1).Tanh().MatMul(p[1].T).LogSoftmax(1)[.., 0]);

        // As many samples as positions: which axis is which is known from what the entries point at.
        Agree([p[0]], () => p[0].IndexSelect(Tensor.From([0L, 1, 2, 3, 4])).Exp().Sum(1));
        Agree([p[1]], () => (Tensor.Ones([2, 3], DType.Float64) * p[1]).Exp().Gather(1, Tensor.From([2L, 0], 2, 1)).Squeeze(1));
    }

    [Fact]
    public void LayerNorm()
    {
        var x = Normal(DType.Float64, 4, 3, 5);
        Tensor[] p = [Parameter(5, 5), Parameter(5), Parameter(5)];
        Agree(p, () =>
        {
            var y = x.MatMul(p[0]);
            y = (y - y.Mean(-1, keepDimensions: true)) / (y.Variance(-1, correction: 0, keepDimensions: true) + 1e-5).Sqrt();
            return ((y * p[1]) + p[2]).Sin().Sum([1, 2]);
        });
    }

    [Fact]
    public void AttentionOfTwoHeads()
    {
        var x = Normal(DType.Float64, 3, 4, 6);
        Tensor[] p = [Parameter(18, 6), Parameter(18), Parameter(6, 6), Parameter(1, 6)];
        Agree(p, () =>
        {
            // With a token of its own in front of every sequence; heads become part of the batch.
            var tokens = Tensor.Concatenate([p[3].Expand(3, 1, 6), x], 1);
            var parts = Tensor.Linear(tokens, p[0], p[1]).Chunk(3, 2);
            var heads = parts.Select(part => part.Reshape(3, 5, 2, 3).Transpose(1, 2).Reshape(6, 5, 3)).ToArray();
            var weights = (heads[0].MatMul(heads[1].Transpose()) / Math.Sqrt(3)).Softmax(-1);
            var mixed = weights.MatMul(heads[2]).Reshape(3, 2, 5, 3).Transpose(1, 2).Reshape(3, 5, 6);
            return Tensor.Linear(mixed, p[2])[.., 0].Tanh().Sum(1);
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RecurrentSweeps(bool gru)
    {
        var x = Normal(DType.Float64, 4, 3, 2);
        var gates = gru ? 3 : 4;
        Tensor[] p = [Parameter(gates * 2, 2), Parameter(gates * 2, 2), Parameter(gates * 2), Parameter(gates * 2), Parameter(1, 2)];
        Agree(p, () =>
        {
            var start = p[4].Expand(3, 2);
            var output = gru
                ? Tensor.Gru(x, start, p[0], p[1], p[2], p[3]).Output
                : Tensor.Lstm(x, start, start * 2, p[0], p[1], p[2], p[3]).Output;
            return output[^1].Square().Sum(1) + output.Sum([0, 2]);
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RecurrentSweepsOfDifferentLengths(bool reverse)
    {
        var x = Normal(DType.Float64, 4, 3, 2);
        var lengths = Tensor.From([4L, 2, 0]);
        Tensor[] p = [Parameter(6, 2), Parameter(6, 2), Parameter(6), Parameter(6), Parameter(3, 2)];
        Agree(p, () => Tensor.Gru(x, p[4], p[0], p[1], p[2], p[3], lengths, reverse).Output.Exp().Sum([0, 2]));
        Agree(p, () => Tensor.Gru(x, p[4], p[0], p[1], p[2], p[3], reverse: reverse).Output.Exp().Sum([0, 2]));
        var layer = new Lstm(2, 3, layers: 2, bidirectional: true, generator: generator, dtype: DType.Float64);
        Agree(layer.Parameters(), () => layer.Forward(x)[.., 1].Square().Sum(1));
    }

    [Fact]
    public void FusedNormalisationsEmbeddingAndAttention()
    {
        var x = Normal(DType.Float64, 3, 4, 2);
        var positions = Tensor.From([0L, 2, 2, 1, 4, 4], 3, 2);
        Tensor[] p = [Parameter(4), Parameter(4), Parameter(2), Parameter(2), Parameter(5, 4), Parameter(2, 2), Parameter(3, 4, 2)];
        Agree(p, () => (x + p[6]).GroupNorm(2, p[0], p[1]).LayerNorm([2], p[2], p[3]).RmsNorm([2], p[2]).Sin().Sum([1, 2]));
        Agree(p, () => (x * p[2]).InstanceNorm(weight: p[0], bias: p[1]).Normalize(axis: 2).Sin().Sum([1, 2]));
        Agree(p, () => Tensor.Embedding(positions, p[4], paddingIndex: 2).Exp().Sum([1, 2]));
        Agree(p, () => Tensor.ScaledDotProductAttention(x.MatMul(p[5]), x * p[2], x, isCausal: true).Sin().Sum([1, 2]));
    }

    [Fact]
    public void TiedAndDerivedParameters()
    {
        var x = Normal(DType.Float64, 4, 3);
        Tensor[] p = [Parameter(3, 3), Parameter(6, 3), Parameter(3)];

        // Tied: once as it is, once transposed.
        Agree(p[..1], () => Tensor.Linear(Tensor.Linear(x, p[0]).Tanh(), p[0].T).Square().Sum(1));

        // A part of a larger one, turned round, padded, reshaped, normalised, multiplied, rolled into windows.
        Agree(p, () =>
        {
            var direction = p[1] / p[1].Square().Sum(1, keepDimensions: true).Sqrt() * p[2].Softmax(0);
            var weight = direction[1..4].Flip(1).T.MatMul(p[0]).CumSum(0) + p[1].Reshape(3, 6).Narrow(1, 2, 3);
            var bias = Tensor.Concatenate([p[2], p[2][..1]]).SlidingWindows(0, 2).Max(1) + p[2].Pad(1, 0)[..3];
            return Tensor.Linear(x, weight.LowerTriangle(), bias * p[2].LogSumExp() + p[0].IndexSelect(Tensor.From([2L, 2, 0])).Sum(0)).Sigmoid().Sum(1);
        });
    }

    [Fact]
    public void LossesThatUseAParameterByTheSample()
    {
        // A row of the parameter for each sample: what another sample has is zero; and all of it for all samples, in the same breath.
        var p = Parameter(4, 3);
        Agree([p], () => p.Square().Sum(1));
        Agree([p], () => p.Exp().Sum(1) * p.Max());
        var square = Normal(DType.Float64, 4, 3);
        Agree([p], () => (Tensor.Linear(square, p) + Tensor.Linear(square, p).T).Tanh().Sum(1));
        Agree([p], () => p[2..].Exp().Sum(1) * Tensor.Linear(square, p)[..2].Sum(1));
        Agree([p], () => p.MatMul(p.T).Tanh().Sum(1) + p.T.Reshape(12).Reshape(3, 4).Sum(0));
    }

    [Fact]
    public void ALossMayDependOnTheBatchThroughParametersAlone()
    {
        // The mean over the batch is one tensor that every loss uses: row i is the gradient of loss i all the same.
        var (x, y) = (Normal(DType.Float64, 4, 3), Normal(DType.Float64, 4, 2));
        Tensor[] p = [Parameter(2, 3), Parameter(2)];
        Agree(p, () => (y * Tensor.Linear(x, p[0], p[1]).Tanh().Mean(0)).Sum(1));
    }

    [Fact]
    public void BatchNormIsRefusedByName()
    {
        var x = Normal(DType.Float64, 4, 3);
        var weight = Parameter(3, 3);
        Tensor Losses(bool training)
        {
            var y = Tensor.Linear(x, weight);
            var mean = training ? y.Mean(0) : Tensor.Zeros([3], DType.Float64);
            return (y - mean).Square().Sum(1);
        }

        Agree([weight], () => Losses(training: false));
        var error = Assert.Throws<InvalidOperationException>(() => Calculus.PerSampleGradients(Losses(training: true), [weight]));
        Assert.StartsWith("per_sample_gradients: 'mean' mixes samples", error.Message, StringComparison.Ordinal);
        Assert.Contains("[4, 3]", error.Message, StringComparison.Ordinal);
        Assert.Contains("Evaluate()", error.Message, StringComparison.Ordinal);

        var layer = new BatchNorm1d(3, dtype: DType.Float64);
        error = Assert.Throws<InvalidOperationException>(
            () => Calculus.PerSampleGradients(layer.Forward(Tensor.Linear(x, weight)).Square().Sum(1), [weight]));
        Assert.StartsWith("per_sample_gradients: 'batch_norm", error.Message, StringComparison.Ordinal);
        Assert.Contains("mixes samples", error.Message, StringComparison.Ordinal);
        layer.Evaluate();
        Agree([weight, .. layer.Parameters()], () => layer.Forward(Tensor.Linear(x, weight)).Square().Sum(1));

        // Within a fused operation, that one is named.
        error = Assert.Throws<InvalidOperationException>(() => Calculus.PerSampleGradients(Tensor.Linear(x, weight).T.Softmax(-1).Sum(0), [weight]));
        Assert.StartsWith("per_sample_gradients: 'softmax' mixes samples", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OtherMixturesAreRefused()
    {
        var x = Normal(DType.Float64, 4, 4);
        var weight = Parameter(4, 4);
        Tensor Y() => Tensor.Linear(x, weight);
        var once = Y();
        Refused("mixes samples", () => (once + once.T).Sum(1));
        Refused("mixes samples", () => once.MatMul(once).Sum(1));
        Refused("'slice'", () => Y().Flip(0).Sum(1));
        Refused("'slice'", () => Y()[..3].Sum(1));
        Refused("'reshape'", () => Y().Reshape(2, 2, 4).Sum(2).Reshape(4));
        Refused("'concatenate'", () => Tensor.Concatenate([Y()[..1], Y()[1..]]).Sum(1));
        Refused("'roll", () => Y().Roll(1, 0).Sum(1));
        Refused("'cum_sum", () => Y().CumSum(0).Sum(1));
        Refused("'pad", () => Y().Pad(1, 0, axis: 0).Sum(1));
        Refused("'inverse' has no rule", () => LinearAlgebra.Inverse(Y()).Sum(1));

        void Refused(string what, Func<Tensor> losses)
        {
            var computed = losses();
            var error = Assert.Throws<InvalidOperationException>(() => Calculus.PerSampleGradients(computed, [weight]));
            Assert.StartsWith("per_sample_gradients: '", error.Message, StringComparison.Ordinal);
            Assert.Contains(what, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void OneSampleAndNone()
    {
        var weight = Parameter(2, 3);
        var x = Normal(DType.Float64, 1, 3);
        Agree([weight], () => Tensor.Linear(x, weight).Square().Sum(1));

        // Nothing can mix, so nothing is refused.
        Agree([weight], () => (LinearAlgebra.Inverse(weight.Narrow(1, 0, 2)) + weight.Mean(0, keepDimensions: true)[.., 1..]).Sum().Reshape(1));
        var none = Calculus.PerSampleGradients(Tensor.Linear(x[..0], weight).Sum(1), [weight])[0];
        Assert.Equal([0, 2, 3], none.Shape.ToArray());
    }

    [Fact]
    public void ResultsAreTheCallersOwn()
    {
        var x = Normal(DType.Float64, 3, 2);
        Tensor[] p = [Parameter(2), Parameter(2), Parameter(5)];
        var losses = ((x * p[0]) + p[1] + p[1]).Sum(1);
        var gradients = Calculus.PerSampleGradients(losses, p);
        Assert.All(gradients, gradient => Assert.True(gradient.IsContiguous && !gradient.RequiresGradient));
        Assert.All(p, parameter => Assert.Null(parameter.Gradient));
        Assert.Equal(new double[15], gradients[2].ToArray<double>());
        gradients[1].Fill(7);
        Assert.Equal(x.ToArray<double>(), gradients[0].ToArray<double>());

        // The tape is still there.
        Assert.Equal(x.ToArray<double>(), Calculus.PerSampleGradients(losses, [p[0]])[0].ToArray<double>());
        losses.Sum().Backward();
        Assert.NotNull(p[0].Gradient);
    }

    [Fact]
    public void GradientsOfGradients()
    {
        // The penalty on every sample's gradient norm, differentiated once more.
        var (x, labels) = (Normal(DType.Float64, 3, 2), Tensor.From([0L, 1, 1]));
        Tensor[] p = [Parameter(4, 2), Parameter(2, 4)];
        Tensor Losses() => Tensor.SoftmaxCrossEntropy(Tensor.Linear(Tensor.Linear(x, p[0]).Tanh(), p[1]), labels);
        var batched = Calculus.PerSampleGradients(Losses(), p, record: true).Select(g => g.Square().Sum([1, 2])).Aggregate((a, b) => a + b);
        var expected = Enumerable.Range(0, 3).Select(i => Gradient.Of(Losses()[i], p, record: true).Select(g => g.Square().Sum()).Aggregate((a, b) => a + b));
        var seed = Tensor.From([1.0, -2, 0.5]);
        Near(Gradient.Of(Tensor.Stack([.. expected]), p, seed), Gradient.Of(batched, p, seed), 1e-10);
    }

    [Fact]
    public void AsAFunction()
    {
        var x = Normal(DType.Float64, 3, 2);
        Tensor[] at = [Normal(DType.Float64, 4, 2), Normal(DType.Float64, 4)];
        var (losses, gradients) = Calculus.PerSampleGradients(v => Tensor.Linear(x, v[0], v[1]).Square().Sum(1), at);
        var y = Tensor.Linear(x, at[0], at[1]);
        Near([y.Square().Sum(1), 2 * y.Unsqueeze(2) * x.Unsqueeze(1), 2 * y], [losses, .. gradients], 1e-12);
        Assert.False(losses.RequiresGradient || gradients[0].RequiresGradient);
    }

    [Fact]
    public void OfAModuleByName()
    {
        var model = new Sequential(new Linear(3, 4, generator: generator), new Tanh(), new Linear(4, 2, generator: generator));
        var (x, labels) = (Tensor.Normal([5, 3], generator: generator), Tensor.From([0L, 1, 1, 0, 1]));
        var (losses, gradients) = model.PerSampleGradients(() => Losses.CrossEntropy(model.Forward(x), labels, reduction: Reduction.None));
        Assert.Equal([5], losses.Shape.ToArray());
        Assert.Equal(["0.weight", "0.bias", "2.weight", "2.bias"], gradients.Keys);
        foreach (var (name, parameter) in model.NamedParameters())
        {
            Assert.Null(parameter.Gradient);
            var alone = Losses.CrossEntropy(model.Forward(x[3..4]), labels[3..4]);
            Near([Gradient.Of(alone, parameter)], [gradients[name][3]], 1e-5);
        }
    }

    [Fact]
    public void ClippedBySample()
    {
        var model = new Linear(3, 2, generator: generator);
        var (images, labels) = (Tensor.Normal([6, 3], generator: generator) * 10, Tensor.From([0L, 1, 1, 0, 1, 0]));
        var losses = Losses.CrossEntropy(model.Forward(images), labels, reduction: Reduction.None);
        var gradients = Calculus.PerSampleGradients(losses, model.Parameters());
        var squares = gradients.Select(g => g.Flatten(1).Square().Sum(1)).Aggregate((a, b) => a + b);
        var factors = (1 / squares.Sqrt()).Clamp(high: 1);
        foreach (var (parameter, g) in model.Parameters().Zip(gradients))
        {
            parameter.Gradient = (factors.MatMul(g.Flatten(1)) / factors.Count).Reshape(parameter.Shape);
        }

        Assert.True(model.Parameters().Sum(parameter => parameter.Gradient!.Square().Sum().Item()) <= 1);
        Assert.Contains(squares.ToArray<float>(), square => square > 1);
    }

    [Fact]
    public void MistakesAreNamed()
    {
        var weight = Parameter(2, 3);
        var x = Normal(DType.Float64, 4, 3);
        var scalar = Assert.Throws<ShapeException>(() => Calculus.PerSampleGradients(Tensor.Linear(x, weight).Sum(), [weight]));
        Assert.Contains("must be a vector, one loss per sample", scalar.Message, StringComparison.Ordinal);
        var foreign = Assert.Throws<InvalidOperationException>(() => Calculus.PerSampleGradients(Tensor.Linear(x, weight).Sum(1), [weight, x]));
        Assert.Contains("number 1 of 2", foreign.Message, StringComparison.Ordinal);
        var constant = Assert.Throws<InvalidOperationException>(() => Calculus.PerSampleGradients(x.Sum(1), [weight]));
        Assert.Contains("was not recorded", constant.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentNullException>(() => Calculus.PerSampleGradients(null!, [weight]));
    }

    private static void Agree(Tensor[] parameters, Func<Tensor> losses, DType dtype = DType.Float64)
    {
        var tolerance = dtype == DType.Float32 ? 1e-5 : 1e-10;
        var computed = losses();
        var samples = computed.Shape[0];
        var found = Calculus.PerSampleGradients(computed, parameters);
        var rows = Enumerable.Range(0, samples).Select(i => Gradient.OrNull(losses()[i], parameters)).ToArray();
        var expected = parameters.Select((p, k) => Tensor.Stack([.. rows.Select(row => row[k] ?? Tensor.ZerosLike(p))])).ToArray();
        Assert.All(found, gradient => Assert.Equal(dtype, gradient.DType));
        Near(expected, found, tolerance);
        var whole = Gradient.OrNull(losses().Sum(), parameters);
        Near([.. whole.Select((gradient, k) => gradient ?? Tensor.ZerosLike(parameters[k]))], [.. found.Select(gradient => gradient.Sum(0))], tolerance * 10);
    }

    private static void Near(Tensor[] expected, Tensor[] actual, double tolerance)
    {
        foreach (var (wanted, found) in expected.Zip(actual))
        {
            Assert.Equal(wanted.Shape.ToArray(), found.Shape.ToArray());
            var (a, b) = (wanted.Detach().To(DType.Float64), found.Detach().To(DType.Float64));
            Assert.All(a.Contiguous().ToArray<double>().Zip(b.Contiguous().ToArray<double>()), pair => Assert.Equal(pair.First, pair.Second, tolerance));
        }
    }

    private Tensor Normal(DType dtype, params int[] shape) => Tensor.Normal(shape, dtype: dtype, generator: generator);

    private Tensor Parameter(DType dtype, params int[] shape) => Normal(dtype, shape).RequireGradient();

    private Tensor Parameter(params int[] shape) => Parameter(DType.Float64, shape);
}
