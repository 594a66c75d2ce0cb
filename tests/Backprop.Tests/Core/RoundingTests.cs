using Backprop.Kernels;

namespace Backprop.Tests.Core;

/// <summary>Conversions to 16 bits round once, from any dtype.</summary>
public class RoundingTests
{
    [Fact]
    public void DoublesJustAboveATieRoundUp()
    {
        var half = Math.ScaleB(1, -11);
        var little = Math.ScaleB(1, -40);
        double[] at = [1 + half + little, 1 + half, 1 + half - little, -1 - half - little];
        var above = 1 + (2 * half);
        Assert.Equal([above, 1, 1, -above], Through(Tensor.From(at), DType.Float16));
        half = Math.ScaleB(1, -8);
        at = [1 + half + little, 1 + half, 1 + half - little, -1 - half - little];
        above = 1 + (2 * half);
        Assert.Equal([above, 1, 1, -above], Through(Tensor.From(at), DType.BFloat16));
        Assert.Equal([above, above], Tensor.Full([2], 1 + half + little, DType.BFloat16).To(DType.Float64).ToArray<double>());
    }

    [Fact]
    public void IntegersJustAboveATieRoundUp()
    {
        foreach (var power in new[] { 30, 40, 62 })
        {
            var (one, half) = (1L << power, 1L << (power - 8));
            Assert.Equal(
                [one + (2 * half), one, -(double)one - (2 * half), one],
                Through(Tensor.From([one + half + 1, one + half, -one - half - 1, one + half - 1]), DType.BFloat16));
        }

        var (whole, part) = (1 << 30, 1 << 22);
        Assert.Equal([whole + (2.0 * part), whole], Through(Tensor.From([whole + part + 1, whole + part]), DType.BFloat16));
        Assert.Equal([-Math.ScaleB(1, 63), Math.ScaleB(1, 63)], Through(Tensor.From([long.MinValue, long.MaxValue]), DType.BFloat16));
    }

    [Fact]
    public void HalvesAreWhatTheProcessorMakesOfDoubles()
    {
        var random = new Random(5);
        var values = new double[20000];
        for (var i = 0; i < values.Length; i++)
        {
            var near = (double)BitConverter.Int16BitsToHalf((short)random.Next(0x7C00));
            var next = (double)Half.BitIncrement((Half)near);
            values[i] = double.IsFinite(next) ? ((near + next) / 2) + ((random.Next(3) - 1) * near * Math.ScaleB(1, -random.Next(12, 50))) : 70000;
        }

        var expected = values.Select(value => (double)(Half)value).ToArray();
        Assert.Equal(expected, Through(Tensor.From(values), DType.Float16));
    }

    [Fact]
    public void SpecialNumbersStay()
    {
        double[] at = [0, -0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1e300, -1e300, 1e-300];
        double[] expected = [0, -0.0, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.PositiveInfinity, double.NegativeInfinity, 0];
        foreach (var dtype in new[] { DType.Float16, DType.BFloat16 })
        {
            Assert.Equal(expected, Through(Tensor.From(at), dtype));
        }

        Assert.Equal(1.5f, RoundToOdd.ToSingle(1.5));
    }

    private static double[] Through(Tensor x, DType dtype) => x.To(dtype).To(DType.Float64).ToArray<double>();
}
