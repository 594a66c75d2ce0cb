using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Backprop.Kernels;

/// <summary>
/// Σ x² in double precision, so that squares of float32 neither overflow nor get lost. Pieces of fixed size, their sums added up in order: the same
/// bits on every thread count.
/// </summary>
internal static unsafe class SquaredNorm
{
    private const int Piece = 16 * 1024;

    private const int Block = 2048;

    private const double NanosecondsPerElement = 0.1;

    /// <summary>The sum over <paramref name="count"/> elements of float or double.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Of<T>(T* source, int count)
        where T : unmanaged
    {
        if (count <= Piece)
        {
            return OfPiece(source, count);
        }

        var pieces = (count + Piece - 1) / Piece;
        var sums = ArrayPool<double>.Shared.Rent(pieces);
        double total = 0;
        fixed (double* partial = sums)
        {
            Workers.Run(new Pieces<T>(source, count, partial), pieces, NanosecondsPerElement * count);
            for (var piece = 0; piece < pieces; piece++)
            {
                total += partial[piece];
            }
        }

        ArrayPool<double>.Shared.Return(sums);
        return total;
    }

    /// <summary>Blocks short enough that their four running sums round little.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double OfPiece<T>(T* source, int count)
        where T : unmanaged
    {
        double total = 0;
        for (var start = 0; start < count; start += Block)
        {
            total += typeof(T) == typeof(float)
                ? OfSingles((float*)source + start, Math.Min(Block, count - start))
                : OfDoubles((double*)source + start, Math.Min(Block, count - start));
        }

        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double OfSingles(float* source, int count)
    {
        Vector256<double> a = default, b = default, c = default, d = default;
        var i = 0;
        for (; i <= count - 16; i += 16)
        {
            var first = Vector256.Load(source + i);
            var second = Vector256.Load(source + i + 8);
            a = AddSquare(a, Vector256.WidenLower(first));
            b = AddSquare(b, Vector256.WidenUpper(first));
            c = AddSquare(c, Vector256.WidenLower(second));
            d = AddSquare(d, Vector256.WidenUpper(second));
        }

        var sum = Vector256.Sum((a + b) + (c + d));
        for (; i < count; i++)
        {
            sum += (double)source[i] * source[i];
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double OfDoubles(double* source, int count)
    {
        Vector256<double> a = default, b = default, c = default, d = default;
        var i = 0;
        for (; i <= count - 16; i += 16)
        {
            a = AddSquare(a, Vector256.Load(source + i));
            b = AddSquare(b, Vector256.Load(source + i + 4));
            c = AddSquare(c, Vector256.Load(source + i + 8));
            d = AddSquare(d, Vector256.Load(source + i + 12));
        }

        var sum = Vector256.Sum((a + b) + (c + d));
        for (; i < count; i++)
        {
            sum += source[i] * source[i];
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static Vector256<double> AddSquare(Vector256<double> sum, Vector256<double> x) => sum + (x * x);

    private readonly struct Pieces<T>(T* source, int count, double* sums) : IBlockBody
        where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var start = block * Piece;
            sums[block] = OfPiece(source + start, Math.Min(Piece, count - start));
        }
    }
}
