namespace Backprop.Tests.Core;

public class MatMulTests
{
    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    public void VectorsMatricesAndBatchesAgreeWithTheOracle(DType dtype)
    {
        var random = new Random(30);
        for (var round = 0; round < 120; round++)
        {
            int m = random.Next(1, 20), k = random.Next(1, 20), n = random.Next(1, 20);
            int[] batch = [.. Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(1, 4))];
            int[] left = [.. Thin(batch), m, k], right = [.. Thin(batch), k, n];
            var a = Naive.Random(random, random.Next(6) == 0 ? [k] : left);
            var b = Naive.Random(random, random.Next(6) == 0 ? [k] : right);
            a.MatMul(b).AssertSame(a.ToView(random, dtype).MatMul(b.ToView(random, dtype)));
        }

        int[] Thin(int[] batch) => [.. batch.Skip(random.Next(3) == 0 ? 1 : 0).Select(size => random.Next(3) == 0 ? 1 : size)];
    }

    [Fact]
    public void LargerProductsAndTransposedOnes()
    {
        var random = new Random(31);
        foreach (var (m, k, n) in new[] { (64, 100, 10), (1, 300, 70), (70, 300, 1), (33, 1, 65), (129, 67, 131) })
        {
            var (a, b) = (Naive.Random(random, m, k), Naive.Random(random, k, n));
            var product = a.MatMul(b);
            product.AssertSame(a.ToTensor(DType.Float32).MatMul(b.ToTensor(DType.Float32)));
            product.AssertSame(a.Permute(1, 0).ToTensor(DType.Float32).T.MatMul(b.Permute(1, 0).ToTensor(DType.Float32).T));
            product.AssertSame(a.ToTensor().MatMul(b.Permute(1, 0).ToTensor().T));
            product.Permute(1, 0).AssertSame(b.ToTensor().T.MatMul(a.ToTensor().T));
        }
    }

    [Fact]
    public void ExpandedBatchesAndEmptyProducts()
    {
        var random = new Random(32);
        var (a, b) = (Naive.Random(random, 3, 4), Naive.Random(random, 2, 1, 4, 5));
        var wide = a.ToTensor().Expand(2, 6, 3, 4);
        a.Broadcast([2, 6, 3, 4]).MatMul(b).AssertSame(wide.MatMul(b.ToTensor()));
        Assert.Equal([0f, 0, 0, 0], Tensor.Ones([2, 0]).MatMul(Tensor.Ones([0, 2])).ToArray<float>());
        Assert.Equal([0, 5], Tensor.Ones([0, 3]).MatMul(Tensor.Ones([3, 5])).Shape.ToArray());
        Assert.Equal([2, 0], Tensor.Ones([2, 3]).MatMul(Tensor.Ones([3, 0])).Shape.ToArray());
        Assert.Equal([0, 2, 5], Tensor.Ones([0, 2, 3]).MatMul(Tensor.Ones([3, 5])).Shape.ToArray());
    }

    [Fact]
    public void BatchAxesMayRunBackwards()
    {
        var random = new Random(33);
        var (a, b) = (Naive.Random(random, 2, 3, 4, 5), Naive.Random(random, 2, 3, 5, 2));
        var (left, right) = (a.ToTensor(), b.ToTensor());
        foreach (int[] axes in new int[][] { [0], [1], [0, 1], [0, 2], [1, 3], [0, 1, 2, 3] })
        {
            // The same elements, but stored backwards along the axes.
            var (x, y) = (left.Flip(axes).Contiguous().Flip(axes), right.Flip(axes).Contiguous().Flip(axes));
            a.MatMul(b).AssertSame(x.MatMul(y));
            a.MatMul(b).AssertSame(left.MatMul(y));
            GradientCheck.Verify(v => v[0].Flip(axes).MatMul(v[1]).Flip(axes), [left, right]);
        }
    }

    [Fact]
    public void RandomStridesOfBatchesAgreeWithTheOracle()
    {
        var random = new Random(34);
        for (var round = 0; round < 150; round++)
        {
            int[] batch = [.. Enumerable.Range(0, random.Next(2, 5)).Select(_ => random.Next(1, 4))];
            var (m, k, n) = (random.Next(1, 6), random.Next(1, 6), random.Next(1, 6));
            var (a, b) = (Naive.Random(random, [.. batch, m, k]), Naive.Random(random, [.. batch, k, n]));
            a.MatMul(b).AssertSame(Backwards(a.ToView(random)).MatMul(Backwards(b.ToView(random))));
        }

        Tensor Backwards(Tensor x)
        {
            int[] axes = [.. Enumerable.Range(0, x.Rank).Where(_ => random.Next(2) == 0)];
            return x.Flip(axes).Contiguous().Flip(axes);
        }
    }

    [Fact]
    public void ALinearMapWithoutOutputsHasZeroGradients()
    {
        var x = Tensor.Ones([64, 3]).RequireGradient();
        var (weight, bias) = (Tensor.Ones([0, 3]).RequireGradient(), Tensor.Ones([0]).RequireGradient());

        // What the second gradient is written to held other numbers before.
        (x * 7).Sum().Backward();
        x.ZeroGradient();
        Tensor.Linear(x, weight, bias).Sum().Backward();
        Assert.Equal(new float[64 * 3], x.Gradient!.ToArray<float>());
        Assert.Equal([0, 3], weight.Gradient!.Shape.ToArray());
        Assert.Equal([0], bias.Gradient!.Shape.ToArray());
    }

    [Fact]
    public void WhatDoesNotFitIsNamed()
    {
        Assert.Equal("matmul: inner dimensions differ: [64, 784] × [128, 10] (784 ≠ 128)", Fails([64, 784], [128, 10]));
        Assert.EndsWith("transpose the second one?", Fails([2, 3], [4, 3]), StringComparison.Ordinal);
        Assert.Contains("(3 ≠ 2)", Fails([3], [2]), StringComparison.Ordinal);
        Assert.Contains("(3 ≠ 4)", Fails([2, 3], [4]), StringComparison.Ordinal);
        Assert.Contains("leading axes", Fails([3, 1, 3], [4, 2, 3, 1]), StringComparison.Ordinal);
        Assert.Contains("scalar", Fails([], [2]), StringComparison.Ordinal);
        Assert.Throws<DTypeException>(() => Tensor.Ones([2, 2]).MatMul(Tensor.Ones([2, 2], DType.Float64)));
        Assert.Throws<DTypeException>(() => Tensor.Ones([2, 2], DType.Int32).MatMul(Tensor.Ones([2, 2], DType.Int32)));

        static string Fails(int[] a, int[] b) =>
            Assert.Throws<ShapeException>(() => Tensor.Zeros(a).MatMul(Tensor.Zeros(b))).Message;
    }

    [Theory]
    [InlineData("4", "4")]
    [InlineData("3,4", "4")]
    [InlineData("4", "4,2")]
    [InlineData("3,4", "4,2")]
    [InlineData("3,1", "1,2")]
    [InlineData("1,4", "4,1")]
    [InlineData("2,3,4", "4,2")]
    [InlineData("3,4", "2,4,2")]
    [InlineData("2,1,3,2", "3,2,2")]
    [InlineData("2,3,4", "4")]
    public void GradientsOfEveryShapeAreRight(string left, string right)
    {
        var generator = new Generator(4);
        var a = Tensor.Normal(Array.ConvertAll(left.Split(','), int.Parse), dtype: DType.Float64, generator: generator);
        var b = Tensor.Normal(Array.ConvertAll(right.Split(','), int.Parse), dtype: DType.Float64, generator: generator);
        GradientCheck.Verify(v => v[0].MatMul(v[1]).Tanh(), [a, b], order: 2);
        if (a.Rank > 1 && b.Rank > 1)
        {
            GradientCheck.Verify(
                v => v[0].Transpose().MatMul(v[1].Transpose()),
                [a.Transpose().Contiguous(), b.Transpose().Contiguous()]);
        }
    }

    [Fact]
    public void AMatrixTimesItself()
    {
        var a = Tensor.Normal([3, 3], dtype: DType.Float64, generator: new Generator(5));
        GradientCheck.Verify(v => v[0].MatMul(v[0]).MatMul(v[0].T).Sin(), [a], order: 2);
    }
}
