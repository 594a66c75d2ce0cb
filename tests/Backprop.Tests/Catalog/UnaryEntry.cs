namespace Backprop.Tests.Catalog;

/// <summary>A rule of one argument, whatever its type, and the points to try it on.</summary>
internal abstract class UnaryEntry(Type rule, double[] points)
{
    public Type Rule { get; } = rule;

    public double[] Points { get; } = points;

    /// <summary>The rule applied to a tensor.</summary>
    public abstract Tensor Apply(Tensor x);

    /// <summary>Value and exact derivative of the formula.</summary>
    public abstract Dual Value(double x);

    /// <summary>The rule's slope, and with it the exact second derivative.</summary>
    public abstract Dual Slope(double x);
}

internal sealed class UnaryEntry<TRule>(Type type, TRule rule, double[] points) : UnaryEntry(type, points)
    where TRule : struct, IParametricUnaryRule
{
    public override Tensor Apply(Tensor x) => Elementwise.Apply(rule, x);

    public override Dual Value(double x) => rule.Value(Dual.Variable(x));

    public override Dual Slope(double x) => rule.Slope(Dual.Variable(x), Value(x));
}
