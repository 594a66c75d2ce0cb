using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>Mean and sum of squared deviations of numbers, put together from those of parts without cancellation (Chan et al., 1979).</summary>
/// <param name="Count">How many numbers.</param>
/// <param name="Mean">Their mean.</param>
/// <param name="Squares">Σ (x − mean)².</param>
internal readonly record struct Moments(double Count, double Mean, double Squares)
{
    /// <summary>Σ (x − mean)² / n.</summary>
    public double Variance => Squares / Count;

    /// <summary>The moments of both together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Moments operator +(Moments a, Moments b)
    {
        if (a.Count == 0)
        {
            return b;
        }

        var count = a.Count + b.Count;
        var apart = b.Mean - a.Mean;
        return new Moments(count, a.Mean + (apart * (b.Count / count)), a.Squares + b.Squares + (apart * apart * (a.Count * b.Count / count)));
    }
}

/// <summary>Sums over contiguous numbers.</summary>
internal static unsafe class Moments<N, T>
    where N : struct, ILanes<N, T>, IReal<N>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    // Numbers that stay in the first-level cache between two looks at them.
    private const int Piece = 2048;

    // Fewer are in the first-level cache, and a second look at them costs less than a guess.
    private const int FewRegisters = 4;

    /// <summary>Mean and squared deviations of <paramref name="count"/> ≥ 1 numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Moments Of(T* x, nint count)
    {
        var total = OfPiece(x, Math.Min(count, Piece));
        for (nint at = Piece; at < count; at += Piece)
        {
            total += OfPiece(x + at, Math.Min(count - at, Piece));
        }

        return total;
    }

    /// <summary>Σ x² of <paramref name="count"/> numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double SumOfSquares(T* x, nint count)
    {
        var total = 0.0;
        for (nint at = 0; at < count; at += Piece)
        {
            total += double.CreateTruncating(Deviations(x + at, (int)Math.Min(count - at, Piece), 0, out _));
        }

        return total;
    }

    /// <summary>Σ g and Σ g (x − center).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (double Sum, double Product) Products(T* g, T* x, nint count, double center)
    {
        double sum = 0, product = 0;
        N mean = center;
        for (nint at = 0; at < count; at += Piece)
        {
            var end = Math.Min(count, at + Piece);
            N a = 0, b = 0, c = 0, d = 0;
            var i = at;
            for (; i + (2 * N.Count) <= end; i += 2 * N.Count)
            {
                var (first, second) = (N.Load(ref g[i]), N.Load(ref g[i + N.Count]));
                a += first;
                c += second;
                b = N.MultiplyAdd(first, N.Load(ref x[i]) - mean, b);
                d = N.MultiplyAdd(second, N.Load(ref x[i + N.Count]) - mean, d);
            }

            for (; i < end; i += N.Count)
            {
                var rest = (int)Math.Min(end - i, N.Count);
                var first = rest == N.Count ? N.Load(ref g[i]) : N.LoadFirst(g + i, rest, 0);
                var other = rest == N.Count ? N.Load(ref x[i]) : N.LoadFirst(x + i, rest, 0);
                a += first;
                b = N.MultiplyAdd(first, other - mean, b);
            }

            sum += double.CreateTruncating(N.Fold<SumFold>(a + c));
            product += double.CreateTruncating(N.Fold<SumFold>(b + d));
        }

        return (sum, product);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Moments OfPiece(T* x, nint count)
    {
        if (count == 1)
        {
            return new Moments(1, double.CreateTruncating(*x), 0);
        }

        if (count >= FewRegisters * N.Count)
        {
            // One look will do where the first register tells roughly where the others lie.
            var guess = N.Fold<SumFold>(N.Load(ref *x)) / T.CreateTruncating(N.Count);
            var (around, away) = (double.CreateTruncating(Deviations(x, (int)count, N.Broadcast(guess), out var apart)), double.CreateTruncating(apart));
            if (away * away / count <= 0.5 * around)
            {
                return new Moments(count, double.CreateTruncating(guess) + (away / count), around - (away * away / count));
            }
        }

        var sum = count < N.Count ? N.Fold<SumFold>(N.LoadFirst(x, (int)count, 0)) : RowReduction<SumFold, N, T>.Fold(x, count);
        var mean = sum / T.CreateTruncating(count);
        var squares = Deviations(x, (int)count, N.Broadcast(mean), out var deviation);

        // The mean was rounded: what is left of the deviations corrects it.
        var off = double.CreateTruncating(deviation);
        return new Moments(count, double.CreateTruncating(mean) + (off / count), double.CreateTruncating(squares) - (off * off / count));
    }

    /// <summary>Σ (x − center)², and Σ (x − center).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static T Deviations(T* x, int count, N center, out T sum)
    {
        N a = 0, b = 0, c = 0, d = 0;
        var i = 0;
        for (; i + (2 * N.Count) <= count; i += 2 * N.Count)
        {
            var first = N.Load(ref x[i]) - center;
            var second = N.Load(ref x[i + N.Count]) - center;
            a += first;
            c += second;
            b = N.MultiplyAdd(first, first, b);
            d = N.MultiplyAdd(second, second, d);
        }

        for (; i + N.Count <= count; i += N.Count)
        {
            var first = N.Load(ref x[i]) - center;
            a += first;
            b = N.MultiplyAdd(first, first, b);
        }

        if (i < count)
        {
            // Lanes beyond the end deviate by nothing.
            var first = N.LoadFirst(x + i, count - i, center) - center;
            a += first;
            b = N.MultiplyAdd(first, first, b);
        }

        sum = N.Fold<SumFold>(a + c);
        return N.Fold<SumFold>(b + d);
    }
}
