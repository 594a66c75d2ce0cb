namespace Backprop;

/// <summary>
/// One item of an index expression: a position, a range, a new axis, an ellipsis, or a tensor of positions or truth values. Converts from int,
/// <see cref="Index"/>, <see cref="Range"/>, <see cref="Tensor"/> and arrays of int, long and bool.
/// </summary>
public readonly struct TensorIndex : IEquatable<TensorIndex>
{
    private readonly Range range;
    private readonly Kinds kind;
    private readonly int step;
    private readonly Tensor? tensor;

    private TensorIndex(Kinds kind, Range range, int step = 1, Tensor? tensor = null)
    {
        this.kind = kind;
        this.range = range;
        this.step = step;
        this.tensor = tensor;
    }

    internal enum Kinds
    {
        Position,
        Range,
        NewAxis,
        Ellipsis,
        Tensor,
    }

    /// <summary>Inserts an axis of size 1.</summary>
    public static TensorIndex NewAxis => new(Kinds.NewAxis, default);

    /// <summary>Stands for as many whole axes as are left.</summary>
    public static TensorIndex Ellipsis => new(Kinds.Ellipsis, default);

    internal Kinds Kind => kind;

    internal Range Range => range;

    internal int Step => step;

    /// <summary>The index tensor, where the item is one.</summary>
    internal Tensor? Tensor => tensor;

    /// <summary>How many axes the item stands for; an ellipsis not counted.</summary>
    internal int Axes => kind switch
    {
        Kinds.NewAxis or Kinds.Ellipsis => 0,
        Kinds.Tensor when tensor!.DType == DType.Bool => tensor.Rank,
        _ => 1,
    };

    /// <summary>Every <paramref name="step"/>-th element of a range.</summary>
    /// <param name="range">The range before stepping.</param>
    /// <param name="step">At least 1.</param>
    public static TensorIndex Every(Range range, int step) => step >= 1
        ? new TensorIndex(Kinds.Range, range, step)
        : throw Error.Range("index", nameof(step), step, "at least 1; use Flip to go backwards");

    /// <summary>One position, which removes the axis; negative counts from the end.</summary>
    public static implicit operator TensorIndex(int position)
    {
        // The negative of int.MinValue is no int. No axis is as long as int.MaxValue either, so both are refused when used.
        var fromEnd = position == int.MinValue ? int.MaxValue : -position;
        return new TensorIndex(Kinds.Position, new Range(position < 0 ? new Index(fromEnd, fromEnd: true) : position, 0));
    }

    /// <summary>One position, which removes the axis.</summary>
    public static implicit operator TensorIndex(Index position) => new(Kinds.Position, new Range(position, 0));

    /// <summary>A range, which keeps the axis.</summary>
    public static implicit operator TensorIndex(Range range) => new(Kinds.Range, range);

    /// <summary>
    /// Positions along an axis (int64 or int32, any shape, negative ones count from the end), or truth values over as many axes as they have.
    /// </summary>
    public static implicit operator TensorIndex(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return new TensorIndex(Kinds.Tensor, default, tensor: tensor);
    }

    /// <summary>Positions along an axis; negative ones count from the end.</summary>
    public static implicit operator TensorIndex(int[] positions) => Backprop.Tensor.From(positions);

    /// <inheritdoc cref="op_Implicit(int[])"/>
    public static implicit operator TensorIndex(long[] positions) => Backprop.Tensor.From(positions);

    /// <summary>Which positions of an axis to take.</summary>
    public static implicit operator TensorIndex(bool[] mask) => Backprop.Tensor.From(mask);

    /// <inheritdoc/>
    public bool Equals(TensorIndex other) =>
        kind == other.kind && step == other.step && range.Equals(other.range) && ReferenceEquals(tensor, other.tensor);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TensorIndex other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(kind, range, step, tensor);

    /// <summary>Equal items; index tensors must be the same object.</summary>
    public static bool operator ==(TensorIndex left, TensorIndex right) => left.Equals(right);

    /// <summary>Different items.</summary>
    public static bool operator !=(TensorIndex left, TensorIndex right) => !left.Equals(right);
}
