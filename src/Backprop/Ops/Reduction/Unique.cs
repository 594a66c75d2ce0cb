namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>The elements without repetition, in ascending order; where each element went, and how many there were of each.</summary>
    /// <returns>
    /// Values [n], without a gradient: for one, take the elements at positions. Inverse, int64 in the shape of this tensor: values[inverse] is this tensor.
    /// Counts [n], int64.
    /// </returns>
    /// <remarks>−0 equals 0. NaNs count as one value, the largest.</remarks>
    public (Tensor Values, Tensor Inverse, Tensor Counts) Unique()
    {
        if (DType == DType.Bool)
        {
            var (numbers, places, times) = To(DType.Int64).Unique();
            return (numbers.To(DType.Bool), places, times);
        }

        var flat = Detach().Flatten();
        if (Count == 0)
        {
            return (flat.Clone(), Zeros(Shape, DType.Int64), Zeros([0], DType.Int64));
        }

        var (sorted, positions) = flat.Sort();
        var (before, here) = (sorted.Narrow(0, 0, Count - 1), sorted.Narrow(0, 1, Count - 1));
        var differs = here.NotEqualTo(before) & !(here.IsNaN() & before.IsNaN());
        var isFirst = Concatenate([Ones([1], DType.Bool), differs]);
        var ranks = isFirst.CumSum(0) - 1;
        var inverse = Zeros([Count], DType.Int64).Scatter(0, positions, ranks);
        return (sorted.MaskedSelect(isFirst), inverse.Reshape(Shape), ranks.BinCount());
    }
}
