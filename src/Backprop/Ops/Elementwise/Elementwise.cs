using Backprop.Ops;

namespace Backprop;

/// <summary>Applies elementwise rules, built-in ones and your own alike: recorded, vectorised, differentiable to every order.</summary>
public static partial class Elementwise
{
    /// <summary>y = f(x), element by element.</summary>
    /// <typeparam name="TRule">The mathematics.</typeparam>
    /// <param name="x">A floating-point tensor; an integer one where the formula uses only +, −, ·, comparisons and whole constants.</param>
    /// <returns>A tensor of the same shape and dtype.</returns>
    /// <exception cref="DTypeException">The formula is not defined on the tensor's dtype.</exception>
    public static Tensor Apply<TRule>(Tensor x)
        where TRule : struct, IUnaryRule
    {
        ArgumentNullException.ThrowIfNull(x);
        return UnaryOp<Fixed<TRule>>.Default.Run(new Operands(x));
    }

    /// <summary>y = f(x), element by element, for a rule with parameters.</summary>
    /// <inheritdoc cref="Apply{TRule}(Tensor)"/>
    public static Tensor Apply<TRule>(TRule rule, Tensor x)
        where TRule : struct, IParametricUnaryRule
    {
        ArgumentNullException.ThrowIfNull(x);
        return new UnaryOp<TRule>(rule).Run(new Operands(x));
    }

    /// <summary>z = f(x, y), element by element; the shapes broadcast.</summary>
    /// <typeparam name="TRule">The mathematics.</typeparam>
    /// <returns>A tensor of the broadcast shape and the common dtype.</returns>
    /// <exception cref="DTypeException">The dtypes differ, or the formula is not defined on them.</exception>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor Apply<TRule>(Tensor x, Tensor y)
        where TRule : struct, IBinaryRule
    {
        (x, y) = Broadcasting.Adopt(TRule.Name, x, y);
        return BinaryOp<TRule>.Default.Run(new Operands(x, y));
    }

    /// <summary>x ↦ f(x, c).</summary>
    internal static Tensor Apply<TRule>(Tensor x, double constant)
        where TRule : struct, IBinaryRule
    {
        ArgumentNullException.ThrowIfNull(x);
        Tensor.CheckConstant(TRule.Name, constant, x.DType);
        return Apply(new BoundRight<TRule>(constant), x);
    }

    /// <summary>x ↦ f(c, x).</summary>
    internal static Tensor Apply<TRule>(double constant, Tensor x)
        where TRule : struct, IBinaryRule
    {
        ArgumentNullException.ThrowIfNull(x);
        Tensor.CheckConstant(TRule.Name, constant, x.DType);
        return Apply(new BoundLeft<TRule>(constant), x);
    }
}
