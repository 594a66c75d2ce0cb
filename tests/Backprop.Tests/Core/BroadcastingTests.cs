namespace Backprop.Tests.Core;

public class BroadcastingTests
{
    [Fact]
    public void ArithmeticAgreesWithTheOracleOnRandomShapesAndViews()
    {
        var random = new Random(1);
        for (var round = 0; round < 150; round++)
        {
            var (a, b) = Pair(random);
            var dtype = new[] { DType.Float32, DType.Float64, DType.Int32, DType.Int64 }[round % 4];
            var (x, y) = (a.ToView(random, dtype), b.ToView(random, dtype));
            a.Zip(b, (p, q) => p + q).AssertSame(x + y);
            a.Zip(b, (p, q) => p - q).AssertSame(x - y);
            a.Zip(b, (p, q) => p * q).AssertSame(x * y);
            a.Zip(b, Math.Max).AssertSame(x.Maximum(y));
            a.Zip(b, Math.Min).AssertSame(x.Minimum(y));
            Assert.Equal(dtype, (x + y).DType);
            if (dtype == DType.Float64)
            {
                a.Zip(b, (p, q) => p / q).AssertSame(x / y);
            }
        }
    }

    [Fact]
    public void ComparisonsAgreeWithTheOracle()
    {
        var random = new Random(2);
        for (var round = 0; round < 100; round++)
        {
            var (a, b) = Pair(random);
            var dtype = new[] { DType.Float32, DType.Float64, DType.Int32, DType.Int64 }[round % 4];
            var (x, y) = (a.ToView(random, dtype), b.ToView(random, dtype));
            a.Zip(b, (p, q) => p > q ? 1 : 0).AssertSame(x > y);
            a.Zip(b, (p, q) => p >= q ? 1 : 0).AssertSame(x >= y);
            a.Zip(b, (p, q) => p < q ? 1 : 0).AssertSame(x < y);
            a.Zip(b, (p, q) => p <= q ? 1 : 0).AssertSame(x <= y);
            a.Zip(b, (p, q) => p == q ? 1 : 0).AssertSame(x.EqualTo(y));
            a.Zip(b, (p, q) => p != q ? 1 : 0).AssertSame(x.NotEqualTo(y));
            a.Zip(b, (p, q) => (p > 0) & (q > 0) ? 1 : 0).AssertSame((x > 0) & (y > 0));
            a.Zip(b, (p, q) => (p > 0) | (q > 0) ? 1 : 0).AssertSame((x > 0) | (y > 0));
            a.Zip(b, (p, q) => (p > 0) ^ (q > 0) ? 1 : 0).AssertSame((x > 0) ^ (y > 0));
            a.Zip(a, (p, q) => p > 0 ? 0 : 1).AssertSame(!(x > 0));
            Assert.Equal(DType.Bool, (x > y).DType);
        }
    }

    [Fact]
    public void WhereAgreesWithTheOracle()
    {
        var random = new Random(3);
        for (var round = 0; round < 100; round++)
        {
            var (a, b) = Pair(random);
            var (c, _) = Pair(random, b.Shape);
            var shape = Naive.BroadcastShape(Naive.BroadcastShape(a.Shape, b.Shape), c.Shape);
            if (c.Shape.Length > shape.Length || !Fits(c.Shape, shape))
            {
                continue;
            }

            var condition = c.Broadcast(shape);
            var (wideA, wideB) = (a.Broadcast(shape), b.Broadcast(shape));
            var dtype = new[] { DType.Float32, DType.Float64, DType.Int32, DType.Int64 }[round % 4];
            new Naive(shape, i => condition[i] > 0 ? wideA[i] : wideB[i])
                .AssertSame(Tensor.Where(c.ToView(random) > 0, a.ToView(random, dtype), b.ToView(random, dtype)));
        }
    }

    [Fact]
    public void GradientsAreSummedBackToTheShapeOfTheInput()
    {
        var random = new Random(4);
        for (var round = 0; round < 60; round++)
        {
            var (a, b) = Pair(random);
            var (x, y) = (a.ToView(random).RequireGradient(), b.ToView(random).RequireGradient());
            var z = x * y;
            var seed = Naive.Random(random, z.Shape.ToArray());
            z.Backward(seed.ToTensor());
            SumTo(seed.Zip(b, (g, q) => g * q), a.Shape).AssertSame(x.Gradient!);
            SumTo(seed.Zip(a, (g, p) => g * p), b.Shape).AssertSame(y.Gradient!);
        }
    }

    [Fact]
    public void ColumnTimesRowIsTheOuterProductForwardAndBackward()
    {
        var (u, v) = (Tensor.From([1.0, 2, 3], 3, 1).RequireGradient(), Tensor.From([10.0, 20], 1, 2).RequireGradient());
        double[] outer = [10, 20, 20, 40, 30, 60];
        Assert.Equal(outer, (u * v).ToArray<double>());
        Assert.Equal(outer, u.MatMul(v).ToArray<double>());
        (u * v).Sum().Backward();
        Assert.Equal([30, 30, 30], u.Gradient!.ToArray<double>());
        Assert.Equal([6, 6], v.Gradient!.ToArray<double>());
        u.ZeroGradient();
        v.ZeroGradient();
        u.MatMul(v).Sum().Backward();
        Assert.Equal([30, 30, 30], u.Gradient!.ToArray<double>());
        Assert.Equal([6, 6], v.Gradient!.ToArray<double>());
    }

    [Fact]
    public void ShapesThatDoNotFitAreNamed()
    {
        var error = Assert.Throws<ShapeException>(() => Tensor.Zeros([3, 4]) + Tensor.Zeros([3, 5]));
        Assert.Equal("add: shapes [3, 4] and [3, 5] do not broadcast; aligned from the right, sizes must be equal or 1.", error.Message);
        Assert.Throws<ShapeException>(() => Tensor.Zeros([2]) > Tensor.Zeros([3]));
        Assert.Throws<ShapeException>(() => Tensor.Where(Tensor.Zeros([2], DType.Bool), Tensor.Zeros([3]), 0));
        Assert.Throws<ShapeException>(() => Tensor.Zeros([2, 0]) * Tensor.Zeros([2, 3]));
        Assert.Equal([2, 0], (Tensor.Zeros([2, 0]) * Tensor.Zeros([2, 1])).Shape.ToArray());
        Assert.Throws<ShapeException>(() => Tensor.Zeros([2, 3]).Expand(3));
        Assert.Throws<ShapeException>(() => Tensor.Zeros([2, 3]).Expand(2, 4));
    }

    /// <summary>Two random shapes that broadcast, with random elements.</summary>
    private static (Naive A, Naive B) Pair(Random random, int[]? like = null)
    {
        var shape = like ?? [.. Enumerable.Range(0, random.Next(5)).Select(_ => random.Next(8) == 0 ? random.Next(2) : random.Next(1, 6))];
        return (Naive.Random(random, Thin()), Naive.Random(random, Thin()));

        int[] Thin() => [.. shape.Skip(random.Next(3) == 0 ? random.Next(shape.Length + 1) : 0).Select(size => random.Next(3) == 0 ? 1 : size)];
    }

    private static bool Fits(int[] shape, int[] target) => !shape.Where((_, i) => shape[^(i + 1)] != 1 && shape[^(i + 1)] != target[^(i + 1)]).Any();

    private static Naive SumTo(Naive x, int[] shape)
    {
        var lead = x.Shape.Length - shape.Length;
        var axes = Enumerable.Range(0, x.Shape.Length).Where(axis => axis < lead || shape[axis - lead] == 1).ToArray();
        return x.Reduce(axes, keep: true, group => group.Sum()).Reshape(shape);
    }
}
