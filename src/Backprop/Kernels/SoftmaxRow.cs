using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>The softmax family on one row of <c>columns</c> ≥ 1 contiguous elements.</summary>
/// <remarks>
/// A row shorter than a register is one masked register. The lanes beyond its end hold −∞ where exponentials are summed,
/// so that they count for nothing.
/// </remarks>
internal static unsafe class SoftmaxRow<N, T>
    where N : struct, ILanes<N, T>, IReal<N>
    where T : unmanaged
{
    // Sums of this many elements are kept in registers; the blocks of longer rows add up in double.
    private const int Block = 4096;

    /// <summary>y = e^(x − max x) / Σ e^(x − max x) of at least as many columns as a register has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Many(T* x, T* y, nint columns) => Scale(y, columns, Powers(x, y, columns, Max(x, columns)));

    /// <summary><see cref="Many"/> of fewer columns than a register has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Few(T* x, T* y, nint columns)
    {
        var lanes = N.LoadFirst(x, (int)columns, double.NegativeInfinity);
        var powers = N.Exp(lanes - N.Broadcast(N.Fold<MaxFold>(lanes)));
        N.StoreFirst(powers / N.Broadcast(N.Fold<SumFold>(powers)), y, (int)columns);
    }

    /// <summary>y = e^(x − max); returns 1 / Σ y, in all lanes. Columns are at least <c>N.Count</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static N Powers(T* x, T* y, nint columns, N max) => 1 / SumOfPowers<Kept>(x, y, columns, max);

    /// <summary>y · factor in place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Scale(T* y, nint columns, N factor)
    {
        nint i = 0;
        for (; i + N.Count <= columns; i += N.Count)
        {
            N.Store(N.Load(ref y[i]) * factor, ref y[i]);
        }
        if (i < columns)
        {
            var rest = (int)(columns - i);
            N.StoreFirst(N.LoadFirst(y + i, rest, 0) * factor, y + i, rest);
        }
    }

    /// <summary>ln Σ eˣ; −∞ if every element is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static T LogSumExp(T* x, nint columns)
    {
        if (columns < N.Count)
        {
            var lanes = N.LoadFirst(x, (int)columns, double.NegativeInfinity);
            var shift = Finite(N.Broadcast(N.Fold<MaxFold>(lanes)));
            return First(shift + N.Log(N.Broadcast(N.Fold<SumFold>(N.Exp(lanes - shift)))));
        }
        var max = Finite(Max(x, columns));
        return First(max + N.Log(SumOfPowers<Dropped>(x, null, columns, max)));
    }

    /// <summary>y = x − shift.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Subtract(T* x, T shift, T* y, nint columns)
    {
        var lanes = N.Broadcast(shift);
        nint i = 0;
        for (; i + N.Count <= columns; i += N.Count)
        {
            N.Store(N.Load(ref x[i]) - lanes, ref y[i]);
        }
        if (i < columns)
        {
            var rest = (int)(columns - i);
            N.StoreFirst(N.LoadFirst(x + i, rest, 0) - lanes, y + i, rest);
        }
    }

    /// <summary>dx = y (g − Σ g y): the gradient of <see cref="Softmax"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static void SoftmaxGradient(T* y, T* g, T* dx, nint columns, bool accumulate)
    {
        N a = 0, b = 0;
        nint i = 0;
        for (; i + 2 * N.Count <= columns; i += 2 * N.Count)
        {
            a = N.MultiplyAdd(N.Load(ref y[i]), N.Load(ref g[i]), a);
            b = N.MultiplyAdd(N.Load(ref y[i + N.Count]), N.Load(ref g[i + N.Count]), b);
        }
        for (; i + N.Count <= columns; i += N.Count)
        {
            a = N.MultiplyAdd(N.Load(ref y[i]), N.Load(ref g[i]), a);
        }
        if (i < columns)
        {
            var rest = (int)(columns - i);
            b = N.MultiplyAdd(N.LoadFirst(y + i, rest, 0), N.LoadFirst(g + i, rest, 0), b);
        }
        var dot = N.Broadcast(N.Fold<SumFold>(a + b));

        for (i = 0; i + N.Count <= columns; i += N.Count)
        {
            var value = N.Load(ref y[i]) * (N.Load(ref g[i]) - dot);
            N.Store(accumulate ? N.Load(ref dx[i]) + value : value, ref dx[i]);
        }
        if (i < columns)
        {
            var rest = (int)(columns - i);
            var value = N.LoadFirst(y + i, rest, 0) * (N.LoadFirst(g + i, rest, 0) - dot);
            N.StoreFirst(accumulate ? N.LoadFirst(dx + i, rest, 0) + value : value, dx + i, rest);
        }
    }

    /// <summary>dx = g − eʸ Σ g: the gradient of the log-softmax y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static void LogSoftmaxGradient(T* y, T* g, T* dx, nint columns, bool accumulate)
    {
        var sum = N.Broadcast(RowReduction<SumFold, N, T>.Fold(g, columns));
        nint i = 0;
        for (; i + N.Count <= columns; i += N.Count)
        {
            var value = N.Load(ref g[i]) - N.Exp(N.Load(ref y[i])) * sum;
            N.Store(accumulate ? N.Load(ref dx[i]) + value : value, ref dx[i]);
        }
        if (i < columns)
        {
            var rest = (int)(columns - i);
            var value = N.LoadFirst(g + i, rest, 0) - N.Exp(N.LoadFirst(y + i, rest, 0)) * sum;
            N.StoreFirst(accumulate ? N.LoadFirst(dx + i, rest, 0) + value : value, dx + i, rest);
        }
    }

    /// <summary>dx = scale · e^(x − logSumExp): the gradient of <see cref="LogSumExp"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static void LogSumExpGradient(T* x, T logSumExp, T scale, T* dx, nint columns, bool accumulate)
    {
        var shift = N.Broadcast(logSumExp);
        var factor = N.Broadcast(scale);
        nint i = 0;
        for (; i + N.Count <= columns; i += N.Count)
        {
            var value = N.Exp(N.Load(ref x[i]) - shift) * factor;
            N.Store(accumulate ? N.Load(ref dx[i]) + value : value, ref dx[i]);
        }
        if (i < columns)
        {
            var rest = (int)(columns - i);
            var value = N.Exp(N.LoadFirst(x + i, rest, 0) - shift) * factor;
            N.StoreFirst(accumulate ? N.LoadFirst(dx + i, rest, 0) + value : value, dx + i, rest);
        }
    }

    /// <summary>What to subtract in the gradient: 0 where all elements were −∞, so that e^(−∞ − 0) is 0 and not NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static T Shift(T logSumExp)
    {
        var total = N.Broadcast(logSumExp);
        return First(N.IfEqual(total, double.NegativeInfinity, 0, total));
    }

    /// <summary>a + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static T Add(T a, T b) => First(N.Broadcast(a) + N.Broadcast(b));

    /// <summary>a − b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static T Subtract(T a, T b) => First(N.Broadcast(a) - N.Broadcast(b));

    /// <summary>The largest element, in all lanes; columns is at least one register. NaN may count as well as not: its power is NaN anyway.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static N Max(T* x, nint columns)
    {
        // The last register overlaps the one before: it does no harm to a maximum.
        var last = N.Load(ref x[columns - N.Count]);
        N a = last, b = last, c = last, d = last;
        nint i = 0;
        for (; i + 4 * N.Count <= columns; i += 4 * N.Count)
        {
            a = N.Larger(a, N.Load(ref x[i]));
            b = N.Larger(b, N.Load(ref x[i + N.Count]));
            c = N.Larger(c, N.Load(ref x[i + 2 * N.Count]));
            d = N.Larger(d, N.Load(ref x[i + 3 * N.Count]));
        }
        for (; i + N.Count <= columns; i += N.Count)
        {
            a = N.Larger(a, N.Load(ref x[i]));
        }
        return N.Broadcast(N.Fold<MaxFold>(N.Larger(N.Larger(a, b), N.Larger(c, d))));
    }

    /// <summary>Σ e^(x − shift) in all lanes; keeps the powers in y if told to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static N SumOfPowers<TKeep>(T* x, T* y, nint columns, N shift)
        where TKeep : struct, IKeep
    {
        var total = 0.0;
        nint i = 0;
        while (true)
        {
            N a = 0, b = 0;
            var end = Math.Min(columns, i + Block);
            for (; i + 2 * N.Count <= end; i += 2 * N.Count)
            {
                var first = TKeep.Exp(N.Load(ref x[i]) - shift);
                var second = TKeep.Exp(N.Load(ref x[i + N.Count]) - shift);
                TKeep.Store(first, y + i);
                TKeep.Store(second, y + i + N.Count);
                a += first;
                b += second;
            }
            if (i + N.Count <= end)
            {
                var first = TKeep.Exp(N.Load(ref x[i]) - shift);
                TKeep.Store(first, y + i);
                a += first;
                i += N.Count;
            }
            if (i < end)
            {
                var rest = (int)(end - i);
                var first = TKeep.Exp(N.LoadFirst(x + i, rest, double.NegativeInfinity) - shift);
                TKeep.StoreFirst(first, y + i, rest);
                b += first;
                i = end;
            }
            var sum = N.Fold<SumFold>(a + b);
            if (columns <= Block)
            {
                return N.Broadcast(sum);
            }
            total += typeof(T) == typeof(float) ? Unsafe.BitCast<T, float>(sum) : Unsafe.BitCast<T, double>(sum);
            if (i == columns)
            {
                return total;
            }
        }
    }

    /// <summary>x, and 0 in place of ±∞: what to subtract so that infinities come out as they should.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static N Finite(N x) => N.IfEqual(N.Abs(x), double.PositiveInfinity, 0, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static T First(N lanes) => Unsafe.As<N, T>(ref lanes);

    private interface IKeep
    {
        static abstract N Exp(N x);

        static abstract void Store(N value, T* destination);

        static abstract void StoreFirst(N value, T* destination, int count);
    }

    private readonly struct Kept : IKeep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static N Exp(N x) => N.ExpOfNegative(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static void Store(N value, T* destination) => N.Store(value, ref *destination);

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static void StoreFirst(N value, T* destination, int count) => N.StoreFirst(value, destination, count);
    }

    private readonly struct Dropped : IKeep
    {
        // Where the largest is +∞ it isn't subtracted.
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static N Exp(N x) => N.Exp(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static void Store(N value, T* destination)
        {
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static void StoreFirst(N value, T* destination, int count)
        {
        }
    }
}
