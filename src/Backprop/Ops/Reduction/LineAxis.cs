namespace Backprop.Ops;

/// <summary>What operations along the lines of one axis share.</summary>
internal static class LineAxis
{
    /// <summary>The tensor and the axis counted from 0; a scalar is a line of one element.</summary>
    public static (Tensor X, int Axis) Of(string operation, Tensor x, int axis)
    {
        if (x.Rank == 0)
        {
            return axis is 0 or -1 ? (x.Reshape(1), 0) : throw Error.Axis(operation, axis, 0);
        }

        return (x, Error.CheckAxis(operation, axis, x.Rank));
    }

    /// <summary>How many elements lie before, along and after an axis.</summary>
    public static (int Outer, int Length, int Inner) Around(this Tensor x, int axis)
    {
        int outer = 1, inner = 1;
        for (var i = 0; i < x.Rank; i++)
        {
            outer *= i < axis ? x.Shape[i] : 1;
            inner *= i > axis ? x.Shape[i] : 1;
        }

        return (outer, x.Shape[axis], inner);
    }

    /// <summary>Gives a result the rank of what the operation was called on.</summary>
    public static Tensor Back(Tensor result, Tensor original) => original.Rank == 0 ? result.Reshape() : result;

    /// <summary>Truth values and int32 as int64, which sums and products of integers are formed in.</summary>
    public static Tensor Widen(Tensor x) => x.DType is DType.Bool or DType.Int32 ? x.To(DType.Int64) : x;

    /// <summary>Refuses what is not floating point.</summary>
    public static void NeedsReals(string operation, Tensor x)
    {
        if (!x.DType.IsFloating())
        {
            throw Error.DType(operation, x.DType, "convert with To(DType.Float32) first.");
        }
    }
}
