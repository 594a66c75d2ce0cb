using System.Runtime.CompilerServices;

namespace Backprop;

/// <summary>
/// The mathematics of an elementwise function of one argument, said once. The two formulas are instantiated with SIMD registers (the kernels),
/// with tensors (derivatives of every order) and with dual numbers (an exact check).
/// </summary>
/// <example><code>
/// readonly struct SwishRule : IUnaryRule
/// {
///     public static string Name => "swish";
///     public static N Value&lt;N&gt;(N x) where N : IReal&lt;N&gt; => x * N.Sigmoid(x);
///     public static N Slope&lt;N&gt;(N x, N y) where N : IReal&lt;N&gt; { var s = N.Sigmoid(x); return s + y * (1 - s); }
/// }
/// </code></example>
public interface IUnaryRule
{
    /// <summary>The operation's name in messages and on the tape.</summary>
    static abstract string Name { get; }

    /// <summary>y = f(x).</summary>
    static abstract N Value<N>(N x)
        where N : IReal<N>;

    /// <summary>dy/dx, in terms of x, of y, or of both.</summary>
    static abstract N Slope<N>(N x, N y)
        where N : IReal<N>;
}

/// <summary>
/// Like <see cref="IUnaryRule"/>, for functions with parameters: the struct's fields are the parameters, and its members, <see cref="Name"/> as well, are
/// not static.
/// </summary>
/// <example><code>
/// readonly struct SwishRule(double beta) : IParametricUnaryRule
/// {
///     public string Name => "swish";
///     public N Value&lt;N&gt;(N x) where N : IReal&lt;N&gt; => x * N.Sigmoid(beta * x);
///     public N Slope&lt;N&gt;(N x, N y) where N : IReal&lt;N&gt; { var s = N.Sigmoid(beta * x); return s + beta * y * (1 - s); }
/// }
///
/// var y = Elementwise.Apply(new SwishRule(1.5), x);
/// </code></example>
public interface IParametricUnaryRule
{
    /// <summary>The operation's name in messages and on the tape.</summary>
    string Name { get; }

    /// <summary>y = f(x).</summary>
    N Value<N>(N x)
        where N : IReal<N>;

    /// <summary>dy/dx, in terms of x, of y, or of both.</summary>
    N Slope<N>(N x, N y)
        where N : IReal<N>;
}

/// <summary>The mathematics of an elementwise function of two arguments, which broadcast against each other.</summary>
public interface IBinaryRule
{
    /// <summary>The operation's name in messages and on the tape.</summary>
    static abstract string Name { get; }

    /// <summary>z = f(x, y).</summary>
    static abstract N Value<N>(N x, N y)
        where N : IReal<N>;

    /// <summary>∂z/∂x, in terms of x, y and z.</summary>
    static abstract N SlopeX<N>(N x, N y, N z)
        where N : IReal<N>;

    /// <summary>∂z/∂y, in terms of x, y and z.</summary>
    static abstract N SlopeY<N>(N x, N y, N z)
        where N : IReal<N>;
}

/// <summary>A comparison of two numbers: 1 where it holds, 0 where not.</summary>
internal interface IComparisonRule
{
    static abstract string Name { get; }

    static abstract N Value<N>(N x, N y)
        where N : IReal<N>;
}

/// <summary>A rule without parameters as one with none.</summary>
internal readonly struct Fixed<TRule> : IParametricUnaryRule
    where TRule : struct, IUnaryRule
{
    public string Name => TRule.Name;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public N Value<N>(N x)
        where N : IReal<N> => TRule.Value(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public N Slope<N>(N x, N y)
        where N : IReal<N> => TRule.Slope(x, y);
}

/// <summary>x ↦ f(x, c): a binary rule whose second argument is a constant.</summary>
internal readonly struct BoundRight<TRule>(double constant) : IParametricUnaryRule
    where TRule : struct, IBinaryRule
{
    public string Name => TRule.Name;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public N Value<N>(N x)
        where N : IReal<N> => TRule.Value<N>(x, constant);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public N Slope<N>(N x, N y)
        where N : IReal<N> => TRule.SlopeX<N>(x, constant, y);
}

/// <summary>x ↦ f(c, x): a binary rule whose first argument is a constant.</summary>
internal readonly struct BoundLeft<TRule>(double constant) : IParametricUnaryRule
    where TRule : struct, IBinaryRule
{
    public string Name => TRule.Name;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public N Value<N>(N x)
        where N : IReal<N> => TRule.Value<N>(constant, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public N Slope<N>(N x, N y)
        where N : IReal<N> => TRule.SlopeY<N>(constant, x, y);
}
