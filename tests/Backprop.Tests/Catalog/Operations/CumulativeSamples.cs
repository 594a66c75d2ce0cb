namespace Backprop.Tests.Catalog.Operations;

/// <summary>Sums, products, log-sum-exps and extremes so far.</summary>
internal sealed class CumulativeSamples : ICatalogEntry
{
    public IEnumerable<Sample> Samples() =>
    [
        new("cum_sum", "a vector", [Values.Reals(7)], t => t[0].CumSum(0)) { Large = () => [Values.Reals(60_000)] },
        new("cum_sum", "rows", [Values.Reals(3, 4)], t => t[0].CumSum(-1)) { Large = () => [Values.Reals(300, 150)] },
        new("cum_sum", "a middle axis", [Values.Reals(2, 3, 4)], t => t[0].CumSum(1)) { Large = () => [Values.Reals(9, 50, 130)] },
        new("cum_sum", "a scalar", [Values.Reals()], t => t[0].CumSum(0)),
        new("cum_sum", "no elements", [Values.Reals(2, 0)], t => t[0].CumSum(0)),
        new("cum_sum", "integers", [Values.Positions(9, 3, 4)], t => t[0].CumSum(1)) { Order = 0, WhyOrder = "integers" },
        new("cum_sum", "truth values", [Values.Mask(3, 4)], t => t[0].CumSum(0)) { Order = 0, WhyOrder = "integers" },
        new("cum_prod", "a vector", [Values.Reals(7)], t => t[0].CumProd(0)) { Large = () => [Values.Positives(40_000) + 0.1] },
        new("cum_prod", "rows", [Values.Reals(3, 4)], t => t[0].CumProd(1)) { Large = () => [Values.Reals(300, 150)] },
        new("cum_prod", "a middle axis", [Values.Reals(2, 5, 2)], t => t[0].CumProd(1)) { Large = () => [Values.Reals(9, 50, 130)] },
        new("cum_prod", "one zero and two", [WithZeros(3, 5)], t => t[0].CumProd(1)),
        new("cum_prod", "a scalar", [Values.Reals()], t => t[0].CumProd(-1)),
        new("cum_prod", "one element", [Values.Reals(1, 3)], t => t[0].CumProd(0)),
        new("cum_prod", "integers", [Values.Positions(9, 3, 4)], t => t[0].CumProd(1)) { Order = 0, WhyOrder = "integers" },
        new("log_cum_sum_exp", "a vector", [Values.Reals(7)], t => t[0].LogCumSumExp(0)) { Large = () => [Values.Reals(30_000)] },
        new("log_cum_sum_exp", "columns", [Values.Reals(5, 3)], t => t[0].LogCumSumExp(0)) { Large = () => [Values.Reals(50, 300)] },
        new("log_cum_sum_exp", "numbers far apart", [50 * Values.Reals(6)], t => t[0].LogCumSumExp(0)),
        new("log_cum_sum_exp", "a scalar", [Values.Reals()], t => t[0].LogCumSumExp(0)),
        new("cum_max", "a vector", [Values.Reals(8)], t => Both(t[0].CumMax(0))) { Large = () => [Values.Reals(60_000)] },
        new("cum_max", "a middle axis", [Values.Reals(2, 4, 3)], t => Both(t[0].CumMax(-2))) { Large = () => [Values.Reals(9, 50, 130)] },
        new("cum_min", "rows", [Values.Reals(3, 5)], t => Both(t[0].CumMin(1))) { Large = () => [Values.Reals(300, 150)] },
        new("cum_min", "a scalar", [Values.Reals()], t => Both(t[0].CumMin(0))),
        new("cum_min", "integers", [Values.Positions(9, 3, 4)], t => Both(t[0].CumMin(1))) { Order = 0, WhyOrder = "integers" },
    ];

    public IEnumerable<ErrorCase> Errors() =>
    [
        new("cum_sum", "an axis that isn't there", typeof(ArgumentOutOfRangeException), [Values.Reals(2, 3)], t => t[0].CumSum(2), ["axis 2", "-2", "1"]),
        new("cum_prod", "an axis of a scalar", typeof(ArgumentOutOfRangeException), [Values.Reals()], t => t[0].CumProd(1), ["axis 1", "scalar"]),
        new("log_cum_sum_exp", "integers", typeof(DTypeException), [Values.Positions(3, 4)], t => t[0].LogCumSumExp(0), ["int64", "To(DType.Float32)"]),
        new("log_cum_sum_exp", "an axis that isn't there", typeof(ArgumentOutOfRangeException), [Values.Reals(3)], t => t[0].LogCumSumExp(-2), ["axis -2"]),
        new("cum_max", "truth values", typeof(DTypeException), [Values.Mask(3)], t => t[0].CumMax(0), ["bool", "To(DType.Int64)"]),
        new("cum_min", "an axis that isn't there", typeof(ArgumentOutOfRangeException), [Values.Reals(3)], t => t[0].CumMin(1), ["axis 1"]),
    ];

    private static Tensor[] Both((Tensor Values, Tensor Indices) chosen) => [chosen.Values, chosen.Indices];

    /// <summary>No zero in the first row, one in the second, two in the third.</summary>
    private static Tensor WithZeros(int rows, int columns) => Tensor.Where(
        Tensor.From([1.0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 0, 1], rows, columns) > 0, Values.Reals(rows, columns), 0);
}
