namespace Backprop.Tests.Catalog;

/// <summary>A rule of two arguments, whatever its type, and the points of each to try it on.</summary>
internal abstract class BinaryEntry(Type rule, double[] xs, double[] ys)
{
    public Type Rule { get; } = rule;

    public double[] Xs { get; } = xs;

    public double[] Ys { get; } = ys;

    public abstract Tensor Apply(Tensor x, Tensor y);

    /// <summary>x ↦ f(x, c) with a constant.</summary>
    public abstract Tensor ApplyRight(Tensor x, double constant);

    /// <summary>y ↦ f(c, y) with a constant.</summary>
    public abstract Tensor ApplyLeft(double constant, Tensor y);

    /// <summary>Value and exact derivative of the formula, along the first argument or along the second.</summary>
    public abstract Dual Value(double x, double y, bool alongX);

    /// <summary>The rule's slope in the first argument and its exact derivative, along the first argument or along the second.</summary>
    public abstract Dual SlopeX(double x, double y, bool alongX);

    /// <summary>The rule's slope in the second argument and its exact derivative.</summary>
    public abstract Dual SlopeY(double x, double y, bool alongX);
}

internal sealed class BinaryEntry<TRule>(Type type, double[] xs, double[] ys) : BinaryEntry(type, xs, ys)
    where TRule : struct, IBinaryRule
{
    public override Tensor Apply(Tensor x, Tensor y) => Elementwise.Apply<TRule>(x, y);

    public override Tensor ApplyRight(Tensor x, double constant) => Elementwise.Apply<TRule>(x, constant);

    public override Tensor ApplyLeft(double constant, Tensor y) => Elementwise.Apply<TRule>(constant, y);

    public override Dual Value(double x, double y, bool alongX)
    {
        var (dx, dy) = Duals(x, y, alongX);
        return TRule.Value(dx, dy);
    }

    public override Dual SlopeX(double x, double y, bool alongX)
    {
        var (dx, dy) = Duals(x, y, alongX);
        return TRule.SlopeX(dx, dy, TRule.Value(dx, dy));
    }

    public override Dual SlopeY(double x, double y, bool alongX)
    {
        var (dx, dy) = Duals(x, y, alongX);
        return TRule.SlopeY(dx, dy, TRule.Value(dx, dy));
    }

    private static (Dual X, Dual Y) Duals(double x, double y, bool alongX) =>
        alongX ? (Dual.Variable(x), y) : (x, Dual.Variable(y));
}
