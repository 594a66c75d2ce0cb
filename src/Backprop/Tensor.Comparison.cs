using Backprop.Ops;

namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>x &gt; y, element by element, broadcasting; the result is bool.</summary>
    public static Tensor operator >(Tensor x, Tensor y) => Compare<GreaterRule>(x, y);

    /// <summary>x ≥ y, element by element, broadcasting; the result is bool.</summary>
    public static Tensor operator >=(Tensor x, Tensor y) => Compare<GreaterOrEqualRule>(x, y);

    /// <summary>x &lt; y, element by element, broadcasting; the result is bool.</summary>
    public static Tensor operator <(Tensor x, Tensor y) => Compare<LessRule>(x, y);

    /// <summary>x ≤ y, element by element, broadcasting; the result is bool.</summary>
    public static Tensor operator <=(Tensor x, Tensor y) => Compare<LessOrEqualRule>(x, y);

    /// <summary>x = y, element by element, broadcasting; the result is bool. NaN equals nothing.</summary>
    public Tensor EqualTo(Tensor other) => Compare<EqualRule>(this, other);

    /// <summary>x ≠ y, element by element, broadcasting; the result is bool.</summary>
    public Tensor NotEqualTo(Tensor other) => Compare<NotEqualRule>(this, other);

    /// <summary>x ∧ y of truth values, broadcasting.</summary>
    public static Tensor operator &(Tensor x, Tensor y) => Logical<AndRule>(x, y);

    /// <summary>x ∨ y of truth values, broadcasting.</summary>
    public static Tensor operator |(Tensor x, Tensor y) => Logical<OrRule>(x, y);

    /// <summary>Exclusive or of truth values, broadcasting.</summary>
    public static Tensor operator ^(Tensor x, Tensor y) => Logical<XorRule>(x, y);

    /// <summary>Not x, of truth values.</summary>
    public static Tensor operator !(Tensor x) => Logical<XorRule>(x, true);

    /// <summary>Whether each element is NaN.</summary>
    public Tensor IsNaN() => Compare<NotEqualRule>(this, this);

    /// <summary>Whether each element is ∞ or −∞; never, of integers and truth values.</summary>
    public Tensor IsInfinity() => DType.IsFloating() ? Detach().Abs().EqualTo(double.PositiveInfinity) : Zeros(Shape, DType.Bool);

    /// <summary>Whether each element is neither NaN nor infinite; always, of integers and truth values.</summary>
    public Tensor IsFinite() => DType.IsFloating() ? Detach().Abs() < double.PositiveInfinity : Ones(Shape, DType.Bool);

    private static Tensor Compare<TRule>(Tensor x, Tensor y)
        where TRule : struct, IComparisonRule
    {
        (x, y) = Broadcasting.Adopt(TRule.Name, x, y);
        return ComparisonOp<TRule>.Default.Run(new Operands(x, y));
    }

    private static Tensor Logical<TRule>(Tensor x, Tensor y)
        where TRule : struct, IComparisonRule
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        if (x.DType != DType.Bool || y.DType != DType.Bool)
        {
            var wrong = x.DType != DType.Bool ? x.DType : y.DType;
            throw Error.DType(TRule.Name, wrong, "both sides must be bool; compare first, or convert with To(DType.Bool).");
        }

        return ComparisonOp<TRule>.Default.Run(new Operands(x, y));
    }
}
