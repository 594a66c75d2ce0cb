using Backprop.Ops;

namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>Picks one element per entry of <paramref name="index"/> along an axis: result[i, j] = this[i, index[i, j]] for axis 1.</summary>
    /// <param name="axis">The axis the positions count along.</param>
    /// <param name="index">int64 or int32, of this tensor's rank, no larger on the other axes; negative positions count from the end.</param>
    /// <exception cref="ShapeException">The index doesn't fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position outside the axis.</exception>
    public Tensor Gather(int axis, Tensor index)
    {
        var plan = PlanAlong("gather", axis, index);
        return new IndexRead("gather", IndexWalk.All(Rank)).Run(new Operands(this, plan));
    }

    /// <summary>
    /// Picks elements along an axis, with broadcasting: result[i, j] = this[i, indices[i, j]] for axis 1, where this tensor and the indices broadcast
    /// against each other on the other axes. NumPy's take_along_axis; made for the results of ArgMax and of sorting.
    /// </summary>
    /// <param name="indices">int64 or int32, of this tensor's rank; negative positions count from the end.</param>
    /// <param name="axis">The axis the positions count along.</param>
    /// <exception cref="ShapeException">The ranks differ, or the shapes don't broadcast.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position outside the axis.</exception>
    public Tensor TakeAlongAxis(Tensor indices, int axis)
    {
        const string Operation = "take_along_axis";
        ArgumentNullException.ThrowIfNull(indices);
        axis = Error.CheckAxis(Operation, axis, Rank);
        Positions.CheckType(Operation, indices);
        if (indices.Rank != Rank)
        {
            throw Error.Shape(Operation, $"indices of shape {Error.Text(indices.Shape)} and shape {Error.Text(Shape)} must have the same rank.");
        }

        var (own, picks) = (Shape.ToArray(), indices.Shape.ToArray());
        (own[axis], picks[axis]) = (1, 1);
        var common = Layout.Broadcast(Operation, own, picks);
        (own, picks) = ((int[])common.Clone(), common);
        (own[axis], picks[axis]) = (Shape[axis], indices.Shape[axis]);
        return Expand(own).Gather(axis, indices.Expand(picks));
    }

    /// <summary>The elements at <paramref name="positions"/> of this tensor, counted in row-major order; the result has the positions' shape.</summary>
    /// <param name="positions">int64 or int32, any shape; negative ones count from the end.</param>
    /// <exception cref="ArgumentOutOfRangeException">A position outside the tensor.</exception>
    public Tensor Take(Tensor positions)
    {
        ArgumentNullException.ThrowIfNull(positions);
        Positions.CheckType("take", positions);
        return new IndexRead("take", IndexWalk.All(Rank)).Run(new Operands(this, IndexPlan.Of("take", positions, 0, Count)));
    }

    /// <summary>
    /// A copy of this tensor with values put along an axis: result[i, index[i, j]] = source[i, j] for axis 1. Of values for one element, the last
    /// stays, and the others get a gradient of 0.
    /// </summary>
    /// <param name="axis">The axis the positions count along.</param>
    /// <param name="index">int64 or int32, of this tensor's rank, no larger on the other axes; negative positions count from the end.</param>
    /// <param name="source">A tensor that broadcasts to the index's shape, or a number.</param>
    /// <exception cref="ShapeException">The index or the source doesn't fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position outside the axis.</exception>
    public Tensor Scatter(int axis, Tensor index, Tensor source) => Scatter("scatter", axis, index, source, accumulate: false);

    /// <summary>
    /// A copy of this tensor with values added along an axis: result[i, index[i, j]] += source[i, j] for axis 1. Values for one element are added in
    /// their order.
    /// </summary>
    /// <remarks>
    /// Sums are made in the dtype, one after the other, as in PyTorch: millions of float32 values for one element lose digits. Use float64 where that matters.
    /// </remarks>
    /// <inheritdoc cref="Scatter(int, Tensor, Tensor)"/>
    public Tensor ScatterAdd(int axis, Tensor index, Tensor source) => Scatter("scatter_add", axis, index, source, accumulate: true);

    private Tensor Scatter(string operation, int axis, Tensor index, Tensor source, bool accumulate)
    {
        ArgumentNullException.ThrowIfNull(source);
        var plan = PlanAlong(operation, axis, index);
        return IndexWrite.Apply(operation, this, source.Adopt(operation, DType), plan, IndexExpression.Of(IndexWalk.All(Rank)), accumulate);
    }

    private Tensor PlanAlong(string operation, int axis, Tensor index)
    {
        ArgumentNullException.ThrowIfNull(index);
        return new AxisPlan(operation, Error.CheckAxis(operation, axis, Rank), Shape.ToArray()).Run(new Operands(index));
    }
}
