namespace Backprop.Tests.Catalog.Operations;

/// <summary>
/// Elementwise functions that are put together, and those that are no rules: comparisons, truth values, choices, conversions. Of the rules, which
/// have a catalog of their own, one of each kind stands here for the threads.
/// </summary>
internal sealed class ElementwiseSamples : ICatalogEntry
{
    private const string Truth = "truth values have no gradient";
    private static readonly Type range = typeof(ArgumentOutOfRangeException);
    private static readonly Type type = typeof(DTypeException);
    private static readonly Type shape = typeof(ShapeException);

    public IEnumerable<Sample> Samples() =>
    [
        new("sigmoid", "a vector", [Values.Reals(5)], t => t[0].Sigmoid()) { Large = () => [Values.Reals(70_000)] },
        new("log_gamma", "positive numbers", [Values.Positives(5)], t => t[0].LogGamma()) { Large = () => [Values.Positives(40_000)] },
        new("multiply", "a matrix and a row", [Values.Reals(2, 3), Values.Others(3)], t => t[0] * t[1])
        {
            Large = () => [Values.Reals(300, 150), Values.Others(150)],
        },
        new("fmod", "by a number", [Values.Reals(5)], t => t[0].Fmod(0.7)) { Large = () => [Values.Reals(40_000)] },
        new("remainder", "two tensors", [Values.Reals(2, 3), Values.Positives(2, 3)], t => t[0].Remainder(t[1])),
        new("remainder", "integers", [Values.Positions(20, 6) - 10, Values.Positions(5, 6) + 1], t => t[0].Remainder(t[1])) { Order = 0, WhyOrder = "integers" },
        new("floor_divide", "integers", [Values.Positions(20, 6) - 10, Values.Positions(5, 6) + 1], t => t[0].FloorDivide(t[1]))
        {
            Order = 0, WhyOrder = "integers",
        },
        new("truncate_divide", "by a number", [Values.Reals(5)], t => t[0].TruncateDivide(0.7)),
        new("lerp", "a number as weight", [Values.Reals(2, 3), Values.Others(3)], t => t[0].Lerp(t[1], 0.3)) { IsComposite = true },
        new("lerp", "a weight above a half", [Values.Reals(2, 3), Values.Others(2, 3)], t => t[0].Lerp(t[1], 0.8)) { IsComposite = true },
        new("lerp", "weights that broadcast", [Values.Reals(2, 3), Values.Others(3), Values.Probabilities(2, 1)], t => t[0].Lerp(t[1], t[2]))
        {
            IsComposite = true, Large = () => [Values.Reals(300, 150), Values.Others(150), Values.Probabilities(300, 1)],
        },
        new("glu", "the last axis", [Values.Reals(3, 4)], t => t[0].Glu()) { IsComposite = true, Large = () => [Values.Reals(300, 150)] },
        new("glu", "the first axis", [Values.Reals(4, 3)], t => t[0].Glu(0)) { IsComposite = true },
        new("where", "two branches that broadcast", [Values.Mask(2, 3), Values.Reals(2, 3), Values.Others(3)], t => Tensor.Where(t[0], t[1], t[2]))
        {
            Large = () => [Values.Mask(300, 150), Values.Reals(300, 150), Values.Others(150)],
        },
        new("where", "a condition that broadcasts, a number", [Values.Mask(3), Values.Reals(2, 3)], t => Tensor.Where(t[0], t[1], 0.5)),
        new("cast", "truth values as weights", [Values.Mask(2, 3), Values.Reals(2, 3)], t => t[0].To(t[1].DType) * t[1])
        {
            Large = () => [Values.Mask(300, 250), Values.Reals(300, 250)],
        },
        new("cast", "to int64", [Values.Reals(2, 3)], t => t[0].To(DType.Int64)) { Order = 0, WhyOrder = "integers" },
        .. Comparisons(),
    ];

    public IEnumerable<ErrorCase> Errors() =>
    [
        new("fmod", "an integer divided by 0", range, [Values.Positions(9, 3), Tensor.From([2L, 0, 1])], t => t[0].Fmod(t[1]), ["divisor is 0", "element 1"]),
        new("remainder", "integers divided by the number 0", range, [Values.Positions(9, 3)], t => t[0].Remainder(0), ["divisor is 0"]),
        new("floor_divide", "an integer divided by 0", range, [Tensor.From([5L]), Tensor.From([0L])], t => t[0].FloorDivide(t[1]), ["divisor is 0"]),
        new("truncate_divide", "a fraction with integers", range, [Values.Positions(9, 3)], t => t[0].TruncateDivide(0.5), ["0.5", "int64"]),
        new("polygamma", "a negative order", range, [Values.Reals(3)], t => t[0].Polygamma(-1), ["order", "-1", "0 to 1000"]),
        new("threshold", "a fraction with integers", range, [Values.Positions(9, 3)], t => t[0].Threshold(0.5, 0), ["0.5", "int64"]),
        new("lerp", "integers", type, [Values.Positions(9, 3), Values.Positions(9, 3)], t => t[0].Lerp(t[1], 0.5), ["int64", "To(DType.Float32)"]),
        new("lerp", "shapes that don't broadcast", shape, [Values.Reals(3), Values.Reals(4)], t => t[0].Lerp(t[1], 0.5), ["[3]", "[4]"]),
        new("lerp", "weights that don't fit", shape, [Values.Reals(3), Values.Reals(3), Values.Reals(4)], t => t[0].Lerp(t[1], t[2]), ["[3]", "[4]"]),
        new("glu", "an odd size", shape, [Values.Reals(2, 3)], t => t[0].Glu(), ["axis 1", "[2, 3]", "3"]),
        new("glu", "an axis that isn't there", range, [Values.Reals(2, 4)], t => t[0].Glu(2), ["axis 2"]),
        new("glu", "integers", type, [Values.Positions(9, 4)], t => t[0].Glu(), ["int64"]),
    ];

    private static IEnumerable<Sample> Comparisons()
    {
        (string Name, Func<Tensor, Tensor, Tensor> Call)[] numbers =
        [
            ("greater", (x, y) => x > y), ("greater_or_equal", (x, y) => x >= y), ("less", (x, y) => x < y), ("less_or_equal", (x, y) => x <= y),
            ("equal", (x, y) => x.EqualTo(y)), ("not_equal", (x, y) => x.NotEqualTo(y)),
        ];
        (string Name, Func<Tensor, Tensor, Tensor> Call)[] truths = [("and", (x, y) => x & y), ("or", (x, y) => x | y), ("xor", (x, y) => x ^ y)];
        foreach (var (name, call) in numbers)
        {
            yield return new(name, "a matrix and a row", [Values.Reals(2, 3), Values.Others(3)], t => call(t[0], t[1]))
            {
                Order = 0,
                WhyOrder = Truth,
                Large = () => [Values.Reals(300, 150), Values.Others(150)],
            };
            yield return new(name, "integers", [Values.Positions(3, 6), Values.Positions(2, 6)], t => call(t[0], t[1])) { Order = 0, WhyOrder = Truth };
        }

        foreach (var (name, call) in truths)
        {
            yield return new(name, "a matrix and a row", [Values.Mask(2, 3), Values.Mask(3)], t => call(t[0], t[1]))
            {
                Order = 0,
                WhyOrder = Truth,
                Large = () => [Values.Mask(300, 150), Values.Mask(150)],
            };
        }

        yield return new("xor", "with true: not", [Values.Mask(2, 3)], t => !t[0]) { Order = 0, WhyOrder = Truth };
        yield return new("is_nan", "a vector", [Tensor.From([1, double.NaN, double.PositiveInfinity])], t => t[0].IsNaN())
        {
            IsComposite = true,
            Order = 0,
            WhyOrder = Truth,
            Large = () => [Values.Reals(70_000)],
        };
    }
}
