using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// Gradients of cumulative products and log-sum-exps along the middle index of contiguous [outer, length, inner] arrays of float or double: the
/// recurrences walked backwards, without a division, so that zeros and −∞ are nothing special.
/// </summary>
internal static unsafe class ScanGradients
{
    /// <summary>dx of y[k] = x[0] · … · x[k].</summary>
    /// <param name="x">[outer, length, inner].</param>
    /// <param name="y">The cumulative products.</param>
    /// <param name="g">The gradient of y.</param>
    /// <param name="dx">The gradient of x.</param>
    /// <param name="outer">Indices before.</param>
    /// <param name="length">Length of the lines.</param>
    /// <param name="inner">Indices after.</param>
    /// <param name="accumulate">Adds to what is there.</param>
    /// <param name="lastOnly">Only the last product has a gradient: g is [outer, inner].</param>
    public static void Product<T>(T* x, T* y, T* g, T* dx, nint outer, nint length, nint inner, bool accumulate, bool lastOnly = false)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Lines.Run(new Body<ProductBack, T>(x, y, g, dx, length, inner, accumulate, lastOnly), outer, length, inner, 1.5);

    /// <summary>dx of y[k] = ln (e^x[0] + … + e^x[k]); where y is −∞ it is 0.</summary>
    /// <inheritdoc cref="Product"/>
    public static void LogSumExp<T>(T* x, T* y, T* g, T* dx, nint outer, nint length, nint inner, bool accumulate)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Lines.Run(new Body<LogSumExpBack, T>(x, y, g, dx, length, inner, accumulate, lastOnly: false), outer, length, inner, 15);

    private interface IBack
    {
        /// <summary>What comes before the first element.</summary>
        static abstract double Start { get; }

        /// <summary>The gradient of x[k]; <paramref name="owed"/> is what later results owe y[k], and becomes what they owe y[k − 1].</summary>
        static abstract double Step(ref double owed, double x, double before, double y, double g);
    }

    private readonly struct ProductBack : IBack
    {
        public static double Start => 1;

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static double Step(ref double owed, double x, double before, double y, double g)
        {
            var total = owed + g;
            owed = total * x;
            return total * before;
        }
    }

    private readonly struct LogSumExpBack : IBack
    {
        public static double Start => double.NegativeInfinity;

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static double Step(ref double owed, double x, double before, double y, double g)
        {
            if (double.IsNegativeInfinity(y))
            {
                owed = 0;
                return 0;
            }

            var total = owed + g;
            owed = total * Math.Exp(before - y);
            return total * Math.Exp(x - y);
        }
    }

    private readonly struct Body<TBack, T>(T* x, T* y, T* g, T* dx, nint length, nint inner, bool accumulate, bool lastOnly) : ILineBody
        where TBack : struct, IBack
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(nint offset, nint line, int width)
        {
            var owed = stackalloc double[Lines.Width];
            for (var column = 0; column < width; column++)
            {
                owed[column] = lastOnly ? double.CreateTruncating(g[line + column]) : 0;
            }

            var at = offset + ((length - 1) * inner);
            for (var k = length - 1; k >= 0; k--, at -= inner)
            {
                for (var column = 0; column < width; column++)
                {
                    var i = at + column;
                    var before = k > 0 ? double.CreateTruncating(y[i - inner]) : TBack.Start;
                    var own = lastOnly ? 0 : double.CreateTruncating(g[i]);
                    var slope = T.CreateTruncating(TBack.Step(ref owed[column], double.CreateTruncating(x[i]), before, double.CreateTruncating(y[i]), own));
                    dx[i] = accumulate ? dx[i] + slope : slope;
                }
            }
        }
    }
}
