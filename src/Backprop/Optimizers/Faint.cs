using System.Runtime.CompilerServices;

namespace Backprop.Optimizers;

/// <summary>
/// Ends the fading of running means. Where a parameter gets no more gradient (the weight of a pixel that is nearly always black), a mean shrinks by a
/// factor every step until it is subnormal, and stays there: rounding takes it back to the same number. Many processors compute with such numbers a
/// hundred times slower.
/// </summary>
internal static class Faint
{
    /// <summary>Near the least normal number of float32, 2⁻¹²⁶, yet so far above that a product with the factor is still normal.</summary>
    private const double Limit = 1e-36;

    /// <summary>x, but 0 where |x| is below 10⁻³⁶. NaN stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static N ToZero<N>(N x)
        where N : IReal<N> => N.IfGreater(Limit, N.Abs(x), 0, x);
}
