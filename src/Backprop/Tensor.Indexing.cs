using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop;

/// <summary>
/// One item of an index expression: a position, a range, a new axis, an ellipsis. Converts from int, <see cref="Index"/> and <see cref="Range"/>.
/// </summary>
public readonly struct TensorIndex : IEquatable<TensorIndex>
{
    private readonly Range range;
    private readonly Kinds kind;
    private readonly int step;

    private TensorIndex(Kinds kind, Range range, int step = 1)
    {
        this.kind = kind;
        this.range = range;
        this.step = step;
    }

    internal enum Kinds
    {
        Position,
        Range,
        NewAxis,
        Ellipsis,
    }

    /// <summary>Inserts an axis of size 1.</summary>
    public static TensorIndex NewAxis => new(Kinds.NewAxis, default);

    /// <summary>Stands for as many whole axes as are left.</summary>
    public static TensorIndex Ellipsis => new(Kinds.Ellipsis, default);

    internal Kinds Kind => kind;

    internal Range Range => range;

    internal int Step => step;

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

    /// <inheritdoc/>
    public bool Equals(TensorIndex other) => kind == other.kind && step == other.step && range.Equals(other.range);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TensorIndex other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(kind, range, step);

    /// <summary>Equal items.</summary>
    public static bool operator ==(TensorIndex left, TensorIndex right) => left.Equals(right);

    /// <summary>Different items.</summary>
    public static bool operator !=(TensorIndex left, TensorIndex right) => !left.Equals(right);
}

public sealed partial class Tensor
{
    /// <summary>A view chosen by positions and ranges, one item per axis from the first; missing ones keep their axis whole.</summary>
    /// <example><code>
    /// var row = c[0];
    /// var block = c[.., ..^1];
    /// var column = c[.., 2, TensorIndex.NewAxis];
    /// </code></example>
    /// <exception cref="ShapeException">More items than axes, or two ellipses.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position or range outside its axis.</exception>
    [IndexerName("Slices")]
    public Tensor this[params ReadOnlySpan<TensorIndex> items]
    {
        get
        {
            var used = 0;
            var ellipses = 0;
            foreach (var item in items)
            {
                used += item.Kind is TensorIndex.Kinds.Position or TensorIndex.Kinds.Range ? 1 : 0;
                ellipses += item.Kind == TensorIndex.Kinds.Ellipsis ? 1 : 0;
            }

            if (used > Rank || ellipses > 1)
            {
                throw Error.Shape("index", ellipses > 1
                    ? "an index has at most one ellipsis."
                    : $"{used} items for shape {Error.Text(Shape)}, which has {Rank} axes.");
            }

            var result = this;
            var axis = 0;
            foreach (var item in items)
            {
                switch (item.Kind)
                {
                    case TensorIndex.Kinds.Position:
                        result = result.Select(axis, PositionOf(item.Range.Start, axis, result.Shape[axis]));
                        break;
                    case TensorIndex.Kinds.Range:
                        result = Cut(result, axis++, item);
                        break;
                    case TensorIndex.Kinds.NewAxis:
                        result = result.Unsqueeze("index", axis++);
                        break;
                    default:
                        axis += Rank - used;
                        break;
                }
            }

            return ReferenceEquals(result, this) ? Alias.Instance.Run(new Operands(this)) : result;
        }
    }

    /// <summary>A view of one position of an axis, which goes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The axis or the position doesn't exist.</exception>
    public Tensor Select(int axis, int position)
    {
        axis = Error.CheckAxis("select", axis, Rank);
        var size = Shape[axis];
        if (position < -size || position >= size)
        {
            var legal = size == 0 ? $"nothing: axis {axis} is empty" : FormattableString.Invariant($"from {-size} to {size - 1} for axis {axis}");
            throw Error.Range("select", nameof(position), position, legal);
        }

        return new Slice(axis, position < 0 ? position + size : position, 1, 1).Run(new Operands(this)).Squeeze(axis);
    }

    /// <summary>The rows (slices along the first axis), as <c>foreach (var row in tensor)</c> gives them.</summary>
    public IEnumerator<Tensor> GetEnumerator()
    {
        if (Rank == 0)
        {
            throw Error.Shape("enumerate", "a scalar has no rows.");
        }

        return Rows();

        IEnumerator<Tensor> Rows()
        {
            for (var i = 0; i < Shape[0]; i++)
            {
                yield return Select(0, i);
            }
        }
    }

    private static int PositionOf(Index index, int axis, int size)
    {
        var position = index.GetOffset(size);
        return position >= 0 && position < size ? position : throw Error.Range(
            "index", "position", index,
            size == 0 ? $"nothing: axis {axis} is empty" : FormattableString.Invariant($"from {-size} to {size - 1} for axis {axis}"));
    }

    private static Tensor Cut(Tensor tensor, int axis, TensorIndex item)
    {
        var size = tensor.Shape[axis];
        var start = item.Range.Start.GetOffset(size);
        var end = item.Range.End.GetOffset(size);
        if (start < 0 || start > size || end < start || end > size)
        {
            throw Error.Range("index", "range", item.Range, $"inside 0..{size}, the size of axis {axis}, and not backwards");
        }

        if (start == 0 && end == size && item.Step == 1)
        {
            return tensor;
        }

        var length = (int)(((long)end - start + item.Step - 1) / item.Step);
        return new Slice(axis, start, length, item.Step).Run(new Operands(tensor));
    }
}
