using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>Binary search in rows of sorted float, double, int, long or byte. The order is that of <see cref="Ranking"/>: NaN is the largest.</summary>
internal static unsafe class Searching
{
    private const int Unit = 2048;

    /// <summary>The first position in a row whose element is smaller than the one before it; −1 where all are sorted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static long FirstUnsorted<T>(T* x, long count, int length)
        where T : unmanaged
    {
        for (long i = 0; i < count; i++)
        {
            if (i % length != 0 && RankEntry.KeyOf(x[i]) < RankEntry.KeyOf(x[i - 1]))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>positions[i] = how many elements of the row are less than values[i], or not greater where <paramref name="right"/>.</summary>
    /// <param name="rows">[rows, length], sorted.</param>
    /// <param name="length">The length of a row.</param>
    /// <param name="values">[rows, perRow]; all belong to one row where there is one.</param>
    /// <param name="positions">As many as values.</param>
    /// <param name="count">How many values there are.</param>
    /// <param name="perRow">How many of them belong to a row.</param>
    /// <param name="right">Whether to go behind equal elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T>(T* rows, int length, T* values, long* positions, int count, int perRow, bool right)
        where T : unmanaged =>
        Workers.Run(
            new Body<T>(rows, length, values, positions, count, perRow, right),
            (count + Unit - 1) / Unit,
            (4.0 + (2 * BitOperations.Log2((uint)length + 1))) * count);

    private readonly struct Body<T>(T* rows, int length, T* values, long* positions, int count, int perRow, bool right) : IBlockBody
        where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var end = Math.Min((long)count, ((long)block + 1) * Unit);
            for (var i = (long)block * Unit; i < end; i++)
            {
                var row = rows + (i / perRow * length);
                var key = RankEntry.KeyOf(values[i]);
                int low = 0, high = length;
                while (low < high)
                {
                    var middle = (int)(((uint)low + (uint)high) >> 1);
                    var other = RankEntry.KeyOf(row[middle]);
                    if (other < key || (right && other == key))
                    {
                        low = middle + 1;
                    }
                    else
                    {
                        high = middle;
                    }
                }

                positions[i] = low;
            }
        }
    }
}
