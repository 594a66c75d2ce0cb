using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Backprop.Kernels;

/// <summary>Rows of contiguous [outer, size, inner] arrays chosen by positions along the middle index.</summary>
internal static unsafe class IndexedRows
{
    // Elements, or bytes of a copy, of one unit of work.
    private const int Unit = 32 * 1024;

    // Rows that are fetched from memory before their turn: random ones are not foreseen by the processor.
    private const int Ahead = 8;

    // Columns of a unit are a multiple of this: whole cache lines.
    private const int ColumnStep = 64;

    /// <summary>destination[o, i, …] = source[o, positions[i], …].</summary>
    /// <param name="source">[outer, size, row].</param>
    /// <param name="destination">[outer, count, row]; must not overlap the source.</param>
    /// <param name="positions">Each from 0 to size − 1.</param>
    /// <param name="outer">Indices before the chosen one.</param>
    /// <param name="size">Length of the chosen index.</param>
    /// <param name="count">How many positions there are.</param>
    /// <param name="rowBytes">Bytes of a row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Take(byte* source, byte* destination, int* positions, nint outer, nint size, nint count, nint rowBytes)
    {
        var rows = outer * count;
        var rowsPerUnit = Math.Max(1, Unit / (rowBytes + 16));
        var body = new TakeBody(source, destination, positions, size, count, rowBytes, rows, rowsPerUnit);
        Workers.Run(body, (int)((rows + rowsPerUnit - 1) / rowsPerUnit), 0.1 * rows * (rowBytes + 16));
    }

    /// <summary>
    /// destination[o, positions[i], …] += source[o, i, …]. Every element receives its terms in the order of the positions: the sums have the
    /// same bits on every thread count.
    /// </summary>
    /// <param name="source">[outer, count, inner] of float, double, int or long.</param>
    /// <param name="destination">[outer, size, inner]; must not overlap the source.</param>
    /// <param name="positions">Each from 0 to size − 1; repeated ones add up.</param>
    /// <param name="outer">Indices before the chosen one.</param>
    /// <param name="size">Length of the chosen index.</param>
    /// <param name="count">How many positions there are.</param>
    /// <param name="inner">Indices after the chosen one.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<T>(T* source, T* destination, int* positions, nint outer, nint size, nint count, nint inner)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float) && Vector512.IsHardwareAccelerated)
        {
            Add<Lanes512<float>, float>((float*)source, (float*)destination, positions, outer, size, count, inner);
        }
        else if (typeof(T) == typeof(float))
        {
            Add<Lanes256<float>, float>((float*)source, (float*)destination, positions, outer, size, count, inner);
        }
        else if (typeof(T) == typeof(double) && Vector512.IsHardwareAccelerated)
        {
            Add<Lanes512<double>, double>((double*)source, (double*)destination, positions, outer, size, count, inner);
        }
        else if (typeof(T) == typeof(double))
        {
            Add<Lanes256<double>, double>((double*)source, (double*)destination, positions, outer, size, count, inner);
        }
        else if (typeof(T) == typeof(int))
        {
            Add<Integer<int>, int>((int*)source, (int*)destination, positions, outer, size, count, inner);
        }
        else if (typeof(T) == typeof(long))
        {
            Add<Integer<long>, long>((long*)source, (long*)destination, positions, outer, size, count, inner);
        }
        else
        {
            throw new NotSupportedException($"A sum of rows of {typeof(T)}.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add<N, T>(T* source, T* destination, int* positions, nint outer, nint size, nint count, nint inner)
        where N : struct, ILanes<N, T>
        where T : unmanaged
    {
        if (outer == 0 || count == 0 || inner == 0)
        {
            return;
        }

        // A task is a stretch of columns of one outer index, through all positions; small tasks are grouped.
        var width = (Math.Max(Unit / count, 1) + ColumnStep - 1) / ColumnStep * ColumnStep;
        var stretches = (inner + width - 1) / width;
        var tasks = outer * stretches;
        var tasksPerUnit = Math.Max(1, Unit / (count * Math.Min(width, inner)));
        var body = new AddBody<N, T>(source, destination, positions, size, count, inner, width, stretches, tasks, tasksPerUnit);
        Workers.Run(body, (int)((tasks + tasksPerUnit - 1) / tasksPerUnit), outer * count * (2 + (0.2 * inner)));
    }

    private readonly struct TakeBody(
        byte* source, byte* destination, int* positions, nint size, nint count, nint rowBytes, nint rows, nint rowsPerUnit) : IBlockBody
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var row = block * rowsPerUnit;
            var end = Math.Min(rows, row + rowsPerUnit);
            while (row < end)
            {
                // A run of positions under one outer index.
                var first = row % count;
                var run = Math.Min(end - row, count - first);
                Run(source + (row / count * size * rowBytes), destination + (row * rowBytes), positions + first, run);
                row += run;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Run(byte* from, byte* to, int* at, nint run)
        {
            switch (rowBytes)
            {
                case 4:
                    for (nint i = 0; i < run; i++)
                    {
                        ((int*)to)[i] = ((int*)from)[at[i]];
                    }

                    break;
                case 8:
                    for (nint i = 0; i < run; i++)
                    {
                        ((long*)to)[i] = ((long*)from)[at[i]];
                    }

                    break;
                case >= 32 and <= 4096:
                    for (nint i = 0; i < run; i++)
                    {
                        // The result's lines are fetched before they are written, all in a row; beyond its end it does no harm.
                        FetchAhead(to + ((i + Ahead) * rowBytes), rowBytes);
                        if (i + Ahead < run)
                        {
                            FetchAhead(from + (at[i + Ahead] * rowBytes), rowBytes);
                        }

                        Copy(from + (at[i] * rowBytes), to + (i * rowBytes), rowBytes);
                    }

                    break;
                default:
                    for (nint i = 0; i < run; i++)
                    {
                        Unsafe.CopyBlockUnaligned(to + (i * rowBytes), from + (at[i] * rowBytes), (uint)rowBytes);
                    }

                    break;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static void FetchAhead(byte* row, nint bytes)
    {
        for (nint i = 0; i < bytes; i += 64)
        {
            Prefetch.Line(row + i);
        }
    }

    /// <summary>At least 32 bytes, without the call that a short copy would mostly consist of; the last registers overlap.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Copy(byte* from, byte* to, nint bytes)
    {
        nint i = 0;
        for (; i <= bytes - 64; i += 64)
        {
            var (first, second) = (Vector256.Load(from + i), Vector256.Load(from + i + 32));
            first.Store(to + i);
            second.Store(to + i + 32);
        }

        if (i <= bytes - 32)
        {
            Vector256.Load(from + i).Store(to + i);
            i += 32;
        }

        if (i < bytes)
        {
            Vector256.Load(from + bytes - 32).Store(to + bytes - 32);
        }
    }

    private readonly struct AddBody<N, T>(
        T* source, T* destination, int* positions, nint size, nint count, nint inner, nint width, nint stretches, nint tasks, nint tasksPerUnit)
        : IBlockBody
        where N : struct, ILanes<N, T>
        where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var end = Math.Min(tasks, (block + 1) * tasksPerUnit);
            for (var task = block * tasksPerUnit; task < end; task++)
            {
                var (o, column) = (task / stretches, task % stretches * width);
                var columns = (int)Math.Min(width, inner - column);
                var from = source + (o * count * inner) + column;
                var to = destination + (o * size * inner) + column;
                for (nint i = 0; i < count; i++)
                {
                    AddRow(from + (i * inner), to + (positions[i] * inner), columns);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        private static void AddRow(T* from, T* to, int columns)
        {
            var i = 0;
            for (; i <= columns - N.Count; i += N.Count)
            {
                N.Store(N.Load(in to[i]) + N.Load(in from[i]), ref to[i]);
            }

            if (i < columns)
            {
                N.StoreFirst(N.LoadFirst(to + i, columns - i, default) + N.LoadFirst(from + i, columns - i, default), to + i, columns - i);
            }
        }
    }
}
