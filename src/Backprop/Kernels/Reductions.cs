using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Backprop.Kernels;

/// <summary>
/// Sum, product, maximum and minimum over the middle index of a contiguous [outer, reduce, inner] array, giving
/// [outer, inner]. Every shape of reduction coalesces to this one.
/// </summary>
/// <remarks>
/// Elements are float, double, int, long or byte. The order of the operations depends on the shape only (tensors are reduced in the order in
/// which they lie), never on the number of threads: blocks of fixed size, their results combined in a tree. So the rounding error of a sum grows with
/// the logarithm of its length, and the same input gives the same bits on every thread count. Maximum and minimum are NaN
/// if any element is. An empty reduction gives the identity: 0, 1, −∞ or ∞ (for integers the end of their range).
/// </remarks>
internal static unsafe class Reductions
{
    /// <summary>Sums; of integers they wrap.</summary>
    /// <param name="source">[outer, reduce, inner].</param>
    /// <param name="destination">[outer, inner]; must not overlap the source.</param>
    /// <param name="outer">Indices before the reduced one.</param>
    /// <param name="reduce">Length of the reduced index.</param>
    /// <param name="inner">Indices after the reduced one.</param>
    /// <param name="accumulate">Adds to the destination instead of replacing it.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sum<T>(T* source, T* destination, nint outer, nint reduce, nint inner, bool accumulate = false)
        where T : unmanaged => Fold<SumFold, T>(source, destination, outer, reduce, inner, accumulate);

    /// <summary>Products; of integers they wrap.</summary>
    /// <inheritdoc cref="Sum"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Product<T>(T* source, T* destination, nint outer, nint reduce, nint inner)
        where T : unmanaged => Fold<ProductFold, T>(source, destination, outer, reduce, inner, false);

    /// <summary>Maxima; NaN wins.</summary>
    /// <inheritdoc cref="Sum"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Max<T>(T* source, T* destination, nint outer, nint reduce, nint inner)
        where T : unmanaged => Fold<MaxFold, T>(source, destination, outer, reduce, inner, false);

    /// <summary>Minima; NaN wins.</summary>
    /// <inheritdoc cref="Sum"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Min<T>(T* source, T* destination, nint outer, nint reduce, nint inner)
        where T : unmanaged => Fold<MinFold, T>(source, destination, outer, reduce, inner, false);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fold<TFold, T>(T* source, T* destination, nint outer, nint reduce, nint inner, bool accumulate)
        where TFold : struct, IFold
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            if (Vector512.IsHardwareAccelerated)
            {
                Fold<TFold, Lanes512<float>, float>((float*)source, (float*)destination, outer, reduce, inner, accumulate);
            }
            else
            {
                Fold<TFold, Lanes256<float>, float>((float*)source, (float*)destination, outer, reduce, inner, accumulate);
            }
        }
        else if (typeof(T) == typeof(double))
        {
            if (Vector512.IsHardwareAccelerated)
            {
                Fold<TFold, Lanes512<double>, double>((double*)source, (double*)destination, outer, reduce, inner, accumulate);
            }
            else
            {
                Fold<TFold, Lanes256<double>, double>((double*)source, (double*)destination, outer, reduce, inner, accumulate);
            }
        }
        else if (typeof(T) == typeof(int))
        {
            Fold<TFold, Integer<int>, int>((int*)source, (int*)destination, outer, reduce, inner, accumulate);
        }
        else if (typeof(T) == typeof(long))
        {
            Fold<TFold, Integer<long>, long>((long*)source, (long*)destination, outer, reduce, inner, accumulate);
        }
        else if (typeof(T) == typeof(byte))
        {
            Fold<TFold, Integer<byte>, byte>((byte*)source, (byte*)destination, outer, reduce, inner, accumulate);
        }
        else
        {
            throw new NotSupportedException($"A reduction of {typeof(T)}.");
        }
    }

    /// <summary>The same with registers of a chosen width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Fold<TFold, N, T>(T* source, T* destination, nint outer, nint reduce, nint inner, bool accumulate)
        where TFold : struct, IFold
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged
    {
        if (outer == 0 || inner == 0)
        {
            return;
        }
        if (inner == 1)
        {
            RowReduction<TFold, N, T>.Run(source, destination, outer, reduce, accumulate);
        }
        else
        {
            ColumnReduction<TFold, N, T>.Run(source, destination, outer, reduce, inner, accumulate);
        }
    }
}
