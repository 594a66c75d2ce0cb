namespace Backprop.Tests.Core;

public class ReductionTests
{
    public static TheoryData<DType> Numbers => [DType.Float32, DType.Float64, DType.Int32, DType.Int64];

    [Theory]
    [MemberData(nameof(Numbers))]
    public void AnyAxesOfAnyViewAgreeWithTheOracle(DType dtype)
    {
        var random = new Random(20);
        for (var round = 0; round < 80; round++)
        {
            int[] shape = [.. Enumerable.Range(0, random.Next(5)).Select(_ => random.Next(1, 6))];
            var oracle = Naive.Random(random, shape);
            var x = oracle.ToView(random, dtype);
            int[] axes = [.. Enumerable.Range(0, shape.Length).Where(_ => random.Next(2) == 0)];
            int[] all = axes.Length == 0 ? [.. Enumerable.Range(0, shape.Length)] : axes;
            int[] named = [.. axes.Select(axis => random.Next(2) == 0 ? axis : axis - shape.Length)];
            var keep = random.Next(2) == 0;
            oracle.Reduce(all, keep, group => group.Sum()).AssertSame(x.Sum(named, keep));
            oracle.Reduce(all, keep, group => group.Max()).AssertSame(x.Max(named, keep));
            oracle.Reduce(all, keep, group => group.Min()).AssertSame(x.Min(named, keep));
            if (dtype == DType.Float64)
            {
                oracle.Reduce(all, keep, group => group.Average()).AssertSame(x.Mean(named, keep), 1e-14);
                oracle.Reduce(all, keep, Spread).AssertSame(x.Variance(named, correction: 0, keep), 1e-12);
            }

            if (shape.Length > 0)
            {
                var axis = random.Next(shape.Length);
                oracle.Reduce([axis], keep, group => Array.IndexOf(group, group.Max())).AssertSame(x.ArgMax(axis, keep));
                oracle.Reduce([axis], keep, group => Array.IndexOf(group, group.Min())).AssertSame(x.ArgMin(axis, keep));
            }

            Assert.Equal(Array.IndexOf(oracle.Values, oracle.Values.Max()), x.ArgMax().Item<long>());
            Assert.Equal(Array.IndexOf(oracle.Values, oracle.Values.Min()), x.ArgMin().Item<long>());
        }

        static double Spread(double[] group) => group.Average(value => (value - group.Average()) * (value - group.Average()));
    }

    [Fact]
    public void LongReductionsOfEveryKind()
    {
        var random = new Random(21);
        foreach (var shape in new int[][] { [3, 1000], [1000, 3], [7, 500, 5], [100_000], [1, 33_333] })
        {
            var oracle = Naive.Random(random, shape);
            foreach (var dtype in new[] { DType.Float32, DType.Float64, DType.Int32, DType.Int64 })
            {
                var x = oracle.ToTensor(dtype);
                for (var axis = 0; axis < shape.Length; axis++)
                {
                    oracle.Reduce([axis], false, group => group.Sum()).AssertSame(x.Sum(axis));
                    oracle.Reduce([axis], false, group => group.Max()).AssertSame(x.Max(axis));
                    oracle.Reduce([axis], false, group => Array.IndexOf(group, group.Min())).AssertSame(x.ArgMin(axis));
                }
            }
        }
    }

    [Fact]
    public void SmallIntegersAndTruthValuesAreSummedInInt64()
    {
        Assert.Equal(4_000_000_000L, Tensor.From([2_000_000_000, 2_000_000_000]).Sum().Item<long>());
        Assert.Equal(2L, Tensor.From([true, false, true]).Sum().Item<long>());
        Assert.Equal([2L, 0], Tensor.From([true, false, true, false], 2, 2).Sum(0).ToArray<long>());
    }

    [Fact]
    public void EmptyReductions()
    {
        var none = Tensor.Zeros([0, 3]);
        Assert.Equal(0, none.Sum().Item());
        Assert.Equal([0f, 0, 0], none.Sum(0).ToArray<float>());
        Assert.Equal(0, none.Sum(1).Count);
        Assert.True(double.IsNaN(none.Mean().Item()));
        Assert.Contains("no elements", Assert.Throws<ShapeException>(() => none.Max()).Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => none.Min(0));
        Assert.Throws<ShapeException>(() => none.ArgMax(0));
        Assert.Equal([0], none.Max(1).Shape.ToArray());
    }

    [Fact]
    public void NaNWins()
    {
        var x = Tensor.From([1, double.NaN, 3, 2]);
        Assert.True(double.IsNaN(x.Max().Item()));
        Assert.True(double.IsNaN(x.Min().Item()));
        Assert.Equal(1, x.ArgMax().Item());
        Assert.Equal(1, x.ArgMin().Item());
    }

    [Fact]
    public void VarianceAndDeviation()
    {
        var x = Tensor.From([1.0, 2, 3, 4, 5, 9], 2, 3);
        Assert.Equal([1, 7], x.Variance(1).ToArray<double>());
        Assert.Equal([2.0 / 3, 14.0 / 3], x.Variance(1, correction: 0).ToArray<double>());
        Assert.Equal([Math.Sqrt(2.0 / 3), Math.Sqrt(14.0 / 3)], x.StandardDeviation(1, correction: 0).ToArray<double>());
        Assert.Equal(40.0 / 6, x.Variance([], 0).Item(), 1e-14);
        Assert.Equal(Math.Sqrt(8), x.StandardDeviation().Item(), 1e-15);
        Assert.True(double.IsNaN(Tensor.Scalar(1.0).Variance().Item()));
    }

    [Fact]
    public void ExpandedTensorsAreReducedWithoutBeingWrittenOut()
    {
        // 5 GB, if it were.
        var wide = Tensor.Ones([1]).Expand(65536, 20000);
        Assert.Equal(1, wide.Mean().Item());
        Assert.Equal(65536.0 * 20000, wide.Sum().Item());
        Assert.Equal(1, wide.Max().Item());
        Assert.Equal(0, wide.ArgMin().Item());
        Assert.Equal(65536.0 * 20000, Tensor.Ones([1], DType.Int32).Expand(65536, 20000).Sum().Item());
        Assert.Equal(65536.0 * 20000, Tensor.Scalar(true).Expand(65536, 20000).Sum().Item());

        var x = Tensor.Arange(20000, dtype: DType.Float64).RequireGradient();
        var sums = x.Expand(65536, 20000).Sum(0);
        Assert.Equal(65536.0 * 19999, sums[-1].Item());
        sums[^1].Backward();
        Assert.Equal(65536, x.Gradient![-1].Item());
        Assert.Equal(0, x.Gradient![0].Item());
        Assert.Equal([65536], x.Expand(65536, 20000).Max(1).Shape.ToArray());
        Assert.Equal(19999, x.Detach().Expand(65536, 20000).Max(1)[7].Item());
        Assert.Equal(19999, x.Detach().Expand(65536, 20000).ArgMax(1)[7].Item());
        Assert.Equal(19999, x.Detach().Expand(65536, 20000).ArgMax().Item());
    }

    [Fact]
    public void RandomlyExpandedTensorsAgreeWithTheOracle()
    {
        var random = new Random(22);
        for (var round = 0; round < 200; round++)
        {
            int[] shape = [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(1, 4))];
            int[] thin = [.. shape.Select(size => random.Next(2) == 0 ? 1 : size)];
            var small = Naive.Random(random, thin);
            var oracle = small.Broadcast(shape);
            int[] axes = [.. Enumerable.Range(0, shape.Length).Where(_ => random.Next(2) == 0)];
            int[] all = axes.Length == 0 ? [.. Enumerable.Range(0, shape.Length)] : axes;
            foreach (var dtype in new[] { DType.Float32, DType.Float64, DType.Int32, DType.Int64 })
            {
                var x = small.ToView(random, dtype).Expand(shape);
                oracle.Reduce(all, false, group => group.Sum()).AssertSame(x.Sum(axes));
                oracle.Reduce(all, true, group => group.Max()).AssertSame(x.Max(axes, keepDimensions: true));
                oracle.Reduce(all, false, group => group.Min()).AssertSame(x.Min(axes));
                oracle.Reduce([all[0]], false, group => Array.IndexOf(group, group.Max())).AssertSame(x.ArgMax(all[0]));
                Assert.Equal(Array.IndexOf(oracle.Values, oracle.Values.Min()), x.ArgMin().Item());
            }
        }
    }

    [Fact]
    public void AxesAreChecked()
    {
        var x = Tensor.Zeros([2, 3]);
        Assert.Equal("axis", Assert.Throws<ArgumentOutOfRangeException>(() => x.Sum(2)).ParamName);
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Max(-3));
        Assert.Throws<ShapeException>(() => x.Sum([0, -2]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Scalar(1f).Sum(0));
        Assert.Throws<DTypeException>(() => Tensor.Zeros([2], DType.Int32).Mean());
        Assert.Throws<DTypeException>(() => Tensor.Zeros([2], DType.Int64).Variance());
        Assert.Throws<DTypeException>(() => Tensor.Zeros([2], DType.Bool).Max());
    }

    [Fact]
    public void TiesShareTheGradient()
    {
        var x = Tensor.From([3.0, 1, 3, 3], 2, 2).RequireGradient();
        x.Max().Backward();
        Assert.Equal([1.0 / 3, 0, 1.0 / 3, 1.0 / 3], x.Gradient!.ToArray<double>());
        x.ZeroGradient();
        x.Min(0).Sum().Backward();
        Assert.Equal([0.5, 1, 0.5, 0], x.Gradient!.ToArray<double>());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void GradientsAreRight(int order)
    {
        var a = Tensor.Normal([2, 3, 2], dtype: DType.Float64, generator: new Generator(3));
        GradientCheck.Verify(v => v[0].Sum([0, 2]).Sin(), [a], order);
        GradientCheck.Verify(v => v[0].Mean(1, keepDimensions: true) * v[0].Exp(), [a], order);
        GradientCheck.Verify(v => v[0].Variance([0, 1]), [a], order);
        GradientCheck.Verify(v => v[0].StandardDeviation([2]), [a], order);
        GradientCheck.Verify(v => v[0].Max(1).Square() + v[0].Min([0, 1], keepDimensions: true).Exp(), [a], order);
    }
}
