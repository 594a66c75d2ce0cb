using System.Runtime.CompilerServices;

namespace Backprop.Ops;

/// <summary>x &gt; y</summary>
internal readonly struct GreaterRule : IComparisonRule
{
    public static string Name => "greater";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static N Value<N>(N x, N y)
        where N : IReal<N> => N.IfGreater(x, y, 1, 0);
}

/// <summary>x ≥ y</summary>
internal readonly struct GreaterOrEqualRule : IComparisonRule
{
    public static string Name => "greater_or_equal";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static N Value<N>(N x, N y)
        where N : IReal<N> => N.IfGreaterOrEqual(x, y, 1, 0);
}

/// <summary>x &lt; y</summary>
internal readonly struct LessRule : IComparisonRule
{
    public static string Name => "less";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static N Value<N>(N x, N y)
        where N : IReal<N> => N.IfGreater(y, x, 1, 0);
}

/// <summary>x ≤ y</summary>
internal readonly struct LessOrEqualRule : IComparisonRule
{
    public static string Name => "less_or_equal";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static N Value<N>(N x, N y)
        where N : IReal<N> => N.IfGreaterOrEqual(y, x, 1, 0);
}

/// <summary>x = y</summary>
internal readonly struct EqualRule : IComparisonRule
{
    public static string Name => "equal";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static N Value<N>(N x, N y)
        where N : IReal<N> => N.IfEqual(x, y, 1, 0);
}

/// <summary>x ≠ y</summary>
internal readonly struct NotEqualRule : IComparisonRule
{
    public static string Name => "not_equal";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static N Value<N>(N x, N y)
        where N : IReal<N> => N.IfEqual(x, y, 0, 1);
}

/// <summary>x ∧ y</summary>
internal readonly struct AndRule : IComparisonRule
{
    public static string Name => "and";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static N Value<N>(N x, N y)
        where N : IReal<N> => N.IfEqual(x, 0, 0, N.IfEqual(y, 0, 0, 1));
}

/// <summary>x ∨ y</summary>
internal readonly struct OrRule : IComparisonRule
{
    public static string Name => "or";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static N Value<N>(N x, N y)
        where N : IReal<N> => N.IfEqual(x, 0, N.IfEqual(y, 0, 0, 1), 1);
}

/// <summary>x ⊻ y</summary>
internal readonly struct XorRule : IComparisonRule
{
    public static string Name => "xor";

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static N Value<N>(N x, N y)
        where N : IReal<N> => N.IfEqual(x, 0, N.IfEqual(y, 0, 0, 1), N.IfEqual(y, 0, 1, 0));
}
