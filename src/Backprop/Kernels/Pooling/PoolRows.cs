using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>Folds rows under a window into one, register by register.</summary>
internal static unsafe class PoolRows<TFold, N, T>
    where TFold : struct, IFold
    where N : struct, ILanes<N, T>, IReal<N>
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>Folds two rows into one, and so on with the next ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FoldPairs(T* from, T* to, int length, nint below, nint next, int rows)
    {
        for (var r = 0; r < rows; r++, from += next, to += length)
        {
            var last = length - N.Count;
            if (last < 0)
            {
                N.StoreFirst(TFold.Combine(N.LoadFirst(from, length, default), N.LoadFirst(from + below, length, default)), to, length);
                continue;
            }

            for (var i = 0; i < last; i += N.Count)
            {
                N.Store(TFold.Combine(N.Load(ref from[i]), N.Load(ref from[i + below])), ref to[i]);
            }

            // The last register overlaps the one before.
            N.Store(TFold.Combine(N.Load(ref from[last]), N.Load(ref from[last + below])), ref to[last]);
        }
    }

    /// <summary>Folds the rows under a window into one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FoldRows(T* from, T* to, int length, int outer, nint outerStride, int inner, nint innerStride)
    {
        if (length < N.Count)
        {
            N.StoreFirst(Fold(from, length, outer, outerStride, inner, innerStride), to, length);
            return;
        }

        var last = length - N.Count;
        for (var i = 0; i < last; i += N.Count)
        {
            N.Store(Fold(from + i, N.Count, outer, outerStride, inner, innerStride), ref to[i]);
        }

        // The last register overlaps the one before.
        N.Store(Fold(from + last, N.Count, outer, outerStride, inner, innerStride), ref to[last]);
    }

    /// <summary>A register of each row, or fewer elements, folded together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static N Fold(T* from, int count, int outer, nint outerStride, int inner, nint innerStride)
    {
        N sum = TFold.Identity;
        for (var o = 0; o < outer; o++)
        {
            var at = from + (o * outerStride);
            for (var j = 0; j < inner; j++, at += innerStride)
            {
                sum = TFold.Combine(sum, count == N.Count ? N.Load(ref *at) : N.LoadFirst(at, count, TFold.Identity));
            }
        }

        return sum;
    }
}
