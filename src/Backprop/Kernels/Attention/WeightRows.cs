using System.Runtime.CompilerServices;
using Backprop.Kernels.Recurrent;

namespace Backprop.Kernels.Attention;

/// <summary>The weights of a block of queries, and what happens to them row by row.</summary>
internal static unsafe class WeightRows<N, T>
    where N : struct, ILanes<N, T>, IReal<N>
    where T : unmanaged
{
    /// <summary>
    /// Softmax of the scaled and masked scores of queries <paramref name="begin"/> … <paramref name="end"/> − 1; rows with nothing to attend to are 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(in AttentionPlan<T> plan, int head, int begin, int end, T* weights, int columns)
    {
        MatrixProduct.Multiply(
            end - begin, columns, plan.Inner, plan.Query.Of(head, begin), plan.Query.Row, false, plan.Key.Of(head, 0), plan.Key.Row, true, weights, columns);
        N scale = plan.Scale;
        for (var row = begin; row < end; row++)
        {
            var x = weights + ((nint)(row - begin) * columns);
            var count = plan.Causal ? Math.Min(columns, row + 1) : columns;
            for (var i = 0; i < count; i += N.Count)
            {
                var part = Math.Min(N.Count, count - i);
                Part<N, T>.Store(Part<N, T>.Load(x + i, part) * scale, x + i, part);
            }

            if (count > 0 && Mask(plan, head, row, x, count))
            {
                SoftmaxRow<N, T>.Softmax(x, x, count);
            }
            else
            {
                count = 0;
            }

            new Span<T>(x + count, columns - count).Clear();
        }
    }

    /// <summary>Multiplies weights (or their gradients) by the mask of dropout, and by what keeps their expectation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Drop(in AttentionPlan<T> plan, int head, int begin, int end, T* source, T* destination, int columns, Span<float> kept)
    {
        var blocks = RandomFill.Blocks<float>(plan.Columns);
        var scale = plan.Keep == 0 ? 0 : 1 / plan.Keep;
        for (var row = begin; row < end; row++)
        {
            var counter = plan.Counter + ((((ulong)head * (ulong)plan.Rows) + (ulong)row) * blocks);
            RandomFill.Mask(kept[..columns], counter, plan.Seed, plan.Keep, 1);
            var from = source + ((nint)(row - begin) * columns);
            var to = destination + ((nint)(row - begin) * columns);
            if (typeof(T) == typeof(float))
            {
                for (var i = 0; i < columns; i++)
                {
                    ((float*)to)[i] = ((float*)from)[i] * (kept[i] * (float)scale);
                }
            }
            else
            {
                for (var i = 0; i < columns; i++)
                {
                    ((double*)to)[i] = ((double*)from)[i] * (kept[i] * scale);
                }
            }
        }
    }

    /// <summary>y += x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(T* x, T* y, int count)
    {
        for (var i = 0; i < count; i += N.Count)
        {
            var part = Math.Min(N.Count, count - i);
            Part<N, T>.Store(Part<N, T>.Load(y + i, part) + Part<N, T>.Load(x + i, part), y + i, part);
        }
    }

    /// <summary>x ← scale · x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(T* x, double scale, nint count)
    {
        N factor = scale;
        for (nint i = 0; i < count; i += N.Count)
        {
            var part = (int)Math.Min(N.Count, count - i);
            Part<N, T>.Store(Part<N, T>.Load(x + i, part) * factor, x + i, part);
        }
    }

    /// <summary>Masks the scores of one query; false if nothing is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Mask(in AttentionPlan<T> plan, int head, int row, T* x, int count)
    {
        if (plan.Allowed == null && plan.Added == null)
        {
            return true;
        }

        var at = plan.MaskAt[head] + (row * plan.MaskRow);
        var any = false;
        for (var i = 0; i < count; i++, at += plan.MaskColumn)
        {
            if (plan.Allowed != null)
            {
                if (plan.Allowed[at] == 0)
                {
                    Set(x + i, double.NegativeInfinity);
                    continue;
                }
            }
            else if (typeof(T) == typeof(float))
            {
                ((float*)x)[i] += ((float*)plan.Added)[at];
            }
            else
            {
                ((double*)x)[i] += ((double*)plan.Added)[at];
            }

            // Only −∞ counts as nothing: a NaN shows.
            any |= typeof(T) == typeof(float) ? !float.IsNegativeInfinity(((float*)x)[i]) : !double.IsNegativeInfinity(((double*)x)[i]);
        }

        return any;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Set(T* x, double value)
    {
        if (typeof(T) == typeof(float))
        {
            *(float*)x = (float)value;
        }
        else
        {
            *(double*)x = value;
        }
    }
}
