using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// Where the maximum or minimum over the middle index of a contiguous [outer, reduce, inner] array is: its first occurrence,
/// or that of the first NaN if there is one.
/// </summary>
internal static unsafe class ArgReductions
{
    private const int Unit = 16384;

    /// <summary>Indices of the maxima.</summary>
    /// <param name="source">[outer, reduce, inner] of float, double, int, long or byte; reduce is at least 1.</param>
    /// <param name="destination">[outer, inner].</param>
    /// <param name="outer">Indices before the reduced one.</param>
    /// <param name="reduce">Length of the reduced index.</param>
    /// <param name="inner">Indices after the reduced one.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ArgMax<T>(T* source, long* destination, nint outer, nint reduce, nint inner)
        where T : unmanaged => Run<Above, T>(source, destination, outer, reduce, inner);

    /// <summary>Indices of the minima.</summary>
    /// <inheritdoc cref="ArgMax"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ArgMin<T>(T* source, long* destination, nint outer, nint reduce, nint inner)
        where T : unmanaged => Run<Below, T>(source, destination, outer, reduce, inner);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TOrder, T>(T* source, long* destination, nint outer, nint reduce, nint inner)
        where TOrder : struct, IOrder
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            Dispatch<TOrder, float>((float*)source, destination, outer, reduce, inner);
        }
        else if (typeof(T) == typeof(double))
        {
            Dispatch<TOrder, double>((double*)source, destination, outer, reduce, inner);
        }
        else if (typeof(T) == typeof(int))
        {
            Dispatch<TOrder, int>((int*)source, destination, outer, reduce, inner);
        }
        else if (typeof(T) == typeof(long))
        {
            Dispatch<TOrder, long>((long*)source, destination, outer, reduce, inner);
        }
        else if (typeof(T) == typeof(byte))
        {
            Dispatch<TOrder, byte>((byte*)source, destination, outer, reduce, inner);
        }
        else
        {
            throw new NotSupportedException($"The position of an extremum of {typeof(T)}.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dispatch<TOrder, T>(T* source, long* destination, nint outer, nint reduce, nint inner)
        where TOrder : struct, IOrder
        where T : unmanaged, IComparisonOperators<T, T, bool>
    {
        if (outer == 0 || inner == 0)
        {
            return;
        }
        var perUnit = Math.Max(1, Unit / (reduce * inner));
        var units = (int)((outer + perUnit - 1) / perUnit);
        Workers.Run(new Body<TOrder, T>(source, destination, outer, reduce, inner, perUnit), units, 0.6 * outer * reduce * inner);
    }

    private interface IOrder
    {
        static abstract bool Better<T>(T candidate, T best)
            where T : unmanaged, IComparisonOperators<T, T, bool>;
    }

    private readonly struct Above : IOrder
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static bool Better<T>(T candidate, T best)
            where T : unmanaged, IComparisonOperators<T, T, bool> => candidate > best;
    }

    private readonly struct Below : IOrder
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static bool Better<T>(T candidate, T best)
            where T : unmanaged, IComparisonOperators<T, T, bool> => candidate < best;
    }

    private readonly struct Body<TOrder, T>(T* source, long* destination, nint outer, nint reduce, nint inner, nint perUnit) : IBlockBody
        where TOrder : struct, IOrder
        where T : unmanaged, IComparisonOperators<T, T, bool>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var end = Math.Min(outer, (block + 1) * perUnit);
            for (var o = block * perUnit; o < end; o++)
            {
                if (inner == 1)
                {
                    destination[o] = FindInRow(source + o * reduce, reduce);
                }
                else
                {
                    FindInColumns(source + o * reduce * inner, destination + o * inner);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        private static long FindInRow(T* row, nint length)
        {
            var (best, at) = (*row, (nint)0);
            for (nint i = 1; i < length && IsNumber(best); i++)
            {
                if (Replaces(row[i], best))
                {
                    (best, at) = (row[i], i);
                }
            }
            return at;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        private void FindInColumns(T* matrix, long* at)
        {
            new Span<long>(at, checked((int)inner)).Clear();
            for (nint r = 1; r < reduce; r++)
            {
                // Along the rows, as the memory lies.
                for (nint i = 0; i < inner; i++)
                {
                    var best = matrix[(nint)at[i] * inner + i];
                    if (IsNumber(best) && Replaces(matrix[r * inner + i], best))
                    {
                        at[i] = r;
                    }
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        private static bool Replaces(T candidate, T best) => TOrder.Better(candidate, best) || !IsNumber(candidate);

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        private static bool IsNumber(T value)
        {
            // Only NaN differs from itself.
            var same = value;
            return value == same;
        }
    }
}
