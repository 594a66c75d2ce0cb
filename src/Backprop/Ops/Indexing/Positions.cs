using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Ops;

/// <summary>The entries of an index tensor, checked, and counted from the start of their axis. Rented: dispose it.</summary>
internal readonly ref struct Positions : IDisposable
{
    private readonly int[] rented;

    private Positions(int[] rented, int count)
    {
        this.rented = rented;
        Span = rented.AsSpan(0, count);
    }

    /// <summary>The positions in row-major order, which the caller may overwrite.</summary>
    public Span<int> Span { get; }

    /// <exception cref="ArgumentOutOfRangeException">A position outside the axis.</exception>
    public static Positions Of(string operation, Tensor index, int axis, int size)
    {
        var rented = ArrayPool<int>.Shared.Rent(index.Count);
        Visit(operation, index, axis, size, rented.AsSpan(0, index.Count));
        return new Positions(rented, index.Count);
    }

    /// <summary>Refuses an index tensor that holds no integers.</summary>
    public static void CheckType(string operation, Tensor index)
    {
        if (index.DType is not (DType.Int64 or DType.Int32))
        {
            throw Error.DType(operation, index.DType, "positions must be int64 or int32; convert with To(DType.Int64).");
        }
    }

    /// <summary>Refuses positions outside an axis.</summary>
    public static void Check(string operation, Tensor index, int axis, int size) => Visit(operation, index, axis, size, []);

    public void Dispose() => ArrayPool<int>.Shared.Return(rented);

    private static void Visit(string operation, Tensor index, int axis, int size, Span<int> results)
    {
        var dense = index.Dense();
        if (index.DType == DType.Int64)
        {
            Visit(operation, dense.AsSpan<long>(), axis, size, results);
        }
        else
        {
            Visit(operation, dense.AsSpan<int>(), axis, size, results);
        }
    }

    /// <summary>Checks every position, and writes it down where there is room for the results.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Visit<T>(string operation, ReadOnlySpan<T> values, int axis, int size, Span<int> results)
        where T : unmanaged, IBinaryInteger<T>
    {
        for (var i = 0; i < values.Length; i++)
        {
            var position = long.CreateTruncating(values[i]);
            if (position < -size || position >= size)
            {
                throw OutOfRange(operation, position, axis, size);
            }

            if (i < results.Length)
            {
                results[i] = (int)(position < 0 ? position + size : position);
            }
        }
    }

    private static ArgumentOutOfRangeException OutOfRange(string operation, long position, int axis, int size) => Error.Range(
        operation,
        "position",
        position,
        size == 0 ? $"nothing: axis {axis} is empty" : FormattableString.Invariant($"from {-size} to {size - 1} for axis {axis}"));
}
