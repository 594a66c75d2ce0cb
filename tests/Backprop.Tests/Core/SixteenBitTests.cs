using Backprop.Layers;
using Backprop.Optimizers;

namespace Backprop.Tests.Core;

/// <summary>bfloat16 and float16: stored in 16 bits, computed in float32, rounded to the nearest.</summary>
public sealed class SixteenBitTests
{
    public static TheoryData<DType> DTypes() => [DType.BFloat16, DType.Float16];

    [Fact]
    public void EveryBitPatternSurvivesTheWayThroughSingles()
    {
        var all = Enumerable.Range(0, 65536).Select(bits => (ushort)bits).ToArray();
        foreach (var dtype in new[] { DType.BFloat16, DType.Float16 })
        {
            var x = dtype == DType.BFloat16
                ? Tensor.From(Array.ConvertAll(all, b => System.Runtime.CompilerServices.Unsafe.BitCast<ushort, BFloat16>(b)))
                : Tensor.From(Array.ConvertAll(all, BitConverter.UInt16BitsToHalf));
            var singles = x.To(DType.Float32).ToArray<float>();
            var back = Tensor.From(singles).To(dtype);
            for (var i = 0; i < all.Length; i++)
            {
                var (before, after) = dtype == DType.BFloat16
                    ? (x.AsSpan<BFloat16>()[i], back.AsSpan<BFloat16>()[i])
                    : ((float)x.AsSpan<Half>()[i], (float)back.AsSpan<Half>()[i]);
                Assert.True(before.Equals(after) && before.Equals(singles[i]), $"{dtype} {all[i]:x4}: {before} became {after}");
            }
        }
    }

    [Theory]
    [InlineData(1.00390625f, 1f)]              // half way between 1 and 1 + 2⁻⁷: to the even one
    [InlineData(1.01171875f, 1.015625f)]
    [InlineData(1.0039064f, 1.0078125f)]
    [InlineData(-3.4e38f, float.NegativeInfinity)]
    [InlineData(1e-45f, 0f)]
    [InlineData(float.NaN, float.NaN)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity)]
    public void BrainFloatsRoundToTheNearestEven(float value, float expected)
    {
        Assert.Equal(expected, (float)(BFloat16)value);

        // The vectorised way, in every place of a register and in what is left over.
        Assert.All(Tensor.Full([37], value).To(DType.BFloat16).To(DType.Float32).ToArray<float>(), rounded => Assert.Equal(expected, rounded));
    }

    [Fact]
    public void BrainFloatsCompareAsNumbers()
    {
        BFloat16 zero = (BFloat16)0f, minusZero = (BFloat16)(-0f), nan = (BFloat16)float.NaN;
        Assert.True(zero == minusZero && zero.Equals(minusZero) && zero.GetHashCode() == minusZero.GetHashCode());
        Assert.True(nan != (BFloat16)float.NaN && nan.Equals((BFloat16)float.NaN));
        Assert.Equal("1.5", ((BFloat16)1.5f).ToString());
    }

    [Theory]
    [MemberData(nameof(DTypes))]
    public void OperationsComputeInSinglesAndRoundOnce(DType dtype)
    {
        var x = Tensor.Normal([5, 7], generator: new Generator(1)).To(dtype);
        var w = Tensor.Normal([7, 3], generator: new Generator(2)).To(dtype);
        var (wideX, wideW) = (x.To(DType.Float32), w.To(DType.Float32));
        Same(wideX.MatMul(wideW), x.MatMul(w));
        Same(wideX.Exp(), x.Exp());
        Same(wideX * 3 + 1, x * 3 + 1, twice: true);
        Same(wideX.Sum(1), x.Sum(1));
        Same(wideX.T.Softmax(0), x.T.Softmax(0));
        Same(Tensor.Concatenate([wideX, wideX]), Tensor.Concatenate([x, x]));
        Same(wideX[1.., TensorIndex.Every(.., 2)], x[1.., TensorIndex.Every(.., 2)]);
        Assert.Equal((wideX > 0).ToArray<bool>(), (x > 0).ToArray<bool>());
        Assert.Equal(wideX.ArgMax(1).ToArray<long>(), x.ArgMax(1).ToArray<long>());

        void Same(Tensor expected, Tensor actual, bool twice = false)
        {
            Assert.Equal(dtype, actual.DType);
            if (!twice)
            {
                Assert.Equal(expected.To(dtype).To(DType.Float32).ToArray<float>(), actual.To(DType.Float32).ToArray<float>());
            }
        }
    }

    /// <summary>A hundred thousand ones are more than float16 can count, and a running sum in bfloat16 would stop at 256.</summary>
    [Theory]
    [MemberData(nameof(DTypes))]
    public void SumsInBetweenMayBeOutOfRange(DType dtype)
    {
        var ones = Tensor.Full([100_000], 1, dtype);
        var rows = Tensor.Full([50_000, 2], 3, dtype);
        var zeros = Tensor.Zeros([100_000], dtype);
        Near(1, ones.Mean());
        Near(0, ones.Variance());
        Near(0, ones.StandardDeviation());
        Near(316.23, ones.Norm());
        Near(46.416, ones.Norm(3));
        Near(1, rows.CosineSimilarity(rows, axis: 0)[0]);
        Near(11.513, ones.LogSumExp() - 1);
        Near(0.0044721, rows.Normalize(axis: 0)[0, 0]);
        Near(1, Losses.MeanSquaredError(ones, zeros));
        Near(1, Losses.L1(ones, zeros));
        Near(0.69315, Losses.BinaryCrossEntropyWithLogits(zeros, zeros));
        Near(0.69315, Losses.CrossEntropy(Tensor.Zeros([100_000, 2], dtype), Tensor.Zeros([100_000], DType.Int64)));
        Near(1, Tensor.From([1000f, 1001f, 1002f]).To(DType.Float16).Variance());

        static void Near(double expected, Tensor actual) => Assert.InRange(actual.Item(), expected - 0.005 - (0.004 * expected), expected + 0.005 + (0.004 * expected));
    }

    /// <summary>The slope of ln Σ eˣ comes from the result before it was rounded: shares of 1.</summary>
    [Theory]
    [MemberData(nameof(DTypes))]
    public void SharesAddUpToOne(DType dtype)
    {
        foreach (var function in new Func<Tensor, Tensor>[] { x => x.LogSumExp(0), x => x.LogCumSumExp(0)[^1], x => x.LogSoftmax(0)[0] - x[0] + 100 })
        {
            var x = (Tensor.Linspace(0, 1, 8) + 100).To(dtype).RequireGradient();
            function(x).Backward();
            Assert.Equal(1, Math.Abs(x.Gradient!.To(DType.Float32).Sum().Item()), 0.01);
        }
    }

    [Theory]
    [MemberData(nameof(DTypes))]
    public void RunningStatisticsAreKeptInSingles(DType dtype)
    {
        var norm = new BatchNorm1d(1, dtype: dtype);
        Assert.Equal((DType.Float32, DType.Float32, dtype), (norm.RunningMean!.DType, norm.RunningVariance!.DType, norm.Weight!.DType));
        var x = Tensor.From([99f, 101f], 2, 1).To(dtype);
        for (var step = 0; step < 200; step++)
        {
            Assert.Equal(dtype, norm.Forward(x).DType);
        }

        Assert.Equal(100, norm.RunningMean.Item(), 1e-3);
        Assert.Equal(2, norm.RunningVariance.Item(), 1e-3);
        norm.Evaluate();
        Assert.Equal(0.7071, norm.Forward(x)[1, 0].Item(), 0.003);
        Assert.Throws<DTypeException>(() => norm.Forward(x.To(DType.Float32)));

        var bare = new InstanceNorm1d(1, affine: false, trackRunningStatistics: true, dtype: dtype);
        Assert.Equal(dtype, bare.Forward(x.Reshape(1, 1, 2)).DType);
    }

    [Theory]
    [MemberData(nameof(DTypes))]
    public void GradientsTravelInSinglesAndAreRoundedAtTheLeaf(DType dtype)
    {
        var x = Tensor.From([0.5f, -1.25f, 2f]).To(dtype).RequireGradient();
        var wide = x.Detach().To(DType.Float32);
        var exponential = wide.Exp().To(dtype).To(DType.Float32);
        (x.Exp() * x).Sum().Backward();
        Assert.Equal(dtype, x.Gradient!.DType);
        Assert.Equal((exponential + (wide * exponential)).To(dtype).To(DType.Float32).ToArray<float>(), x.Gradient!.To(DType.Float32).ToArray<float>());

        // A thousand contributions of 2⁻⁹ to a gradient of 1 would each be lost in 16 bits; they are added in float32.
        var y = Tensor.Scalar(1f).To(dtype).RequireGradient();
        var sum = y.To(DType.Float32);
        var middle = y * 1;
        for (var i = 0; i < 512; i++)
        {
            sum += middle.To(DType.Float32) / 512;
        }

        sum.Backward();
        Assert.Equal(2, y.Gradient!.Item(), 1e-6);
    }

    [Theory]
    [MemberData(nameof(DTypes))]
    public void SecondDerivativesExist(DType dtype)
    {
        var x = Tensor.From([0.5f, -1.5f]).To(dtype).RequireGradient();
        var slope = Gradient.Of((x * x * x).Sum(), x, record: true);
        Assert.Equal(dtype, slope.DType);
        Assert.Equal([3f, -9f], Gradient.Of(slope.Sum(), x).To(DType.Float32).ToArray<float>());
    }

    [Theory]
    [MemberData(nameof(DTypes))]
    public void GradientsAddUpAndWeightsStayInSingles(DType dtype)
    {
        var x = Tensor.From([1f, 2f]).To(dtype).RequireGradient();
        (x * x).Sum().Backward();
        (x * x).Sum().Backward();
        Assert.Equal([4f, 8f], x.Gradient!.To(DType.Float32).ToArray<float>());
        var refusal = Assert.Throws<DTypeException>(() => new Sgd([x], learningRate: 0.1));
        Assert.Contains("keep the parameter in float32", refusal.Message);

        // The way it is meant: a float32 parameter, converted where it is used.
        var layer = new Linear(2, 1, generator: new Generator(4));
        var optimizer = new Sgd(layer.Parameters(), learningRate: 0.1);
        Tensor.Linear(x.Detach().Reshape(1, 2), layer.Weight.To(dtype)).To(DType.Float32).Sum().Backward();
        Assert.Equal([1f, 2f], layer.Weight.Gradient!.ToArray<float>());
        optimizer.Step();
    }

    [Theory]
    [MemberData(nameof(DTypes))]
    public void CreationElementsPrintingAndInPlace(DType dtype)
    {
        Assert.Equal([0f, 1f, 2f], Tensor.Arange(3, dtype).To(DType.Float32).ToArray<float>());
        Assert.Equal(1.5, Tensor.Full([2], 1.5, dtype)[1].Item());
        Assert.All(Tensor.Uniform([100], 1, 2, dtype, new Generator(1)).To(DType.Float32).ToArray<float>(), value => Assert.InRange(value, 1f, 2f));
        var x = Tensor.Zeros([2, 2], dtype);
        x[0].AddInPlace(Tensor.Ones([2], dtype) * 2);
        x.T.MultiplyInPlace(3);
        x.Fill(x[0, 1].Item() + 1);
        Assert.Equal([7f, 7f, 7f, 7f], x.To(DType.Float32).ToArray<float>());
        Assert.Contains("7", x.ToString());
        Assert.Equal([7f, 7f, 7f, 7f], x.T.Clone().To(DType.Float64).To(DType.Float32).ToArray<float>());
        Assert.Equal([7L, 7, 7, 7], x.To(DType.Int64).Flatten().ToArray<long>());
        Assert.Contains(dtype == DType.BFloat16 ? "bfloat16" : "float16", Assert.Throws<DTypeException>(() => x + Tensor.Ones([2, 2])).Message);
    }
}
