namespace Backprop.Tests.Core;

public class ElementsTests
{
    [Fact]
    public void ItemGivesTheOnlyElement()
    {
        Assert.Equal(2.5f, Tensor.Scalar(2.5f).Item<float>());
        Assert.Equal(2.5, Tensor.From([1, 2.5], 2, 1, 1)[1].Item());
        Assert.Equal(1, Tensor.Scalar(true).Item());
        Assert.True(Tensor.Scalar(true).Item<bool>());
        Assert.Equal(-7, Tensor.From([5L, -7])[1].Item());
        Assert.Contains("2 elements, not one", Assert.Throws<ShapeException>(() => Tensor.From([1, 2]).Item()).Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => Tensor.Zeros([0]).Item<float>());
        Assert.Contains("To(DType.Float64)", Assert.Throws<DTypeException>(() => Tensor.Scalar(1f).Item<double>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SpansAreTheElementsThemselves()
    {
        var x = Tensor.From([1.0, 2, 3, 4, 5, 6], 3, 2);
        var rows = x[1..].AsSpan<double>();
        x.AsWritableSpan<double>()[2] = 30;
        Assert.Equal([30, 4, 5, 6], rows.ToArray());
        var error = Assert.Throws<InvalidOperationException>(() => x.T.AsSpan<double>());
        Assert.Contains("call Contiguous()", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => x.T.AsWritableSpan<double>());
        Assert.Throws<DTypeException>(() => x.AsSpan<float>());
        Assert.Throws<DTypeException>(() => x.AsSpan<short>());
        Assert.True(Tensor.Zeros([2, 0]).AsSpan<float>().IsEmpty);
    }

    [Fact]
    public void CopiesOutAreInRowMajorOrder()
    {
        var x = Tensor.From([1, 2, 3, 4, 5, 6], 3, 2);
        Assert.Equal([1, 3, 5, 2, 4, 6], x.T.ToArray<int>());
        var room = new int[8];
        x.T.CopyTo(room.AsSpan());
        Assert.Equal([1, 3, 5, 2, 4, 6, 0, 0], room);
        Assert.Contains("span of 5", Assert.Throws<ArgumentException>(() => x.CopyTo(new int[5].AsSpan())).Message, StringComparison.Ordinal);
        Assert.Throws<DTypeException>(() => x.CopyTo(new long[6].AsSpan()));
        Assert.Throws<DTypeException>(() => x.ToArray<float>());
    }

    [Fact]
    public void CopiesInBroadcastAndReachViews()
    {
        var x = Tensor.Zeros([2, 3], DType.Int32);
        x.CopyFrom(Tensor.From([1, 2, 3]));
        Assert.Equal([1, 2, 3, 1, 2, 3], x.ToArray<int>());
        x.T.CopyFrom([10, 20, 30, 40, 50, 60]);
        Assert.Equal([10, 30, 50, 20, 40, 60], x.ToArray<int>());
        x[.., 1].CopyFrom(7);
        Assert.Equal([10, 7, 50, 20, 7, 60], x.ToArray<int>());
        x[1].CopyFrom(stackalloc int[] { -1, -2, -3 });
        Assert.Equal([10, 7, 50, -1, -2, -3], x.ToArray<int>());
        x.Fill(4);
        Assert.Equal([4, 4, 4, 4, 4, 4], x.ToArray<int>());
    }

    [Fact]
    public void CopiesInAreCheckedBeforeAnythingChanges()
    {
        var x = Tensor.From([1, 2, 3]);
        Assert.Throws<ShapeException>(() => x.CopyFrom(Tensor.From([1, 2])));
        Assert.Throws<ShapeException>(() => x.CopyFrom(Tensor.Zeros([2, 3], DType.Int32)));
        Assert.Throws<DTypeException>(() => x.CopyFrom(Tensor.From([1L, 2, 3])));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.CopyFrom(0.5));
        Assert.Throws<ShapeException>(() => x.CopyFrom([1, 2]));
        Assert.Throws<DTypeException>(() => x.CopyFrom([1L, 2, 3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Fill(0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.AddInPlace(0.5));
        Assert.Throws<DTypeException>(() => x.DivideInPlace(2));
        Assert.Throws<ArgumentNullException>(() => x.CopyFrom((Tensor)null!));
        Assert.Equal([1, 2, 3], x.ToArray<int>());
        Assert.Equal(0, x.Storage.Version);
    }

    [Fact]
    public void ArithmeticInPlace()
    {
        var x = Tensor.From([1.0, 2, 3, 4], 2, 2);
        Assert.Same(x, x.AddInPlace(1));
        x.SubtractInPlace(Tensor.From([1.0, 2])).MultiplyInPlace(10).DivideInPlace(Tensor.From([1.0, 5], 2, 1));
        Assert.Equal([10, 10, 6, 6], x.ToArray<double>());
        x.T.AddInPlace(Tensor.From([1.0, 2]));
        Assert.Equal([11, 11, 8, 8], x.ToArray<double>());
        x.AddInPlace(x);
        Assert.Equal([22, 22, 16, 16], x.ToArray<double>());
        Assert.Throws<DTypeException>(() => Tensor.Ones([2], DType.Bool).AddInPlace(true));
    }

    [Fact]
    public void OverlapsWithItselfAreCopiedFirst()
    {
        var x = Tensor.From([1.0, 2, 3, 4], 2, 2);
        x.CopyFrom(x.T);
        Assert.Equal([1, 3, 2, 4], x.ToArray<double>());
        x.AddInPlace(x.T);
        Assert.Equal([2, 5, 5, 8], x.ToArray<double>());
        var y = Tensor.Arange(6, DType.Int32);
        y[1..].CopyFrom(y[..^1]);
        Assert.Equal([0, 0, 1, 2, 3, 4], y.ToArray<int>());
        y.CopyFrom(y.Flip(0));
        Assert.Equal([4, 3, 2, 1, 0, 0], y.ToArray<int>());
        y.SubtractInPlace(y[0]);
        Assert.Equal([0, -1, -2, -3, -4, -4], y.ToArray<int>());
    }

    [Fact]
    public void RepeatedElementsCannotBeChanged()
    {
        var x = Tensor.From([1.0, 2]);
        var wide = x.Expand(3, 2);
        foreach (var change in new Action[] { () => wide.Fill(0), () => wide.AddInPlace(1), () => wide.CopyFrom(1), () => wide.MultiplyInPlace(2) })
        {
            Assert.Contains("call Clone()", Assert.Throws<InvalidOperationException>(change).Message, StringComparison.Ordinal);
        }

        Assert.Equal([1, 2], x.ToArray<double>());
        wide[0].Fill(9);
        Assert.Equal([9, 9], x.ToArray<double>());
    }
}
