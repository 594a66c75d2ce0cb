using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>Who gets the gradient of a window's maximum: the first of the largest, a NaN being the largest.</summary>
internal static class MaxShare<N>
    where N : struct, IReal<N>
{
    /// <summary>
    /// What is left of the gradient, where x is the maximum, which leaves nothing of it; else 0. Where the maximum is NaN, any NaN is it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static N Take(N x, N max, ref N left)
    {
        var taken = N.IfEqual(x, max, left, N.IfEqual(x, x, 0, left));
        left = N.IfEqual(x, max, 0, N.IfEqual(x, x, left, 0));
        return taken;
    }
}
