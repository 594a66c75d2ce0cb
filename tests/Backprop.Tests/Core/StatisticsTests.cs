namespace Backprop.Tests.Core;

/// <summary>Quantiles, distinct elements, places in sorted rows and histograms against numbers by hand.</summary>
public sealed class StatisticsTests
{
    [Fact]
    public void QuantilesLieBetweenTheirNeighbours()
    {
        var x = Tensor.From([4.0, 1, 3, 2]).RequireGradient();
        Assert.Equal([1, 1.75, 2.5, 4], new[] { 0, 0.25, 0.5, 1 }.Select(q => x.Quantile(q).Item()));
        x.Quantile(0.25).Backward();
        Assert.Equal([0, 0.25, 0, 0.75], x.Gradient!.ToArray<double>());
        Assert.Equal([2.0, 3], Tensor.From([1.0, 2, 2, 4, 3, 3], 3, 2).Quantile(0.5, 0).ToArray<double>());
        Assert.Equal([1, 3], Tensor.Zeros([4, 3]).Quantile(0.5, 0, keepDimensions: true).Shape.ToArray());
        Assert.True(Tensor.From([1.0, double.NaN, 2]).Quantile(0).Item() is double.NaN);
        Assert.Equal(double.PositiveInfinity, Tensor.From([1.0, 2, double.PositiveInfinity]).Quantile(1).Item());
    }

    [Fact]
    public void DistinctElementsComeInOrder()
    {
        var (values, inverse, counts) = Tensor.From([3, 1, 3, 2, 1, 3], 2, 3).Unique();
        Assert.Equal([1, 2, 3], values.ToArray<int>());
        Assert.Equal([2, 0, 2, 1, 0, 2], inverse.ToArray<long>());
        Assert.Equal([2, 3], inverse.Shape.ToArray());
        Assert.Equal([2, 1, 3], counts.ToArray<long>());

        var odd = Tensor.From([double.NaN, 0, -0.0, double.NaN]).Unique();
        Assert.Equal([0, double.NaN], odd.Values.ToArray<double>());
        Assert.Equal([2, 2], odd.Counts.ToArray<long>());
    }

    [Fact]
    public void PlacesInSortedRows()
    {
        var sorted = Tensor.From([1.0, 2, 2, 5]);
        var values = Tensor.From([0, 2, 5, 6, double.NaN]);
        Assert.Equal([0, 1, 3, 4, 4], sorted.SearchSorted(values).ToArray<long>());
        Assert.Equal([0, 3, 4, 4, 4], sorted.SearchSorted(values, right: true).ToArray<long>());
        Assert.Equal(1, sorted.SearchSorted(1.5).Item<long>());
        Assert.Equal([1, 0, 2, 1], Tensor.From([1, 3, 10, 30], 2, 2).SearchSorted(Tensor.From([2, 0, 99, 20], 2, 2)).ToArray<long>());
    }

    [Fact]
    public void HistogramsCountWhatIsBetweenTheirEdges()
    {
        var (counts, edges) = Tensor.From([0f, 1, 1.5f, 2, 3, 4]).Histogram(4);
        Assert.Equal([1, 2, 1, 2], counts.ToArray<long>());
        Assert.Equal([0f, 1, 2, 3, 4], edges.ToArray<float>());
        Assert.Equal([2, 1], Tensor.From([-1.0, 1, 1.5, 2.5, 3.5, double.NaN]).Histogram(2, 1, 3).Counts.ToArray<long>());
        Assert.Equal([0, 3], Tensor.From([7, 7, 7]).Histogram(2).Counts.ToArray<long>());
        Assert.Equal([6.5, 7, 7.5], Tensor.From([7, 7, 7]).Histogram(2).Edges.ToArray<double>());
        Assert.Equal([0, 0], Tensor.Zeros([0]).Histogram(2).Counts.ToArray<long>());
    }

    [Fact]
    public void BoundsForEachElement()
    {
        var x = Tensor.From([-1.0, 0, 1, 2]).RequireGradient();
        var high = Tensor.From([5.0, 0, 0, -3]).RequireGradient();
        var y = x.Clamp(0, high);
        Assert.Equal([0, 0, 0, -3], y.ToArray<double>());
        y.Sum().Backward();
        Assert.Equal([0.0, 1, 0, 0], x.Gradient!.ToArray<double>());
        Assert.Equal([0.0, 0, 1, 1], high.Gradient!.ToArray<double>());
        Assert.Same(x, x.Clamp(null, null));
    }

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float16)]
    [InlineData(DType.BFloat16)]
    public void WhatIsFinite(DType dtype)
    {
        var x = Tensor.From([1f, float.NaN, float.PositiveInfinity, float.NegativeInfinity]).To(dtype);
        Assert.Equal([true, false, false, false], x.IsFinite().ToArray<bool>());
        Assert.Equal([false, false, true, true], x.IsInfinity().ToArray<bool>());
        Assert.Equal([false, false], Tensor.From([1, 2]).IsInfinity().ToArray<bool>());
    }
}
