using System.Runtime.CompilerServices;
using Backprop.Kernels.Products;
using Backprop.Kernels.Recurrent;

namespace Backprop.Kernels.Attention;

/// <summary>The weights of a few queries, and what happens to them row by row. Rows are padded to whole registers.</summary>
internal static unsafe class AttentionRows<N, T>
    where N : struct, ILanes<N, T>, IReal<N>
    where T : unmanaged
{
    /// <summary>Elements of the edge: zeros, then ones.</summary>
    public const int EdgeSize = 4 * EdgeMiddle;

    /// <summary>At least the rows of a step and a register.</summary>
    private const int EdgeMiddle = 64;

    /// <summary>Beyond so many elements, keys are not transposed as a whole.</summary>
    private const int MostTurned = 1 << 22;

    /// <summary>Whether keys or values of so many elements each are transposed once, for many queries.</summary>
    public static bool Turns(int inner, nint pitch) => inner * pitch <= MostTurned;

    /// <summary>Zeros, then ones: read at a distance, it says which columns of a register lie before an end.</summary>
    public static void FillEdge(T* edge)
    {
        new Span<T>(edge, EdgeMiddle).Clear();
        for (var i = EdgeMiddle; i < EdgeSize; i++)
        {
            Set(edge + i, 1);
        }
    }

    /// <summary>
    /// The numerators of the softmax of scaled and masked scores of queries <paramref name="first"/> … <paramref name="last"/> − 1, and what to
    /// multiply each row by. Rows with nothing to attend to are 0, and so is what a causal mask hides.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Powers(in AttentionPlan<T> plan, int head, int first, int last, T* keys, T* edge, T* weights, nint pitch, T* factors)
    {
        var columns = plan.ColumnsBefore(last);
        var padded = SmallProduct.Padded<T>(columns);
        Products(last - first, plan.Inner, plan.Query.Of(head, first), plan.Query.Row, plan.Key, head, keys, columns, weights, pitch);
        N scale = plan.Scale;
        var least = plan.Causal ? Math.Min(columns, first + 1) : columns;
        var whole = least - (least % N.Count);
        var masked = plan.Allowed != null || plan.Added != null;
        for (var row = first; row < last; row++)
        {
            var x = weights + ((row - first) * pitch);
            var count = plan.Causal ? Math.Min(columns, row + 1) : columns;
            N a = double.NegativeInfinity;
            var i = 0;
            for (; i < whole; i += N.Count)
            {
                var value = N.Load(ref x[i]) * scale;
                a = N.Max(a, value);
                N.Store(value, ref x[i]);
            }

            for (; i < padded; i += N.Count)
            {
                var beyond = N.Load(ref edge[EdgeMiddle + Math.Clamp(i - count, -EdgeMiddle, EdgeMiddle)]);
                var value = N.IfEqual(beyond, 0, N.Load(ref x[i]) * scale, double.NegativeInfinity);
                a = N.Max(a, value);
                N.Store(value, ref x[i]);
            }

            if (masked || columns == 0)
            {
                if (columns == 0 || !Mask(plan, head, row, x, count))
                {
                    new Span<T>(x, padded).Clear();
                    Set(factors + row - first, 1);
                    continue;
                }

                a = double.NegativeInfinity;
                for (i = 0; i < padded; i += N.Count)
                {
                    a = N.Max(a, N.Load(ref x[i]));
                }
            }

            var shift = N.Broadcast(N.Fold<MaxFold>(a));
            N sum = 0;
            for (i = 0; i < padded; i += N.Count)
            {
                var power = N.Exp(N.Load(ref x[i]) - shift);
                N.Store(power, ref x[i]);
                sum += power;
            }

            var factor = 1 / N.Broadcast(N.Fold<SumFold>(sum));
            factors[row - first] = Unsafe.As<N, T>(ref factor);
        }
    }

    /// <summary>target = rows · operandᵀ for the first columns, or with the transposed operand where there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Products(
        int rows, int inner, T* left, int leftRow, in HeadRows<T> operand, int head, T* transposed, int columns, T* target, nint pitch)
    {
        if (transposed != null)
        {
            SmallProduct.Run(rows, SmallProduct.Padded<T>(columns), inner, left, leftRow, 1, transposed, pitch, target, pitch, false);
        }
        else
        {
            MatrixProduct.Multiply(rows, columns, inner, left, leftRow, false, operand.Of(head, 0), operand.Row, true, target, checked((int)pitch));
        }
    }

    /// <summary>From the gradient of the weights to that of the scores before they were scaled: dx ← factor · w (dx − Σ w dx).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ScoreGradient(T* weights, T* change, int columns, double factor)
    {
        var whole = columns - (columns % N.Count);
        N sum = 0;
        var i = 0;
        for (; i < whole; i += N.Count)
        {
            sum = N.MultiplyAdd(N.Load(ref weights[i]), N.Load(ref change[i]), sum);
        }

        if (i < columns)
        {
            sum = N.MultiplyAdd(N.LoadFirst(weights + i, columns - i, 0), N.LoadFirst(change + i, columns - i, 0), sum);
        }

        var dot = N.Broadcast(N.Fold<SumFold>(sum));
        N scale = factor;
        for (i = 0; i < whole; i += N.Count)
        {
            N.Store(N.Load(ref weights[i]) * (N.Load(ref change[i]) - dot) * scale, ref change[i]);
        }

        if (i < columns)
        {
            var value = N.LoadFirst(weights + i, columns - i, 0) * (N.LoadFirst(change + i, columns - i, 0) - dot) * scale;
            N.StoreFirst(value, change + i, columns - i);
        }
    }

    /// <summary>Multiplies a row of weights (or their gradients) by the mask of dropout, and by what keeps their expectation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Drop(in AttentionPlan<T> plan, int head, int row, T* from, T* to, int columns, float* kept)
    {
        var blocks = RandomFill.Blocks<float>(plan.Columns);
        var scale = plan.Keep == 0 ? 0 : 1 / plan.Keep;
        var counter = plan.Counter + ((((ulong)head * (ulong)plan.Rows) + (ulong)row) * blocks);
        RandomFill.Mask(new Span<float>(kept, columns), counter, plan.Seed, plan.Keep, 1);
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

    /// <summary>x ← factor · x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(T* x, T* factor, int count) => Scale(x, N.Broadcast(*factor), count);

    /// <summary>x ← factor · x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(T* x, double factor, int count) => Scale(x, (N)factor, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Scale(T* x, N factor, int count)
    {
        var i = 0;
        for (; i <= count - N.Count; i += N.Count)
        {
            N.Store(N.Load(ref x[i]) * factor, ref x[i]);
        }

        if (i < count)
        {
            N.StoreFirst(N.LoadFirst(x + i, count - i, 0) * factor, x + i, count - i);
        }
    }

    /// <summary>Masks the scores of one query; false if nothing is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Mask(in AttentionPlan<T> plan, int head, int row, T* x, int count)
    {
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
