using System.Buffers;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>Reduces each row of a contiguous [rows, length] array to one element.</summary>
internal static unsafe class RowReduction<TFold, N, T>
    where TFold : struct, IFold
    where N : struct, ILanes<N, T>, IReal<N>
    where T : unmanaged
{
    // Elements added up in registers; longer rows are a tree of such blocks.
    private const int Block = 4096;

    // Elements of one unit of work: a piece of a long row, or a group of short ones.
    private const int Unit = 8 * Block;

    private const double NanosecondsPerElement = 0.05;

    /// <summary>destination[row] = the fold of row, or that combined with what is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(T* source, T* destination, nint rows, nint length, bool accumulate)
    {
        var nanoseconds = NanosecondsPerElement * rows * (length + 64);
        if (length <= Unit)
        {
            var rowsPerUnit = Math.Max(1, Unit / (length + 64));
            var units = (int)((rows + rowsPerUnit - 1) / rowsPerUnit);
            Workers.Run(new Rows(source, destination, rows, length, rowsPerUnit, accumulate), units, nanoseconds);
            return;
        }

        // Long rows: the pieces first, then each row of their results.
        var pieces = (length + Unit - 1) / Unit;
        var results = ArrayPool<T>.Shared.Rent((int)(rows * pieces));
        fixed (T* partial = results)
        {
            Workers.Run(new Pieces(source, partial, length, pieces), (int)(rows * pieces), nanoseconds);
            Run(partial, destination, rows, pieces, accumulate);
        }
        ArrayPool<T>.Shared.Return(results);
    }

    /// <summary>The fold of <paramref name="length"/> elements: a tree of blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static T Fold(T* source, nint length)
    {
        if (length <= Block)
        {
            return FoldBlock(source, length);
        }
        var middle = (length / 2 + Block - 1) / Block * Block;
        return Combine(Fold(source, middle), Fold(source + middle, length - middle));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static T Combine(T a, T b)
    {
        // A register holds the one number there is room for.
        var lanes = TFold.Combine(N.Broadcast(a), N.Broadcast(b));
        return Unsafe.As<N, T>(ref lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static T FoldBlock(T* source, nint length)
    {
        N a = TFold.Identity, b = a, c = a, d = a;
        nint i = 0;
        for (; i + 4 * N.Count <= length; i += 4 * N.Count)
        {
            a = TFold.Combine(a, N.Load(ref source[i]));
            b = TFold.Combine(b, N.Load(ref source[i + N.Count]));
            c = TFold.Combine(c, N.Load(ref source[i + 2 * N.Count]));
            d = TFold.Combine(d, N.Load(ref source[i + 3 * N.Count]));
        }
        for (; i + N.Count <= length; i += N.Count)
        {
            a = TFold.Combine(a, N.Load(ref source[i]));
        }
        if (i < length)
        {
            b = TFold.Combine(b, N.LoadFirst(source + i, (int)(length - i), TFold.Identity));
        }
        return N.Fold<TFold>(TFold.Combine(TFold.Combine(a, b), TFold.Combine(c, d)));
    }

    private readonly struct Rows(T* source, T* destination, nint rows, nint length, nint rowsPerUnit, bool accumulate) : IBlockBody
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var end = Math.Min(rows, (block + 1) * rowsPerUnit);
            for (var row = block * rowsPerUnit; row < end; row++)
            {
                var result = length < N.Count
                    ? N.Fold<TFold>(N.LoadFirst(source + row * length, (int)length, TFold.Identity))
                    : Fold(source + row * length, length);
                destination[row] = accumulate ? Combine(destination[row], result) : result;
            }
        }
    }

    private readonly struct Pieces(T* source, T* partial, nint length, nint pieces) : IBlockBody
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var (row, piece) = (block / pieces, block % pieces);
            partial[block] = Fold(source + row * length + piece * Unit, Math.Min(Unit, length - piece * Unit));
        }
    }
}
