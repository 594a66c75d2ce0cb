using System.Runtime.CompilerServices;
using Backprop.Kernels;

namespace Backprop.Ops;

/// <summary>Copies a contiguous tensor into a part of a larger contiguous one, in runs of elements that lie side by side in both.</summary>
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
        if (!source.Layout.IsContiguous || !target.Layout.IsContiguous || source.Rank == 0)
        {
            return false;
        }

        if (source.Count == 0)
        {
            return true;
        }

        // Axes from this one on are one run: all that come after it are whole.
        var axis = source.Rank - 1;
        nint run = source.Shape[axis];
        while (axis > 0 && source.Shape[axis] == target.Shape[axis])
        {
            run *= source.Shape[--axis];
        }

        nint first = 0;
        for (var i = 0; i < source.Rank; i++)
        {
            first += (nint)starts[i] * target.Strides[i];
        }

        var size = source.DType.Size();
        var sizes = stackalloc int[Layout.MaxRank];
        var steps = stackalloc nint[Layout.MaxRank];
        for (var i = 0; i < axis; i++)
        {
            (sizes[i], steps[i]) = (source.Shape[i], (nint)target.Strides[i] * size);
        }

        fixed (byte* from = source.Bytes(), to = target.Bytes())
        {
            var bytes = run * size;
            var runs = source.Count / run;
            var perBlock = Math.Max(1, (64 * 1024) / bytes);
            var blocks = (int)((runs + perBlock - 1) / perBlock);
            Workers.Run(new Body(from, to + (first * size), sizes, steps, axis, bytes, runs, perBlock), blocks, (runs * 10.0) + (runs * bytes * 0.05));
        }

        return true;
    }

    private readonly struct Body(byte* from, byte* to, int* sizes, nint* steps, int axes, nint bytes, nint runs, nint perBlock) : IBlockBody
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var end = Math.Min(runs, (block + 1) * perBlock);
            for (var run = block * perBlock; run < end; run++)
            {
                nint rest = run, at = 0;
                for (var axis = axes - 1; axis >= 0; axis--)
                {
                    (rest, var index) = Math.DivRem(rest, sizes[axis]);
                    at += index * steps[axis];
                }

                Buffer.MemoryCopy(from + (run * bytes), to + at, bytes, bytes);
            }
        }
    }
}
