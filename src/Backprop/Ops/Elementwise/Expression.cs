namespace Backprop.Ops;

/// <summary>
/// A tensor, or a constant, as a number: rules evaluated with it record tensor operations, and so have derivatives of every order.
/// </summary>
internal readonly struct Expression : IReal<Expression>
{
    private readonly Tensor? tensor;
    private readonly double constant;

    public Expression(Tensor tensor) => this.tensor = tensor;

    private Expression(double constant) => this.constant = constant;

    /// <summary>The tensor; a constant becomes one like <paramref name="like"/>.</summary>
    public Tensor ToTensor(Tensor like) => tensor ?? Tensor.Full(like.Shape, constant, like.DType);

    public static implicit operator Expression(double value) => new(value);

    public static Expression operator +(Expression a, Expression b) =>
        a.tensor is null && b.tensor is null ? a.constant + b.constant : Binary<AddRule>(a, b);

    public static Expression operator -(Expression a, Expression b) =>
        a.tensor is null && b.tensor is null ? a.constant - b.constant : Binary<SubtractRule>(a, b);

    public static Expression operator *(Expression a, Expression b) =>
        a.tensor is null && b.tensor is null ? a.constant * b.constant
        : a.tensor is null && a.constant == 1 ? b
        : b.tensor is null && b.constant == 1 ? a
        : Binary<MultiplyRule>(a, b);

    public static Expression operator /(Expression a, Expression b) =>
        a.tensor is null && b.tensor is null ? a.constant / b.constant : Binary<DivideRule>(a, b);

    public static Expression operator -(Expression a) => a.tensor is null ? -a.constant : Unary<NegateRule>(a);

    public static Expression Abs(Expression x) => Unary<AbsRule>(x);

    public static Expression Sqrt(Expression x) => Unary<SqrtRule>(x);

    public static Expression Exp(Expression x) => Unary<ExpRule>(x);

    public static Expression Expm1(Expression x) => Unary<Expm1Rule>(x);

    public static Expression Log(Expression x) => Unary<LogRule>(x);

    public static Expression Log1p(Expression x) => Unary<Log1pRule>(x);

    public static Expression Sin(Expression x) => Unary<SinRule>(x);

    public static Expression Cos(Expression x) => Unary<CosRule>(x);

    public static Expression Tanh(Expression x) => Unary<TanhRule>(x);

    public static Expression Sigmoid(Expression x) => Unary<SigmoidRule>(x);

    public static Expression Erf(Expression x) => Unary<ErfRule>(x);

    public static Expression Erfc(Expression x) => Unary<ErfcRule>(x);

    public static Expression ErfInv(Expression x) => Unary<ErfInvRule>(x);

    public static Expression LogGamma(Expression x) => Unary<LogGammaRule>(x);

    public static Expression Polygamma(int order, Expression x) =>
        x.tensor is null ? Dual.Polygamma(order, x.constant).Value
        : new Expression(order == 0 ? x.tensor.Digamma() : Elementwise.Apply(new PolygammaRule(order), x.tensor));

    public static Expression Fmod(Expression a, Expression b) =>
        a.tensor is null && b.tensor is null ? a.constant % b.constant : Binary<FmodRule>(a, b);

    public static Expression Quotient(Expression a, Expression b) => a / b;

    public static Expression Floor(Expression x) => Unary<FloorRule>(x);

    public static Expression Round(Expression x) => Unary<RoundRule>(x);

    public static Expression Pow(Expression x, Expression y) =>
        x.tensor is null && y.tensor is null ? Dual.Pow(x.constant, y.constant).Value : Binary<PowRule>(x, y);

    public static Expression Max(Expression a, Expression b) =>
        a.tensor is null && b.tensor is null ? Math.Max(a.constant, b.constant) : Binary<MaximumRule>(a, b);

    public static Expression Min(Expression a, Expression b) =>
        a.tensor is null && b.tensor is null ? Math.Min(a.constant, b.constant) : Binary<MinimumRule>(a, b);

    public static Expression IfGreater(Expression a, Expression b, Expression then, Expression otherwise) =>
        Choose<GreaterRule>(a, b, then, otherwise);

    public static Expression IfGreaterOrEqual(Expression a, Expression b, Expression then, Expression otherwise) =>
        Choose<GreaterOrEqualRule>(a, b, then, otherwise);

    public static Expression IfEqual(Expression a, Expression b, Expression then, Expression otherwise) =>
        Choose<EqualRule>(a, b, then, otherwise);

    private static Expression Unary<TRule>(Expression x)
        where TRule : struct, IUnaryRule =>
        x.tensor is null ? TRule.Value<Dual>(x.constant).Value : new Expression(Elementwise.Apply<TRule>(x.tensor));

    private static Expression Binary<TRule>(Expression a, Expression b)
        where TRule : struct, IBinaryRule
    {
        if (a.tensor is null)
        {
            return new Expression(Elementwise.Apply(new BoundLeft<TRule>(a.constant), b.tensor!));
        }

        return new Expression(b.tensor is null
            ? Elementwise.Apply(new BoundRight<TRule>(b.constant), a.tensor)
            : Elementwise.Apply<TRule>(a.tensor, b.tensor));
    }

    private static Expression Choose<TRule>(Expression a, Expression b, Expression then, Expression otherwise)
        where TRule : struct, IComparisonRule
    {
        var like = a.tensor ?? b.tensor;
        if (like is null)
        {
            return TRule.Value<Dual>(a.constant, b.constant).Value != 0 ? then : otherwise;
        }

        Tensor Scalar(Expression e) => e.tensor ?? Tensor.Full([], e.constant, like.DType);
        var condition = ComparisonOp<TRule>.Default.Apply(Scalar(a), Scalar(b));
        return new Expression(Where.Instance.Apply(condition, Scalar(then), Scalar(otherwise)));
    }
}
