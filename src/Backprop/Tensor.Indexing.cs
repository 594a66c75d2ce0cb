using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>
    /// What positions, ranges, index tensors and masks choose, one item per axis from the first; missing ones keep their axis whole. NumPy's rules.
    /// </summary>
    /// <remarks>
    /// <para>Positions, ranges, new axes and an ellipsis give a view. With tensors among the items, the chosen elements are copied.</para>
    /// <para>
    /// Index tensors (int64 or int32) are broadcast against each other, together with the positions beside them; their common shape takes the place of
    /// the axes they address where these items stand side by side, and comes first where a range, a new axis or an ellipsis stands between them. A mask
    /// (bool) covers as many axes as it has and stands for the positions where it is true. Negative positions count from the end.
    /// </para>
    /// <para>
    /// Setting changes the elements in place, under the rules of <see cref="CopyFrom(Tensor)"/>; the value broadcasts to what is chosen, and of values for
    /// one element the last stays. <see cref="IndexPut"/> does the same in a new tensor, with gradients.
    /// </para>
    /// </remarks>
    /// <example><code>
    /// var row = c[0];
    /// var block = c[.., ..^1];
    /// var column = c[.., 2, TensorIndex.NewAxis];
    /// var positives = c[c > 0];
    /// var picked = c[Tensor.From([0, 2]), Tensor.From([1, -1])];
    /// c[c &lt; 0] = 0;
    /// </code></example>
    /// <remarks>The gradient of what is taken often is summed in its dtype: millions of contributions lose digits in float32, as in PyTorch.</remarks>
    /// <exception cref="ShapeException">
    /// More items than axes, two ellipses, a mask with other sizes than its axes, index tensors that don't broadcast, a value that doesn't fit.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">A position or range outside its axis.</exception>
    /// <exception cref="DTypeException">An index tensor of floating point numbers.</exception>
    /// <exception cref="InvalidOperationException">The change would be lost to the tape, or the tensor repeats elements.</exception>
    [IndexerName("Slices")]
    public Tensor this[params ReadOnlySpan<TensorIndex> items]
    {
        get
        {
            CheckAlive();
            var index = IndexExpression.Of("index", this, items, out var plan);
            if (index.IsWhole)
            {
                return Alias.Instance.Run(new Operands(this));
            }

            var view = index.Basic(this);
            return plan is null ? view : new IndexRead("index", index.Walk).Run(new Operands(view, plan));
        }

        set => IndexPutInPlace(items, value);
    }

    /// <summary>A copy of this tensor in which the elements chosen by an index expression are replaced, or added to.</summary>
    /// <param name="items">As between brackets: <c>x.IndexPut([rows, columns], values)</c>. A whole axis is <c>Range.All</c> here.</param>
    /// <param name="values">Broadcast to what the items choose. Gradients flow to them.</param>
    /// <param name="accumulate">
    /// Whether to add. Values for the same element are then added in their order; otherwise the last stays, and the others get a gradient of 0.
    /// </param>
    /// <exception cref="ShapeException">The items or the values don't fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position or range outside its axis.</exception>
    public Tensor IndexPut(ReadOnlySpan<TensorIndex> items, Tensor values, bool accumulate = false)
    {
        ArgumentNullException.ThrowIfNull(values);
        CheckAlive();
        var index = IndexExpression.Of("index_put", this, items, out var plan);
        return IndexWrite.Apply("index_put", this, values.Adopt("index_put", DType), plan, index, accumulate);
    }

    /// <summary>Replaces the elements chosen by an index expression, or adds to them, in place. Not recorded.</summary>
    /// <inheritdoc cref="IndexPut" path="/param"/>
    /// <returns>This tensor.</returns>
    /// <exception cref="InvalidOperationException">The change would be lost to the tape, or the tensor repeats elements.</exception>
    /// <exception cref="ShapeException">The items or the values don't fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position or range outside its axis.</exception>
    public Tensor IndexPutInPlace(ReadOnlySpan<TensorIndex> items, Tensor values, bool accumulate = false)
    {
        const string Operation = "index_put_in_place";
        values = CheckSourceType(Operation, values);
        CheckAlive();
        var index = IndexExpression.Of(Operation, this, items, out var plan);
        IndexWrite.Check(Operation, this, values, plan, index, accumulate);
        if (ReferenceEquals(values.Storage, Storage))
        {
            using (Recording.Pause())
            {
                values = values.Clone();
            }
        }

        BeginChange(Operation);
        IndexWrite.To(this, values, plan, index, accumulate);
        return this;
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
}
