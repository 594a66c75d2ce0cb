using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>An associative operation that reduces many numbers to one.</summary>
internal interface IFold
{
    /// <summary>What an empty reduction gives: combined with x it gives x.</summary>
    static abstract double Identity { get; }

    /// <summary>The result of two numbers.</summary>
    static abstract N Combine<N>(N a, N b)
        where N : IReal<N>;
}

/// <summary>a + b.</summary>
internal readonly struct SumFold : IFold
{
    /// <inheritdoc/>
    public static double Identity => 0;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static N Combine<N>(N a, N b)
        where N : IReal<N> => a + b;
}

/// <summary>a · b.</summary>
internal readonly struct ProductFold : IFold
{
    /// <inheritdoc/>
    public static double Identity => 1;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static N Combine<N>(N a, N b)
        where N : IReal<N> => a * b;
}

/// <summary>The larger; NaN if either is NaN.</summary>
internal readonly struct MaxFold : IFold
{
    /// <inheritdoc/>
    public static double Identity => double.NegativeInfinity;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static N Combine<N>(N a, N b)
        where N : IReal<N> => N.Max(a, b);
}

/// <summary>The smaller; NaN if either is NaN.</summary>
internal readonly struct MinFold : IFold
{
    /// <inheritdoc/>
    public static double Identity => double.PositiveInfinity;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static N Combine<N>(N a, N b)
        where N : IReal<N> => N.Min(a, b);
}
