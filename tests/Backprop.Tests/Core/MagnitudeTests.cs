namespace Backprop.Tests.Core;

/// <summary>Numbers whose squares or products overflow or vanish, where the result itself does neither.</summary>
public class MagnitudeTests
{
    [Fact]
    public void CofactorsOfVeryDifferentMagnitudes()
    {
        var a = Tensor.From([1e200, 1e200, 1e-200, 1e-200]).Diag().RequireGradient();
        LinearAlgebra.Determinant(a).Backward();
        Near([1e-200, 1e-200, 1e200, 1e200], a.Gradient!.Diagonal(), 1e-13);

        // Row 0 times 2^600 and column 1 divided by 2^650: det is that of [[2, 1], [1, 3]], over 2^50.
        double up = Math.ScaleB(1, 600), down = Math.ScaleB(1, -650);
        a = Tensor.From([2 * up, up * down, 1, 3 * down], 2, 2).RequireGradient();
        LinearAlgebra.Determinant(a).Backward();
        Near([3 * down, -1, -up * down, 2 * up], a.Gradient!.Flatten(), 1e-13);
    }

    [Fact]
    public void ManyCofactorsThatOverflowOnTheWay()
    {
        var a = Tensor.From([1e60, 1e60, 1e60, 1e60, 1e60, 1e60, 1e60, 1e-60, 1e-60, 1e-60, 1e-60, 1e-60, 1e-60, 1e-60]).Diag().RequireGradient();
        LinearAlgebra.Determinant(a).Backward();
        Near([.. Enumerable.Repeat(1e-60, 7), .. Enumerable.Repeat(1e60, 7)], a.Gradient!.Diagonal(), 1e-12);
    }

    [Fact]
    public void ASecondDerivativeOfVeryDifferentMagnitudes()
    {
        // d² det / da₀₀ da₂₂ = a₁₁ a₃₃ = 1.
        var a = Tensor.From([1e200, 1e200, 1e-200, 1e-200]).Diag().RequireGradient();
        var first = Gradient.Of(LinearAlgebra.Determinant(a), a, record: true);
        var second = Gradient.Of(first[0, 0], a);
        Near([0, 1e-200 * 1e-200, 1, 1], second.Diagonal(), 1e-13);
    }

    [Fact]
    public void ANaNInABatchIsNaNInItsMatrixOnly()
    {
        var a = Tensor.From([1, 2, 3, 4, double.NaN, 0, 0, 1, 2, 0, 0, 2], 3, 2, 2).RequireGradient();
        LinearAlgebra.Determinant(a).Backward(Tensor.Ones([3], DType.Float64));
        var gradient = a.Gradient!.ToArray<double>();
        Near([4, -3, -2, 1], a.Gradient!.Select(0, 0).Flatten(), 1e-14);
        Assert.All(gradient[4..8], x => Assert.Equal(double.NaN, x));
        Near([2, 0, 0, 2], a.Gradient!.Select(0, 2).Flatten(), 1e-14);
    }

    [Fact]
    public void StandardDeviationsWhoseVariancesDoNotFit()
    {
        Deviates([1e30f, -1e30f], 1.4142135623730951e30, 0.7071067811865476);
        Deviates([1e-30f, -1e-30f], 1.4142135623730951e-30, 0.7071067811865476);
        Deviates([1e-5f, -1e-5f], 1.4142135623730951e-5, 0.7071067811865476);
        var x = Tensor.From([1e30f, -1e30f, 1, 3, 2, 2], 3, 2).RequireGradient();
        var y = x.StandardDeviation(1, correction: 0);
        y.Sum().Backward();
        Near([1e30, 1, 0], y, 1e-6);
        Near([0.5, -0.5, -0.5, 0.5, 0, 0], x.Gradient!.Flatten(), 1e-6);
    }

    [Theory]
    [InlineData(1e30f)]
    [InlineData(1e-30f)]
    [InlineData(2f)]
    public void NormalizedVectorsWhoseSquaresDoNotFit(float size)
    {
        foreach (var p in new[] { 2, 3 })
        {
            var x = Tensor.From([size, 0, size, -size], 2, 2).RequireGradient();
            var y = x.Normalize(p, axis: 0, epsilon: 1e-37);
            var length = Math.Pow(2, 1.0 / p);
            Near([1 / length, 0, 1 / length, -1], y.Flatten(), 1e-6);
            y[0, 0].Backward();
            Near([0.5 / length / size, 0, -0.5 / length / size, 0], x.Gradient!.Flatten(), 1e-6);
        }
    }

    [Theory]
    [InlineData(1e30f)]
    [InlineData(1e-30f)]
    [InlineData(1e-42f)]
    [InlineData(2f)]
    public void DistancesWhoseSquaresDoNotFit(float size)
    {
        var x = Tensor.From([3 * size, 0], 1, 2).RequireGradient();
        var y = Tensor.From([0, 4 * size, 3 * size, 0], 2, 2);
        var d = x.DistanceMatrix(y);
        Near([5.0 * size, 0], d.Flatten(), size < 1e-38f ? 2e-3 : 1e-6);
        d.Sum().Backward();
        Near([0.6, -0.8], x.Gradient!.Flatten(), size < 1e-38f ? 2e-3 : 1e-6);
    }

    [Fact]
    public void SingularValuesOfVeryDifferentMagnitudes()
    {
        Near([1, 1e-170, 1e-290], LinearAlgebra.SingularValues(Tensor.From([1e-170, 1, 1e-290]).Diag()), 1e-14);

        // The small block's singular values are the golden ratio and its reciprocal, times 1e-170.
        var golden = (1 + Math.Sqrt(5)) / 2;
        var a = Tensor.From([1, 0, 0, 0, 1e-170, 1e-170, 0, 0, 1e-170], 3, 3);
        var (u, s, v) = LinearAlgebra.Svd(a);
        Near([1, 1e-170 * golden, 1e-170 / golden], s, 1e-14);
        foreach (var q in new[] { u, v })
        {
            Assert.True((q.MatMul(q.Transpose()) - Tensor.Eye(3, dtype: DType.Float64)).Abs().Max().Item() < 1e-14);
        }

        Assert.Equal(2, LinearAlgebra.SingularValues(Tensor.From([1, 1, 0, 1e-160], 2, 2)).Count);
    }

    [Fact]
    public void AGradientOfQrNeedsIndependentColumns()
    {
        foreach (var a in new[] { Tensor.Ones([3, 2], DType.Float64), Tensor.Zeros([2, 2], DType.Float64), Tensor.Ones([2, 4], DType.Float64) })
        {
            var x = a.RequireGradient();
            var (q, r) = LinearAlgebra.Qr(x);
            var error = Assert.Throws<InvalidOperationException>(() => (q.Sum() + r.Sum()).Backward());
            Assert.StartsWith("qr: column ", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void ErrorsNameWhatWasCalled()
    {
        var x = Tensor.Zeros([2, 2], DType.Float64).RequireGradient();
        var error = Assert.Throws<InvalidOperationException>(() => LinearAlgebra.SignLogDeterminant(x).Log.Backward());
        Assert.StartsWith("sign_log_determinant: matrix 0 ", error.Message, StringComparison.Ordinal);
    }

    private static void Deviates(float[] at, double value, double slope)
    {
        var x = Tensor.From(at).RequireGradient();
        var y = x.StandardDeviation();
        y.Backward();
        Near([value], y.Reshape(1), 1e-6);
        Near([slope, -slope], x.Gradient!, 1e-6);
    }

    private static void Near(double[] expected, Tensor actual, double relative)
    {
        var values = actual.To(DType.Float64).ToArray<double>();
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(Math.Abs(expected[i] - values[i]) <= relative * Math.Abs(expected[i]), $"element {i} is {values[i]:R}, not {expected[i]:R}");
        }
    }
}
