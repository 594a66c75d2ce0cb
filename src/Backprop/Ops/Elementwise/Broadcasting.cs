namespace Backprop.Ops;

/// <summary>The shape and dtype rules that operations of two broadcast inputs share.</summary>
internal static class Broadcasting
{
    public static ResultSpec Infer(string operation, Tensor x, Tensor y, bool needsReals)
    {
        if (x.DType != y.DType)
        {
            throw Error.DTypesDiffer(operation, x.DType, y.DType);
        }

        if (!x.DType.IsFloating() && (needsReals || x.DType == DType.Bool))
        {
            throw NeedsReals(operation, x.DType);
        }

        return new ResultSpec(ResultLayout(operation, x, y), x.DType);
    }

    /// <summary>What to say where integers or truth values meet a formula that leads out of them.</summary>
    public static DTypeException NeedsReals(string operation, DType dtype)
    {
        var isQuotient = operation == DivideRule.Name && dtype != DType.Bool;
        return Error.DType(operation, dtype, (isQuotient ? "use FloorDivide or TruncateDivide, or " : "") + "convert with To(DType.Float32) first.");
    }

    /// <summary>The shape that both broadcast to, channels last where an operand of that shape lies like that.</summary>
    public static Layout ResultLayout(string operation, Tensor x, Tensor y)
    {
        if (ReferenceEquals(x.Layout, y.Layout) || x.Layout.HasShape(y.Shape))
        {
            return (x.Layout.IsContiguous ? y : x).Layout.DenseInOrder();
        }

        var result = Layout.Contiguous(operation, Layout.Broadcast(operation, x.Shape, y.Shape));
        return IsWholeAndLast(x) || IsWholeAndLast(y) ? result.ChannelsLast() : result;

        bool IsWholeAndLast(Tensor operand) => operand.Layout.HasShape(result.Sizes) && operand.Layout.RunsByChannels;
    }

    /// <summary>Gives literals the dtype of the other operand.</summary>
    public static (Tensor X, Tensor Y) Adopt(string operation, Tensor x, Tensor y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        return (x.Adopt(operation, y.DType), y.Adopt(operation, x.DType));
    }
}
