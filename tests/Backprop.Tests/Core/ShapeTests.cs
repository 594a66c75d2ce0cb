namespace Backprop.Tests.Core;

public class ShapeTests
{
    private static readonly Naive Source = new([2, 3, 4], index => (index[0] * 100) + (index[1] * 10) + index[2]);
    private readonly Tensor x = Source.ToTensor();

    [Fact]
    public void SixteenAxesAreTheLimitForViewsToo()
    {
        int[] ones = [.. Enumerable.Repeat(1, Layout.MaxRank - 3)];
        var full = x.Reshape([.. ones, .. Source.Shape]);
        Source.Reshape([.. ones, .. Source.Shape]).Zip(new Naive([], _ => 1), (a, b) => a + b).AssertSame(full + 1.0);
        Refused("unsqueeze", () => full.Unsqueeze(0));
        Refused("index", () => _ = full[TensorIndex.NewAxis]);
        Refused("stack", () => Tensor.Stack([full, full]));
        Refused("reshape", () => full.Reshape([1, .. full.Shape]));
        Refused("expand", () => full.Expand([1, .. full.Shape]));
        Refused("view", () => full.Layout.Unsqueeze(0));
        Assert.Throws<ArgumentException>(() => new Backprop.Kernels.StridedPlan(new int[Layout.MaxRank + 1]));

        static void Refused(string operation, Action call)
        {
            var message = Assert.Throws<ShapeException>(call).Message;
            Assert.StartsWith(operation, message, StringComparison.Ordinal);
            Assert.Contains("at most 16 axes, not 17", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void EmptyExpandedTensorsRepeatNothing()
    {
        var empty = Tensor.Ones([1, 0]).Expand(5, 0);
        Assert.Equal([5, 0], empty.AddInPlace(1).Shape.ToArray());
        Assert.Equal([5, 0], empty.Clone().Fill(2).Shape.ToArray());
        Assert.Equal([0, 4], Tensor.Ones([3, 1]).Expand(3, 4)[..0].Clone().CopyFrom(Tensor.Ones([4])).Shape.ToArray());
        Assert.Equal(0, Tensor.OnesLike(empty).AsWritableSpan<float>().Length);
    }

    [Fact]
    public void ReshapeOfContiguousTensorsIsAView()
    {
        Source.Reshape(6, 4).AssertSame(x.Reshape(6, 4));
        Source.Reshape(4, 1, 6).AssertSame(x.Reshape(4, 1, -1));
        Source.Reshape(24).AssertSame(x.Flatten());
        Source.Reshape(2, 12).AssertSame(x.Flatten(1));
        Source.Reshape(6, 4).AssertSame(x.Flatten(0, -2));
        Assert.True(Shares(x, x.Reshape(4, 6)));
        Assert.Equal([1], Tensor.Scalar(1).Flatten().Shape.ToArray());
        Assert.Equal([], Tensor.From([1]).Reshape().Shape.ToArray());
        Assert.Equal([0, 7], Tensor.Zeros([3, 0]).Reshape(0, 7).Shape.ToArray());
    }

    [Fact]
    public void ReshapeOfViewsAgreesWithTheOracleAndCopiesOnlyWhereItMust()
    {
        var random = new Random(8);
        int[][] shapes = [[24], [6, 4], [4, 6], [2, 3, 4], [3, 8], [2, 12], [1, 24, 1], [2, 2, 2, 3], [12, 1, 2]];
        for (var round = 0; round < 100; round++)
        {
            var view = Source.ToView(random);
            var shape = shapes[random.Next(shapes.Length)];
            Source.Reshape(shape).AssertSame(view.Reshape(shape));
        }

        var transposed = x.Transpose(0, 1);     // [3, 2, 4] with strides 4, 12, 1
        Assert.True(Shares(x, transposed.Reshape(3, 2, 2, 2)));
        Assert.False(Shares(x, transposed.Reshape(6, 4)));
        Assert.True(Shares(x, x[.., 1..].Reshape(2, 8)));
        Assert.False(Shares(x, x[.., .., 1..].Reshape(2, 9)));
    }

    [Fact]
    public void ReshapeChecksTheCount()
    {
        Assert.Equal("reshape: 24 elements of shape [2, 3, 4] don't fit [5, 5].", Assert.Throws<ShapeException>(() => x.Reshape(5, 5)).Message);
        Assert.Throws<ShapeException>(() => x.Reshape(5, -1));
        Assert.Throws<ShapeException>(() => x.Reshape(-1, -1));
        Assert.Throws<ShapeException>(() => x.Reshape(-2, -12));
        Assert.Throws<ShapeException>(() => Tensor.Zeros([0]).Reshape(0, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Flatten(2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Flatten(3));
    }

    [Fact]
    public void AxesChangePlaces()
    {
        Source.Permute(2, 0, 1).AssertSame(x.Permute(2, 0, 1));
        Source.Permute(2, 0, 1).AssertSame(x.Permute(-1, 0, -2));
        Source.Permute(0, 2, 1).AssertSame(x.Transpose());
        Source.Permute(2, 1, 0).AssertSame(x.Transpose(0, -1));
        Assert.True(Shares(x, x.Permute(2, 1, 0)));
        Assert.Throws<ShapeException>(() => x.Permute(0, 1));
        Assert.Throws<ShapeException>(() => x.Permute(0, 1, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Permute(0, 1, 3));
        Assert.Throws<ShapeException>(() => x.T);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Zeros([3]).Transpose());
    }

    [Fact]
    public void AxesOfSizeOneComeAndGo()
    {
        var y = Tensor.Zeros([1, 3, 1]);
        Assert.Equal([3], y.Squeeze().Shape.ToArray());
        Assert.Equal([3, 1], y.Squeeze(0).Shape.ToArray());
        Assert.Equal([1, 3], y.Squeeze(-1).Shape.ToArray());
        Assert.Equal([1, 1, 3, 1], y.Unsqueeze(0).Shape.ToArray());
        Assert.Equal([1, 3, 1, 1], y.Unsqueeze(-1).Shape.ToArray());
        Assert.Throws<ShapeException>(() => y.Squeeze(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => y.Unsqueeze(4));
    }

    [Fact]
    public void ExpandRepeatsWithoutCopying()
    {
        var row = Tensor.From([1.0, 2, 3]);
        var wide = row.Expand(4, 3);
        new Naive([4, 3], i => i[1] + 1).AssertSame(wide);
        Assert.Equal(0, wide.Strides[0]);
        Assert.True(Shares(row, wide));
        Assert.Equal([2, 3, 3], row.Unsqueeze(1).Expand(2, -1, 3).Shape.ToArray());
        Assert.Equal([12], wide.Reshape(-1).Shape.ToArray());
        new Naive([12], i => (i[0] % 3) + 1).AssertSame(wide.Reshape(12));
    }

    [Fact]
    public void JoiningAndCutting()
    {
        var random = new Random(9);
        for (var axis = 0; axis < 3; axis++)
        {
            var pieces = x.Split(2, axis);
            Source.AssertSame(Tensor.Concatenate(pieces, axis));
            Source.AssertSame(Tensor.Concatenate(x.Split([1, x.Shape[axis] - 1], axis), axis));
            var stacked = Tensor.Stack([x, Source.ToView(random)], axis);
            Source.AssertSame(stacked.Select(axis, 0));
            Source.AssertSame(stacked.Select(axis, 1));
        }

        Assert.Equal([2, 2], x.Split(2, 2).Select(piece => piece.Shape[2]));
        Assert.Equal([2, 1], x.Split(2, 1).Select(piece => piece.Shape[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Split(0));
        Assert.Throws<ShapeException>(() => x.Split([1, 2], 2));
        Assert.Throws<ShapeException>(() => Tensor.Concatenate([]));
        Assert.Throws<ShapeException>(() => Tensor.Concatenate([x, x[0]]));
        Assert.Throws<ShapeException>(() => Tensor.Concatenate([x, x[.., 1..]]));
        Assert.Throws<DTypeException>(() => Tensor.Concatenate([x, x.To(DType.Float32)]));
        Assert.Throws<ShapeException>(() => Tensor.Stack([x, x[1..]]));
    }

    [Fact]
    public void ContiguousAndCloneCopyWhatTheyShould()
    {
        Assert.Same(x, x.Contiguous());
        Assert.False(Shares(x, x.Clone()));
        Assert.True(x.T2().Contiguous().IsContiguous);
        Source.Permute(0, 2, 1).AssertSame(x.T2().Contiguous());
        Source.AssertSame(x.Clone());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void GradientsOfMovementsAreRight(int order)
    {
        var a = Tensor.Uniform([2, 3, 4], -1, 1, DType.Float64, new Generator(1));
        GradientCheck.Verify(v => Curve(v[0].Permute(2, 0, 1).Reshape(4, 6)), [a], order);
        GradientCheck.Verify(v => Curve(v[0].Flip(0, 2)[.., TensorIndex.Every(1.., 1), TensorIndex.Every(.., 3)]), [a], order);
        GradientCheck.Verify(v => Curve(v[0][1, ..2].Unsqueeze(1).Expand(2, 5, 4)), [a], order);
        GradientCheck.Verify(v => Curve(Tensor.Concatenate([v[0], v[1][.., 1..2], v[0].Flip(1)], 1)), [a, a], order);
        GradientCheck.Verify(v => Curve(Tensor.Stack([v[0], v[1], v[0], v[1]], 2)), [a, a], order);
        GradientCheck.Verify(v => Curve(v[0].Split(2, 2)[1].Squeeze().Clone()), [a], order);
        GradientCheck.Verify(v => Curve(v[0].Gather(2, Tensor.From([3, 0, 3, 1], 2, 2, 1))), [a], order);
        GradientCheck.Verify(v => Curve(v[0].IndexSelect(Tensor.From([2, 0, 2]), 1)), [a], order);
        GradientCheck.Verify(v => Curve(Tensor.Where(v[0] > 0, v[0], v[1])), [a, a.Flip(0).Contiguous()], order);

        static Tensor Curve(Tensor y) => y * y.Sin();
    }

    private static bool Shares(Tensor a, Tensor b) => ReferenceEquals(a.Storage, b.Storage);
}

internal static class TensorExtensions
{
    /// <summary>The last two axes exchanged: not contiguous.</summary>
    public static Tensor T2(this Tensor x) => x.Transpose(-1, -2);
}
