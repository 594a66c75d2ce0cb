namespace Backprop.Tests.Tensors;

public class FromTests
{
    [Fact]
    public void ValuesWithoutAShapeAreAVector()
    {
        var array = new[] { 0L, 1, 1, 0 };
        Assert.Equal([4], Tensor.From([0, 1, 1, 0]).Shape);
        Assert.Equal([4], Tensor.From<long>([0, 1, 1, 0]).Shape);
        Assert.Equal([4], Tensor.From(array).Shape);
        Assert.Equal([4], Tensor.From(array.AsSpan()).Shape);
        Assert.Equal([4], Tensor.From((ReadOnlySpan<long>)array).Shape);
        Assert.Equal(DType.Int64, Tensor.From<long>([0, 1, 1, 0]).DType);
        Assert.Equal([0, 1, 1, 0], Tensor.From([0, 1, 1, 0]).AsSpan<int>());
    }

    [Fact]
    public void AShapeGivenIsTheShape()
    {
        Assert.Equal([2, 2], Tensor.From([0, 1, 1, 0], 2, 2).Shape);
        Assert.Equal([], Tensor.From([7f], []).Shape);
        Assert.Equal(0, Tensor.Scalar(7f).Rank);
        var error = Assert.Throws<ShapeException>(() => Tensor.From([0, 1, 1], 2, 2));
        Assert.Contains("3 values don't fill shape [2, 2]", error.Message);
    }
}
