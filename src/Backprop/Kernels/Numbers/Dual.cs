using Backprop.Kernels;

namespace Backprop;

/// <summary>
/// A value together with its exact derivative along one direction (forward-mode differentiation). Evaluating a formula with
/// <see cref="Variable"/> gives f(x) and f′(x) at once, without finite differences.
/// </summary>
/// <remarks>
/// Where a derivative does not exist the conventions are: 0 for <see cref="Abs"/> at 0, half of each side for
/// <see cref="Max"/> and <see cref="Min"/> of equal values, 0 for <see cref="Floor"/> and <see cref="Round"/>. A choice
/// such as <see cref="IfGreater"/> has the derivative of the side chosen.
/// </remarks>
/// <param name="Value">The value.</param>
/// <param name="Slope">The derivative of the value.</param>
public readonly record struct Dual(double Value, double Slope) : IReal<Dual>
{
    private const double TwoOverRootPi = 1.1283791670955126;

    /// <summary>The variable of differentiation at <paramref name="value"/>: its slope is 1.</summary>
    public static Dual Variable(double value) => new(value, 1);

    /// <summary>A constant: its slope is 0.</summary>
    public static implicit operator Dual(double value) => new(value, 0);

    /// <summary>Sum.</summary>
    public static Dual operator +(Dual a, Dual b) => new(a.Value + b.Value, a.Slope + b.Slope);

    /// <summary>Difference.</summary>
    public static Dual operator -(Dual a, Dual b) => new(a.Value - b.Value, a.Slope - b.Slope);

    /// <summary>Product.</summary>
    public static Dual operator *(Dual a, Dual b) => new(a.Value * b.Value, a.Slope * b.Value + a.Value * b.Slope);

    /// <summary>Quotient.</summary>
    public static Dual operator /(Dual a, Dual b)
    {
        var quotient = a.Value / b.Value;
        return new(quotient, (a.Slope - quotient * b.Slope) / b.Value);
    }

    /// <summary>Negation.</summary>
    public static Dual operator -(Dual a) => new(-a.Value, -a.Slope);

    /// <summary>|x|; slope 0 at 0.</summary>
    public static Dual Abs(Dual x) => new(Math.Abs(x.Value), x.Value > 0 ? x.Slope : x.Value < 0 ? -x.Slope : 0 * x.Value);

    /// <summary>√x.</summary>
    public static Dual Sqrt(Dual x)
    {
        var root = Math.Sqrt(x.Value);
        return Chain(root, 0.5 / root, x);
    }

    /// <summary>eˣ.</summary>
    public static Dual Exp(Dual x)
    {
        var power = Math.Exp(x.Value);
        return Chain(power, power, x);
    }

    /// <summary>eˣ − 1, accurate near 0.</summary>
    public static Dual Expm1(Dual x) => Chain(ScalarMath.Expm1(x.Value), Math.Exp(x.Value), x);

    /// <summary>Natural logarithm.</summary>
    public static Dual Log(Dual x) => Chain(Math.Log(x.Value), 1 / x.Value, x);

    /// <summary>ln(1 + x), accurate near 0.</summary>
    public static Dual Log1p(Dual x) => Chain(ScalarMath.Log1p(x.Value), 1 / (1 + x.Value), x);

    /// <summary>Sine of an angle in radians.</summary>
    public static Dual Sin(Dual x) => Chain(Math.Sin(x.Value), Math.Cos(x.Value), x);

    /// <summary>Cosine of an angle in radians.</summary>
    public static Dual Cos(Dual x) => Chain(Math.Cos(x.Value), -Math.Sin(x.Value), x);

    /// <summary>Hyperbolic tangent.</summary>
    public static Dual Tanh(Dual x)
    {
        var y = Math.Tanh(x.Value);
        var cosh = Math.Cosh(x.Value);
        return Chain(y, 1 / (cosh * cosh), x);
    }

    /// <summary>The logistic function 1 / (1 + e⁻ˣ).</summary>
    public static Dual Sigmoid(Dual x)
    {
        // From e^-|x|, so that neither tail overflows; σ' = σ(x) σ(-x).
        var z = Math.Exp(-Math.Abs(x.Value));
        var below = z / (1 + z);
        var above = 1 / (1 + z);
        return Chain(x.Value >= 0 ? above : below, above * below, x);
    }

    /// <summary>Error function.</summary>
    public static Dual Erf(Dual x) => Chain(ScalarMath.Erf(x.Value), TwoOverRootPi * Math.Exp(-x.Value * x.Value), x);

    /// <summary>1 − erf x, accurate where that is small.</summary>
    public static Dual Erfc(Dual x) => Chain(ScalarMath.Erfc(x.Value), -TwoOverRootPi * Math.Exp(-x.Value * x.Value), x);

    /// <summary>The inverse of the error function.</summary>
    public static Dual ErfInv(Dual x)
    {
        var y = ScalarMath.ErfInv(x.Value);
        return Chain(y, Math.Exp(y * y) / TwoOverRootPi, x);
    }

    /// <summary>ln |Γ(x)|.</summary>
    public static Dual LogGamma(Dual x) => Chain(ScalarMath.LogGamma(x.Value), ScalarMath.Digamma(x.Value), x);

    /// <summary>The polygamma function.</summary>
    public static Dual Polygamma(int order, Dual x) => Chain(ScalarMath.Polygamma(order, x.Value), ScalarMath.Polygamma(order + 1, x.Value), x);

    /// <summary>The remainder with the sign of a; its slopes are 1 and −a/b rounded towards 0.</summary>
    public static Dual Fmod(Dual a, Dual b)
    {
        var rest = a.Value % b.Value;
        return new(rest, a.Slope - (b.Slope == 0 ? 0 : Math.Round((a.Value - rest) / b.Value) * b.Slope));
    }

    /// <summary>Quotient.</summary>
    public static Dual Quotient(Dual a, Dual b) => a / b;

    /// <summary>
    /// xʸ. Along x the slope is y·xʸ⁻¹ (0 where y = 0); along y it is xʸ·ln x (0 where x = 0 and y ≥ 0).
    /// </summary>
    public static Dual Pow(Dual x, Dual y)
    {
        var power = Math.Pow(x.Value, y.Value);
        var alongX = x.Slope == 0 || y.Value == 0 ? 0 : y.Value * Math.Pow(x.Value, y.Value - 1) * x.Slope;
        var alongY = y.Slope == 0 || (x.Value == 0 && y.Value >= 0) ? 0 : power * Math.Log(x.Value) * y.Slope;
        return new(power, alongX + alongY);
    }

    /// <summary>The larger; NaN if either is NaN; half of each slope if they are equal.</summary>
    public static Dual Max(Dual a, Dual b) => new(Math.Max(a.Value, b.Value), Larger(a, b));

    /// <summary>The smaller; NaN if either is NaN; half of each slope if they are equal.</summary>
    public static Dual Min(Dual a, Dual b) => new(Math.Min(a.Value, b.Value), -Larger(-a, -b));

    /// <summary>The largest integer not above x; its slope is 0.</summary>
    public static Dual Floor(Dual x) => new(Math.Floor(x.Value), 0);

    /// <summary>The nearest integer, halves to even; its slope is 0.</summary>
    public static Dual Round(Dual x) => new(Math.Round(x.Value, MidpointRounding.ToEven), 0);

    /// <summary>a &gt; b ? then : otherwise.</summary>
    public static Dual IfGreater(Dual a, Dual b, Dual then, Dual otherwise) => a.Value > b.Value ? then : otherwise;

    /// <summary>a ≥ b ? then : otherwise.</summary>
    public static Dual IfGreaterOrEqual(Dual a, Dual b, Dual then, Dual otherwise) => a.Value >= b.Value ? then : otherwise;

    /// <summary>a = b ? then : otherwise.</summary>
    public static Dual IfEqual(Dual a, Dual b, Dual then, Dual otherwise) => a.Value == b.Value ? then : otherwise;

    /// <summary>The chain rule; a constant stays one even where the function has no slope.</summary>
    private static Dual Chain(double value, double slope, Dual x) => new(value, x.Slope == 0 ? 0 : slope * x.Slope);

    private static double Larger(Dual a, Dual b) =>
        a.Value > b.Value ? a.Slope
        : a.Value < b.Value ? b.Slope
        : a.Value == b.Value ? 0.5 * (a.Slope + b.Slope)
        : double.NaN;
}
