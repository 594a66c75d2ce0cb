namespace Backprop.Ops;

/// <summary>What operations over the rows of the last axis share.</summary>
internal static class LastAxis
{
    public static void Check(string operation, Tensor x)
    {
        if (!x.DType.IsFloating())
        {
            throw Error.DType(operation, x.DType, "convert with To(DType.Float32) first.");
        }
    }

    /// <summary>Applies an operation over the last axis along any axis.</summary>
    public static Tensor Apply(Op op, Tensor x, int axis)
    {
        if (x.Rank == 0)
        {
            // A scalar is a row of one.
            _ = axis is 0 or -1 ? axis : throw Error.Axis(op.Name, axis, 0);
            return op.Apply(x.Reshape(1)).Reshape();
        }

        axis = Error.CheckAxis(op.Name, axis, x.Rank);
        return axis == x.Rank - 1 ? op.Run(new Operands(x)) : op.Apply(x.Transpose(axis, -1)).Transpose(axis, -1);
    }

    public static (int Rows, int Columns) Rows(Tensor x) => x.Count == 0 ? (0, 1) : (x.Count / x.Shape[^1], x.Shape[^1]);

    /// <summary>The largest element of each row where it is finite, else 0: a constant that keeps exponentials in range.</summary>
    public static Tensor Shift(Tensor x)
    {
        if (x.Shape[^1] == 0)
        {
            return Tensor.Zeros([.. x.Shape[..^1], 1], x.DType);
        }

        using (Recording.Pause())
        {
            var top = x.Detach().Max(-1, keepDimensions: true);
            return Tensor.Where(top.Abs() < double.PositiveInfinity, top, Tensor.Full([], 0, x.DType));
        }
    }
}
