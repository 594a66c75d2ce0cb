namespace Backprop;

/// <summary>
/// An abstract real number: what the formulas of elementwise rules are written over. One formula, instantiated with a SIMD
/// register, gives the kernel; with a tensor, a recorded expression (hence derivatives of every order); with a dual number,
/// an exact check of the rule.
/// </summary>
/// <remarks>
/// Literals convert implicitly (<c>1 / (1 + N.Exp(-x))</c>). Choices are made with <see cref="IfGreater"/> and its
/// siblings, never with C# conditionals, because one <typeparamref name="N"/> may stand for many elements.
/// A comparison with NaN is false, so the <c>otherwise</c> value is chosen.
/// </remarks>
/// <typeparam name="N">The number itself, a struct.</typeparam>
public interface IReal<N> where N : IReal<N>
{
    /// <summary>A constant.</summary>
    static abstract implicit operator N(double value);

    /// <summary>Sum.</summary>
    static abstract N operator +(N a, N b);

    /// <summary>Difference.</summary>
    static abstract N operator -(N a, N b);

    /// <summary>Product.</summary>
    static abstract N operator *(N a, N b);

    /// <summary>Quotient. Not defined on integers.</summary>
    static abstract N operator /(N a, N b);

    /// <summary>Negation.</summary>
    static abstract N operator -(N a);

    /// <summary>|x|.</summary>
    static abstract N Abs(N x);

    /// <summary>√x.</summary>
    static abstract N Sqrt(N x);

    /// <summary>eˣ.</summary>
    static abstract N Exp(N x);

    /// <summary>eˣ − 1, accurate near 0.</summary>
    static abstract N Expm1(N x);

    /// <summary>Natural logarithm.</summary>
    static abstract N Log(N x);

    /// <summary>ln(1 + x), accurate near 0.</summary>
    static abstract N Log1p(N x);

    /// <summary>Sine of an angle in radians.</summary>
    static abstract N Sin(N x);

    /// <summary>Cosine of an angle in radians.</summary>
    static abstract N Cos(N x);

    /// <summary>Hyperbolic tangent.</summary>
    static abstract N Tanh(N x);

    /// <summary>The logistic function 1 / (1 + e⁻ˣ).</summary>
    static abstract N Sigmoid(N x);

    /// <summary>Error function.</summary>
    static abstract N Erf(N x);

    /// <summary>1 − erf x, accurate where that is small.</summary>
    static abstract N Erfc(N x);

    /// <summary>The normal distribution function Φ(x) = erfc(−x/√2) / 2, accurate where that is small.</summary>
    static virtual N NormalDistribution(N x) => 0.5 * N.Erfc(-0.7071067811865476 * x);

    /// <summary>The normal distribution function with its derivative, the density φ(x) = e^(−x²/2) / √(2π).</summary>
    static virtual (N Distribution, N Density) Normal(N x) => (N.NormalDistribution(x), 0.3989422804014327 * N.Exp(-0.5 * x * x));

    /// <summary>The inverse of <see cref="Erf"/>: ±∞ at ±1, NaN beyond.</summary>
    static abstract N ErfInv(N x);

    /// <summary>ln |Γ(x)|.</summary>
    static abstract N LogGamma(N x);

    /// <summary>The derivative of order <paramref name="order"/> + 1 of <see cref="LogGamma"/>: the digamma function for order 0.</summary>
    static abstract N Polygamma(int order, N x);

    /// <summary>What the quotient rounded towards 0 leaves: exact, with the sign of a, NaN for b = 0 (0 on integers).</summary>
    static abstract N Fmod(N a, N b);

    /// <summary>The quotient where integers have one too: rounded towards 0 on them, and 0 for b = 0.</summary>
    static abstract N Quotient(N a, N b);

    /// <summary>xʸ.</summary>
    static abstract N Pow(N x, N y);

    /// <summary>The larger; NaN if either is NaN.</summary>
    static abstract N Max(N a, N b);

    /// <summary>The smaller; NaN if either is NaN.</summary>
    static abstract N Min(N a, N b);

    /// <summary>The largest integer not above x; its derivative is 0.</summary>
    static abstract N Floor(N x);

    /// <summary>The nearest integer, halves to even; its derivative is 0.</summary>
    static abstract N Round(N x);

    /// <summary>a &gt; b ? then : otherwise, element by element.</summary>
    static abstract N IfGreater(N a, N b, N then, N otherwise);

    /// <summary>a ≥ b ? then : otherwise, element by element.</summary>
    static abstract N IfGreaterOrEqual(N a, N b, N then, N otherwise);

    /// <summary>a = b ? then : otherwise, element by element.</summary>
    static abstract N IfEqual(N a, N b, N then, N otherwise);
}
