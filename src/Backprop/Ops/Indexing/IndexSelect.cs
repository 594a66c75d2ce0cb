using Backprop.Ops;

namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>Slices of an axis: result slice i is slice <paramref name="positions"/>[i] of this tensor. For embeddings and batches.</summary>
    /// <param name="positions">A vector of int64 or int32; negative ones count from the end.</param>
    /// <param name="axis">The axis they count along.</param>
    /// <exception cref="ShapeException">The positions are no vector.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position outside the axis.</exception>
    public Tensor IndexSelect(Tensor positions, int axis = 0)
    {
        var plan = AxisPositions("index_select", positions, ref axis);
        return new IndexRead("index_select", new IndexWalk([axis], axis)).Run(new Operands(this, plan));
    }

    /// <summary>
    /// A copy of this tensor to whose slice <paramref name="positions"/>[i] along an axis slice i of <paramref name="source"/> was added, times
    /// <paramref name="alpha"/>. Slices of one position are added in their order.
    /// </summary>
    /// <param name="positions">A vector of int64 or int32; negative ones count from the end.</param>
    /// <param name="source">Broadcasts to this shape with as many slices as there are positions.</param>
    /// <param name="axis">The axis they count along.</param>
    /// <param name="alpha">A factor of the source.</param>
    /// <remarks>
    /// Sums are made in the dtype, one after the other, as in PyTorch: millions of float32 values for one element lose digits. Use float64 where that matters.
    /// </remarks>
    /// <exception cref="ShapeException">The positions are no vector, or the source doesn't fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position outside the axis.</exception>
    public Tensor IndexAdd(Tensor positions, Tensor source, int axis = 0, double alpha = 1)
    {
        ArgumentNullException.ThrowIfNull(source);
        source = source.Adopt("index_add", DType);
        if (alpha != 1 && source.DType == DType.Bool)
        {
            throw Error.DType("index_add", DType.Bool, "truth values can't be added up; use a numeric dtype.");
        }

        CheckConstant("index_add", alpha, source.DType);
        return AtPositions("index_add", positions, alpha == 1 ? source : source * alpha, axis, accumulate: true);
    }

    /// <summary>A copy of this tensor whose slice <paramref name="positions"/>[i] along an axis is slice i of <paramref name="source"/>.</summary>
    /// <param name="positions">A vector of int64 or int32; negative ones count from the end. Of equal ones, the last counts.</param>
    /// <param name="source">Broadcasts to this shape with as many slices as there are positions.</param>
    /// <param name="axis">The axis they count along.</param>
    /// <exception cref="ShapeException">The positions are no vector, or the source doesn't fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position outside the axis.</exception>
    public Tensor IndexCopy(Tensor positions, Tensor source, int axis = 0)
    {
        ArgumentNullException.ThrowIfNull(source);
        return AtPositions("index_copy", positions, source.Adopt("index_copy", DType), axis, accumulate: false);
    }

    /// <summary>A copy of this tensor in which the slices at <paramref name="positions"/> along an axis are filled with a value.</summary>
    /// <param name="positions">A vector of int64 or int32; negative ones count from the end.</param>
    /// <param name="value">A number, or a scalar tensor, to which a gradient flows.</param>
    /// <param name="axis">The axis they count along.</param>
    /// <exception cref="ShapeException">The positions are no vector, or the value is no scalar.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A position outside the axis.</exception>
    public Tensor IndexFill(Tensor positions, Tensor value, int axis = 0)
    {
        value = ScalarFor("index_fill", value);
        return AtPositions("index_fill", positions, value, axis, accumulate: false);
    }

    /// <summary>A scalar in this dtype.</summary>
    private Tensor ScalarFor(string operation, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Rank == 0
            ? value.Adopt(operation, DType)
            : throw Error.Shape(operation, $"the value must be a number or a scalar, not of shape {Error.Text(value.Shape)}.");
    }

    private Tensor AtPositions(string operation, Tensor positions, Tensor values, int axis, bool accumulate)
    {
        var plan = AxisPositions(operation, positions, ref axis);
        return IndexWrite.Apply(operation, this, values, plan, IndexExpression.Of(new IndexWalk([axis], axis)), accumulate);
    }

    /// <summary>The plan of a vector of positions along one axis.</summary>
    private Tensor AxisPositions(string operation, Tensor positions, ref int axis)
    {
        ArgumentNullException.ThrowIfNull(positions);
        axis = Error.CheckAxis(operation, axis, Rank);
        Positions.CheckType(operation, positions);
        if (positions.Rank != 1)
        {
            throw Error.Shape(operation, $"the positions must be a vector, not of shape {Error.Text(positions.Shape)}.");
        }

        return IndexPlan.Of(operation, positions, axis, Shape[axis]);
    }
}
