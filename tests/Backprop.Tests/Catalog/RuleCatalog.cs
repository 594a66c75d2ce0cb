using System.Reflection;
using System.Runtime.CompilerServices;
using Backprop.Layers;
using Backprop.Ops;

namespace Backprop.Tests.Catalog;

/// <summary>
/// Every elementwise rule of the library with numbers to try it on: its domain, away from kinks and jumps (what happens there is for the golden cases).
/// A rule that is not here fails <see cref="RuleCatalogTests.EveryRuleHasADomain"/>.
/// </summary>
internal static class RuleCatalog
{
    private static readonly double[] reals = [-5.3, -3.6, -2.25, -1.4, -0.9, -0.31, -0.02, 0.003, 0.11, 0.47, 0.86, 1.3, 1.9, 2.7, 4.1, 6.6, 8.2];
    private static readonly double[] positives = [0.004, 0.03, 0.2, 0.6, 0.93, 1.2, 1.8, 2.9, 4.4, 11.0, 37.5];
    private static readonly double[] insideOne = [-0.97, -0.8, -0.51, -0.22, -0.04, 0.003, 0.09, 0.34, 0.62, 0.77, 0.95];
    private static readonly double[] noIntegers = [-5.3, -3.6, -2.25, -1.4, -0.9, -0.31, -0.12, 0.07, 0.21, 0.47, 0.86, 1.3, 1.9, 2.7, 4.1, 6.6, 12.2];
    private static readonly double[] aboveOne = [1.01, 1.2, 1.9, 2.8, 6.1, 40.0];
    private static readonly double[] divisors = [-2.43, -0.998, 0.393, 0.612, 1.599, 2.99];
    private static readonly double[] probabilities = [0.01, 0.08, 0.21, 0.33, 0.48, 0.57, 0.74, 0.9, 0.98];

    /// <summary>Rules of one argument.</summary>
    public static readonly IReadOnlyList<UnaryEntry> Unary =
    [
        Of<AbsRule>(reals),
        Of<AcosRule>(insideOne),
        Of<AcoshRule>(aboveOne),
        Of<AsinRule>(insideOne),
        Of<AsinhRule>(reals),
        Of<AtanRule>(reals),
        Of<AtanhRule>(insideOne),
        Of<CeilingRule>(reals),
        Of(new CeluRule(1.3), reals),
        Of(new ClampRule(-1.1, 2.2), reals),
        Of<CosRule>(reals),
        Of<CoshRule>(reals),
        Of<DigammaRule>(noIntegers),
        Of(new EluRule(0.7), reals),
        Of<ErfRule>(reals),
        Of<ErfcRule>(reals),
        Of<ErfInvRule>(insideOne),
        Of<Exp2Rule>(reals),
        Of<ExpRule>(reals),
        Of<Expm1Rule>(reals),
        Of<FloorRule>(reals),
        Of<FracRule>(reals),
        Of<GeluRule>(reals),
        Of<GeluTanhRule>(reals),
        Of(new HardshrinkRule(0.6), reals),
        Of<HardsigmoidRule>(reals),
        Of<HardswishRule>(reals),
        Of(new HardtanhRule(-1.1, 2.2), reals),
        Of(new HuberRule(1.5), reals),
        Of(new LeakyReluRule(0.07), reals),
        Of<Log10Rule>(positives),
        Of<Log1pRule>(positives),
        Of<Log2Rule>(positives),
        Of<LogGammaRule>(noIntegers),
        Of<LogRule>(positives),
        Of<LogSigmoidRule>(reals),
        Of<LogitRule>(probabilities),
        Of<MishRule>(reals),
        Of(new NanToNumberRule(0.5, 9, -9), reals),
        Of<NegateRule>(reals),
        Of(new PolygammaRule(2), noIntegers),
        Of<ReciprocalRule>(reals),
        Of<ReciprocalSqrtRule>(positives),
        Of<Relu6Rule>(reals),
        Of<ReluRule>(reals),
        Of<RoundRule>(reals),
        Of<SeluRule>(reals),
        Of<SigmoidRule>(reals),
        Of<SignRule>(reals),
        Of<SiluRule>(reals),
        Of<SinRule>(reals),
        Of<SinhRule>(reals),
        Of(new SoftplusRule(1.6, 12), reals),
        Of(new SoftshrinkRule(0.6), reals),
        Of<SoftsignRule>(reals),
        Of<SqrtRule>(positives),
        Of<SquareRule>(reals),
        Of<TanRule>(insideOne),
        Of<TanhRule>(reals),
        Of<TanhshrinkRule>(reals),
        Of(new ThresholdRule(0.6, -1.5), reals),
        Of<TruncateRule>(reals),
    ];

    /// <summary>Rules of two arguments.</summary>
    public static readonly IReadOnlyList<BinaryEntry> Binary =
    [
        Of<AbsoluteErrorRule>(reals, insideOne),
        Of<AddRule>(reals, reals),
        Of<Atan2Rule>(reals, aboveOne),
        Of<BinaryCrossEntropyRule>(probabilities, insideOne),
        Of<DivideRule>(reals, positives),
        Of<FloorDivideRule>(reals, divisors),
        Of<FmodRule>(reals, divisors),
        Of<HypotRule>(reals, insideOne),
        Of<LogAddExpRule>(reals, insideOne),
        Of<LogisticLossRule>(reals, probabilities),
        Of<MaximumRule>(reals, insideOne),
        Of<MinimumRule>(reals, insideOne),
        Of<MultiplyRule>(reals, reals),
        Of<PoissonRule>(reals, positives),
        Of<PReluRule>(reals, insideOne),
        Of<PowRule>(positives, insideOne),
        Of<RemainderRule>(reals, divisors),
        Of<SoftMarginRule>(reals, insideOne),
        Of<SquaredErrorRule>(reals, insideOne),
        Of<SubtractRule>(reals, reals),
        Of<TruncateDivideRule>(reals, divisors),
        Of<XLogYRule>(reals, positives),
    ];

    /// <summary>The operations' names.</summary>
    public static IReadOnlySet<string> Names { get; } = Unary.Select(entry => entry.Rule).Concat(Binary.Select(entry => entry.Rule)).Select(NameOf).ToHashSet();

    /// <summary>The operation's name that a rule states, in itself or for all its parameters.</summary>
    public static string NameOf(Type rule)
    {
        var property = rule.GetProperty("Name", BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance)!;
        return (string)property.GetValue(property.GetMethod!.IsStatic ? null : RuntimeHelpers.GetUninitializedObject(rule))!;
    }

    private static UnaryEntry<Fixed<TRule>> Of<TRule>(double[] points)
        where TRule : struct, IUnaryRule => new(typeof(TRule), default, points);

    private static UnaryEntry<TRule> Of<TRule>(TRule rule, double[] points)
        where TRule : struct, IParametricUnaryRule => new(typeof(TRule), rule, points);

    private static BinaryEntry<TRule> Of<TRule>(double[] xs, double[] ys)
        where TRule : struct, IBinaryRule => new(typeof(TRule), xs, ys);
}
