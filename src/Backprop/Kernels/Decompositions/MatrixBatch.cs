using System.Buffers;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Decompositions;

/// <summary>What to do with one matrix of a batch.</summary>
internal unsafe interface IMatrixWork
{
    /// <summary>How many numbers of working memory one matrix takes.</summary>
    long Scratch { get; }

    /// <summary>Does it for matrix number <paramref name="index"/>; 0, or what went wrong.</summary>
    int Run(nint index, double* scratch);
}

/// <summary>Goes through the matrices of a batch, many small ones on several threads. Numbers are float64 in between, whatever they are outside.</summary>
internal static unsafe class MatrixBatch
{
    private const double NanosecondsPerBlock = 20000;

    /// <summary>The number of the first matrix that failed, and what went wrong; (−1, 0) if all is well.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="count">How many matrices there are.</param>
    /// <param name="flops">About how many floating point operations one takes.</param>
    public static (int Index, int Status) Run<TWork>(TWork work, int count, double flops)
        where TWork : struct, IMatrixWork
    {
        if (count == 0)
        {
            return (-1, 0);
        }

        var nanoseconds = 100 + flops;
        var perBlock = (int)Math.Clamp(NanosecondsPerBlock / nanoseconds, 1, count);
        var failures = new int[count];
        Workers.Run(new Blocks<TWork>(work, count, perBlock, failures), (count + perBlock - 1) / perBlock, nanoseconds * count);
        var first = Array.FindIndex(failures, failure => failure != 0);
        return first < 0 ? (-1, 0) : (first, failures[first]);
    }

    /// <summary>Reads numbers of float or double.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Load(void* source, bool isSingle, nint start, double* target, nint count)
    {
        if (!isSingle)
        {
            new ReadOnlySpan<double>((double*)source + start, (int)count).CopyTo(new Span<double>(target, (int)count));
            return;
        }

        var from = (float*)source + start;
        for (nint i = 0; i < count; i++)
        {
            target[i] = from[i];
        }
    }

    /// <summary>Reads a matrix [rows, columns] transposed: [columns, rows].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LoadTransposed(void* source, bool isSingle, nint start, double* target, nint rows, nint columns)
    {
        for (nint i = 0; i < rows; i++)
        {
            for (nint j = 0; j < columns; j++)
            {
                var at = start + (i * columns) + j;
                target[(j * rows) + i] = isSingle ? ((float*)source)[at] : ((double*)source)[at];
            }
        }
    }

    /// <summary>Reads the symmetric part of a square matrix, (A + Aᵀ) / 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LoadSymmetric(void* source, bool isSingle, nint start, double* target, nint n)
    {
        Load(source, isSingle, start, target, n * n);
        for (nint i = 0; i < n; i++)
        {
            for (nint j = 0; j < i; j++)
            {
                // Halves first: their sum doesn't overflow.
                var mean = (0.5 * target[(i * n) + j]) + (0.5 * target[(j * n) + i]);
                target[(i * n) + j] = target[(j * n) + i] = mean;
            }
        }
    }

    /// <summary>Writes numbers as float or double.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store(double* source, void* target, bool isSingle, nint start, nint count)
    {
        if (!isSingle)
        {
            new ReadOnlySpan<double>(source, (int)count).CopyTo(new Span<double>((double*)target + start, (int)count));
            return;
        }

        var to = (float*)target + start;
        for (nint i = 0; i < count; i++)
        {
            to[i] = (float)source[i];
        }
    }

    private readonly struct Blocks<TWork>(TWork work, int count, int perBlock, int[] failures) : IBlockBody
        where TWork : struct, IMatrixWork
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var size = checked((int)work.Scratch);
            var scratch = ArrayPool<double>.Shared.Rent(size + 1);
            try
            {
                fixed (double* memory = scratch)
                {
                    var end = Math.Min((block + 1) * perBlock, count);
                    for (var index = block * perBlock; index < end; index++)
                    {
                        failures[index] = work.Run(index, memory);
                    }
                }
            }
            finally
            {
                ArrayPool<double>.Shared.Return(scratch);
            }
        }
    }
}
