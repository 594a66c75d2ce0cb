using System.Runtime.CompilerServices;
using Backprop.Kernels;

namespace Backprop.Ops;

/// <summary>Copies a tensor into a part of a larger one without gaps, in runs of elements that lie side by side in both.</summary>
internal static unsafe class Box
{
    /// <summary>
    /// Copies <paramref name="source"/> to where its first element is at <paramref name="start"/> of one axis of the target, or at the given starts of all
    /// axes; does nothing and says so where elements don't lie side by side.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryCopy(Tensor source, Tensor target, int axis, int start)
    {
        Span<int> starts = stackalloc int[Layout.MaxRank];
        starts.Clear();
        starts[axis] = start;
        return TryCopy(source, target, starts);
    }

    /// <inheritdoc cref="TryCopy(Tensor, Tensor, int, int)"/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryCopy(Tensor source, Tensor target, ReadOnlySpan<int> starts)
    {
        if (!(target.Layout.IsContiguous || target.Layout.IsChannelsLast) || source.Rank == 0)
        {
            return false;
        }

        if (source.Count == 0)
        {
            return true;
        }

        // A run is over where an axis of the target is not whole, or elements of the source don't follow one another.
        var isLast = !target.Layout.IsContiguous;
        var outer = source.Rank - 1;
        nint run = 1, first = 0;
        for (; outer >= 0; outer--)
        {
            var axis = Axis(outer, source.Rank, isLast);
            if (source.Shape[axis] != 1 && source.Strides[axis] != run)
            {
                break;
            }

            run *= source.Shape[axis];
            if (source.Shape[axis] != target.Shape[axis])
            {
                outer--;
                break;
            }
        }

        if (run == 1 && !source.Layout.IsContiguous)
        {
            return false;
        }

        for (var i = 0; i < source.Rank; i++)
        {
            first += (nint)starts[i] * target.Strides[i];
        }

        var size = source.DType.Size();
        var sizes = stackalloc int[Layout.MaxRank];
        var steps = stackalloc nint[2 * Layout.MaxRank];
        for (var i = 0; i <= outer; i++)
        {
            var axis = Axis(i, source.Rank, isLast);
            sizes[i] = source.Shape[axis];
            (steps[i], steps[Layout.MaxRank + i]) = ((nint)source.Strides[axis] * size, (nint)target.Strides[axis] * size);
        }

        source.CheckAlive();
        fixed (byte* from = &source.Storage.First(), to = target.Bytes())
        {
            var bytes = run * size;
            var runs = source.Count / run;
            var perBlock = Math.Max(1, (64 * 1024) / bytes);
            var blocks = (int)((runs + perBlock - 1) / perBlock);
            var body = new Body(from + ((nint)source.Layout.Offset * size), to + (first * size), sizes, steps, outer + 1, bytes, runs, perBlock);
            Workers.Run(body, blocks, (runs * 8.0) + (runs * bytes * 0.05));
        }

        return true;
    }

    /// <summary>The axes in the order in which they lie.</summary>
    private static int Axis(int index, int rank, bool isLast) => !isLast || index == 0 ? index : index == rank - 1 ? 1 : index + 1;

    private readonly struct Body(byte* from, byte* to, int* sizes, nint* steps, int axes, nint bytes, nint runs, nint perBlock) : IBlockBody
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var index = stackalloc int[Layout.MaxRank];
            var (run, end) = (block * perBlock, Math.Min(runs, (block + 1) * perBlock));
            var (source, target, rest) = ((nint)from, (nint)to, run);
            for (var axis = axes - 1; axis >= 0; axis--)
            {
                index[axis] = (int)(rest % sizes[axis]);
                rest /= sizes[axis];
                source += index[axis] * steps[axis];
                target += index[axis] * steps[Layout.MaxRank + axis];
            }

            for (; run < end; run++)
            {
                Unsafe.CopyBlockUnaligned((byte*)target, (byte*)source, (uint)bytes);
                for (var axis = axes - 1; axis >= 0; axis--)
                {
                    source += steps[axis];
                    target += steps[Layout.MaxRank + axis];
                    if (++index[axis] < sizes[axis])
                    {
                        break;
                    }

                    source -= sizes[axis] * steps[axis];
                    target -= sizes[axis] * steps[Layout.MaxRank + axis];
                    index[axis] = 0;
                }
            }
        }
    }
}
