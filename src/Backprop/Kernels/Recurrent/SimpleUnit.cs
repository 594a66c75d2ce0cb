using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Recurrent;

/// <summary>h′ = f(x + s) with one gate; h′ tells the slope of f.</summary>
internal readonly unsafe struct SimpleUnit<TSquash, N, T> : IUnit<T>
    where TSquash : struct, ISquash
    where N : struct, ILanes<N, T>, IReal<N>
    where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(in UnitRow<T> row, int size)
    {
        for (var i = 0; i < size; i += N.Count)
        {
            var count = Math.Min(N.Count, size - i);
            var h = TSquash.Value(Part<N, T>.Load(row.Input + i, count) + Part<N, T>.Load(row.State + i, count));
            Part<N, T>.Store(h, row.Hidden + i, count);
            Part<N, T>.Store(h, row.Output + i, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(in UnitRow<T> row, int size)
    {
        for (var i = 0; i < size; i += N.Count)
        {
            var count = Math.Min(N.Count, size - i);
            var h = Part<N, T>.Load(row.Output + i, count);
            var g = Part<N, T>.Load(row.Gradient + i, count) + Part<N, T>.Load(row.Hidden + i, count);
            Part<N, T>.Store(g * TSquash.Slope(h), row.InputGradient + i, count);
            Part<N, T>.Store(0, row.Hidden + i, count);
        }
    }
}

/// <summary>What a simple unit puts its sum through.</summary>
internal interface ISquash
{
    /// <summary>y = f(x).</summary>
    static abstract N Value<N>(N x)
        where N : IReal<N>;

    /// <summary>dy/dx from y.</summary>
    static abstract N Slope<N>(N y)
        where N : IReal<N>;
}

/// <summary>tanh, with the slope 1 − y².</summary>
internal readonly struct TanhSquash : ISquash
{
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static N Value<N>(N x)
        where N : IReal<N> => N.Tanh(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static N Slope<N>(N y)
        where N : IReal<N> => 1 - (y * y);
}

/// <summary>max(x, 0), with the slope 1 where y is positive, else 0.</summary>
internal readonly struct ReluSquash : ISquash
{
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static N Value<N>(N x)
        where N : IReal<N> => N.Max(x, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static N Slope<N>(N y)
        where N : IReal<N> => N.IfGreater(y, 0, 1, 0);
}
