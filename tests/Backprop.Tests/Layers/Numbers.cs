namespace Backprop.Tests.Layers;

/// <summary>Comparisons of tensors with plain numbers.</summary>
internal static class Numbers
{
    /// <summary>The elements as doubles, in row-major order.</summary>
    public static double[] Of(Tensor tensor) => tensor.To(DType.Float64).ToArray<double>();

    public static void Close(IReadOnlyList<double> expected, Tensor actual, double tolerance = 1e-12)
    {
        var values = Of(actual);
        Assert.Equal(expected.Count, values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            Assert.True(
                double.IsNaN(expected[i]) ? double.IsNaN(values[i]) : Math.Abs(expected[i] - values[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])),
                $"element {i} is {values[i]}, not {expected[i]}");
        }
    }

    public static void Close(double expected, Tensor actual, double tolerance = 1e-12)
    {
        Assert.Equal(0, actual.Rank);
        Close([expected], actual, tolerance);
    }

    /// <summary>Reproducible float64 values, normally distributed.</summary>
    public static Tensor Normal(ulong seed, params ReadOnlySpan<int> shape) => Tensor.Normal(shape, dtype: DType.Float64, generator: new Generator(seed));

    /// <summary>Gradients by central differences of the sum of a function's result weighted by 1, 2, 3, … against those of the tape.</summary>
    public static void CheckGradient(Func<Tensor, Tensor> function, Tensor at)
    {
        var x = at.Clone().RequireGradient();
        var y = function(x);
        var weights = Tensor.Arange(1, y.Count + 1, dtype: DType.Float64).Reshape(y.Shape);
        (y * weights).Sum().Backward();

        const double Step = 1e-6;
        var slopes = new double[at.Count];
        var values = at.ToArray<double>();
        for (var i = 0; i < values.Length; i++)
        {
            double At(double value)
            {
                var moved = (double[])values.Clone();
                moved[i] = value;
                return (function(Tensor.From(moved, at.Shape)) * weights).Sum().Item();
            }

            slopes[i] = (At(values[i] + Step) - At(values[i] - Step)) / (2 * Step);
        }

        Close(slopes, x.Gradient!, 1e-7);
    }

    /// <summary>The gradient of a scalar function, as a function that can be differentiated again.</summary>
    public static Func<Tensor, Tensor> Slope(Func<Tensor, Tensor> function) => at =>
    {
        var x = at.RequiresGradient ? at : at.Clone().RequireGradient();
        return Gradient.Of(function(x), x, record: true);
    };
}
