using System.Runtime.Intrinsics.X86;
using Backprop.Ops;

namespace Backprop.Tests.Catalog;

/// <summary>
/// Every elementwise rule in float32 against itself in float64, in units in the last place, over all of float32: 86,000 bit patterns of everything,
/// denormals, infinities and NaN included, and 158,000 between 2⁻¹² and 128, where things happen.
/// </summary>
public sealed class AccuracyTests
{
    /// <summary>What every rule keeps to.</summary>
    private const double Limit = 4;

    /// <summary>What rules keep to that can't, and why.</summary>
    private static readonly Dictionary<string, (double Limit, string Why)> Exceptions = new()
    {
        ["GeluRule"] = (12, "below the smallest normal number"),
        ["GeluTanhRule"] = (190, "in the tail below -5, where the result is below 1e-6: its exponent is rounded"),
        ["MishRule"] = (52, "below the smallest normal number"),
        ["SiluRule"] = (52, "below the smallest normal number"),
        ["TanhshrinkRule"] = (70, "x - tanh x loses digits where x is small, as its definition does"),
    };

    /// <summary>In place of parameters that float32 doesn't hold exactly.</summary>
    private static readonly Dictionary<string, Func<Tensor, Tensor>> WithExactParameters = new()
    {
        ["SoftplusRule"] = x => Elementwise.Apply(new SoftplusRule(2, 20), x),
        ["SoftshrinkRule"] = x => Elementwise.Apply(new SoftshrinkRule(0.5), x),
    };

    private const int Sparse = 50_021;
    private const int Dense = 2_017;

    public static TheoryData<string> Names() => [.. RuleCatalog.Unary.Select(entry => entry.Rule.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void SinglePrecisionIsWithinItsLimit(string rule)
    {
        var entry = RuleCatalog.Unary.Single(entry => entry.Rule.Name == rule);
        float[] inputs = [.. Inputs()];
        var x = Tensor.From(inputs);
        var apply = WithExactParameters.GetValueOrDefault(rule) ?? entry.Apply;
        var (single, exact) = (apply(x).ToArray<float>(), apply(x.To(DType.Float64)).ToArray<double>());
        var (worst, at) = (0.0, 0);
        for (var i = 0; i < inputs.Length; i++)
        {
            if (Ulps(exact[i], single[i]) is var error && !(error <= worst))
            {
                (worst, at) = (error, i);
            }
        }

        // Without fused multiply-add the steps of erfc's polynomial round twice.
        var limit = Exceptions.TryGetValue(rule, out var exception) ? exception.Limit : rule == "ErfcRule" && !Fma.IsSupported ? 6 : Limit;
        Assert.True(worst <= limit, $"{rule} at {inputs[at]:R} is {single[at]:R}, not {exact[at]:R}: {worst:F2} units in the last place, at most {limit}");
        Assert.True(limit <= 6 || worst > Limit, $"{rule} is no exception any more: {worst:F2}");
    }

    private static IEnumerable<float> Inputs()
    {
        foreach (var value in (float[])[0f, -0f, 1f, -1f, float.Epsilon, float.MaxValue, float.MinValue, float.PositiveInfinity, float.NegativeInfinity, float.NaN])
        {
            yield return value;
        }

        for (var bits = (long)int.MinValue; bits <= int.MaxValue; bits += Sparse)
        {
            yield return BitConverter.Int32BitsToSingle((int)bits);
        }

        for (var bits = BitConverter.SingleToInt32Bits(1f / 4096); bits < BitConverter.SingleToInt32Bits(128); bits += Dense)
        {
            yield return BitConverter.Int32BitsToSingle(bits);
            yield return -BitConverter.Int32BitsToSingle(bits);
        }
    }

    private static double Ulps(double expected, float actual)
    {
        var rounded = (float)expected;
        if (float.IsNaN(rounded) || float.IsInfinity(rounded) || !float.IsFinite(actual))
        {
            return rounded.Equals(actual) ? 0 : double.PositiveInfinity;
        }

        var size = MathF.Abs(rounded);
        var spacing = size == float.MaxValue ? (double)size - MathF.BitDecrement(size) : (double)MathF.BitIncrement(size) - size;
        return Math.Abs(expected - actual) / spacing;
    }
}
