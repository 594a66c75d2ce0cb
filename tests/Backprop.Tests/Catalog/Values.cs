namespace Backprop.Tests.Catalog;

/// <summary>Numbers for samples: the same in every run, and no two equal.</summary>
internal static class Values
{
    /// <summary>About evenly between −2 and 2, none nearer to 0 than 0.01, in no order (float64).</summary>
    public static Tensor Reals(params ReadOnlySpan<int> shape) => Fill(shape, 0.37, u => (u < 0.5 ? -0.01 : 0.01) + (4 * u) - 2);

    /// <summary>Other numbers than <see cref="Reals"/>, of the same kind.</summary>
    public static Tensor Others(params ReadOnlySpan<int> shape) => Fill(shape, 0.71, u => (u < 0.5 ? -0.01 : 0.01) + (4 * u) - 2);

    /// <summary>Between 0.2 and 2.2 (float64).</summary>
    public static Tensor Positives(params ReadOnlySpan<int> shape) => Fill(shape, 0.13, u => 0.2 + (2 * u));

    /// <summary>Between 0.05 and 0.95 (float64).</summary>
    public static Tensor Probabilities(params ReadOnlySpan<int> shape) => Fill(shape, 0.59, u => 0.05 + (0.9 * u));

    /// <summary>Positions from 0 up to <paramref name="size"/> (int64).</summary>
    public static Tensor Positions(int size, params ReadOnlySpan<int> shape) => Fill(shape, 0.23, u => Math.Floor(u * size)).To(DType.Int64);

    /// <summary>Truth values, about half of them true.</summary>
    public static Tensor Mask(params ReadOnlySpan<int> shape) => Fill(shape, 0.91, u => u) > 0.5;

    private static Tensor Fill(ReadOnlySpan<int> shape, double start, Func<double, double> map)
    {
        var count = 1;
        foreach (var size in shape)
        {
            count *= size;
        }

        // Multiples of the golden section fill the interval evenly and never meet.
        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            var u = start + ((i + 1) * 0.6180339887498949);
            values[i] = map(u - Math.Floor(u));
        }

        return Tensor.From(values).Reshape(shape);
    }
}
