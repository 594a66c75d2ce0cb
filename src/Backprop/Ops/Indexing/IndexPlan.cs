using System.Runtime.CompilerServices;

namespace Backprop.Ops;

/// <summary>
/// Index tensors, broadcast against each other, as one: entry = Σₖ positionₖ · (product of the sizes after axis k), an int32 tensor in which
/// every position was checked and counts from the start.
/// </summary>
/// <param name="operation">The name in messages.</param>
/// <param name="axes">The axes that the index tensors count along, as messages name them.</param>
/// <param name="sizes">Their sizes.</param>
internal sealed class IndexPlan(string operation, int[] axes, int[] sizes) : Op
{
    private readonly int[] strides = Layout.RowMajor(sizes);

    public override string Name => "index_plan";

    /// <summary>The plan of one index tensor along one axis.</summary>
    public static Tensor Of(string operation, Tensor index, int axis, int size) => new IndexPlan(operation, [axis], [size]).Run(new Operands(index));

    protected internal override ResultSpec Infer(in Operands inputs)
    {
        int[] shape = [];
        for (var i = 0; i < inputs.Count; i++)
        {
            Positions.CheckType(operation, inputs[i]);
            shape = Layout.Broadcast(operation, shape, inputs[i].Shape);
        }

        // Elements are counted in int32, as storages are.
        Layout.CheckedCount(operation, sizes);
        return new ResultSpec(Layout.Contiguous(operation, shape), DType.Int32);
    }

    protected internal override void Compute(in Operands inputs, Tensor output)
    {
        var plan = output.Storage.Span<int>();
        for (var i = 0; i < inputs.Count; i++)
        {
            // Checked before it is repeated: small indices stay small.
            using var positions = Positions.Of(operation, inputs[i], axes[i], sizes[i]);
            var whole = inputs[i].Layout.HasShape(output.Shape);
            if (whole)
            {
                Combine(positions.Span, plan, strides[i], isFirst: i == 0);
            }
            else
            {
                Repeat(positions.Span, inputs[i].Shape, output.Shape, plan, strides[i], isFirst: i == 0);
            }
        }
    }

    protected internal override Saved Saves(int needs) => Saved.None;

    protected internal override void Differentiate(Adjoint adjoint)
    {
    }

    internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Combine(ReadOnlySpan<int> positions, Span<int> plan, int factor, bool isFirst)
    {
        for (var j = 0; j < plan.Length; j++)
        {
            plan[j] = (isFirst ? 0 : plan[j]) + (positions[j] * factor);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Repeat(ReadOnlySpan<int> positions, ReadOnlySpan<int> shape, ReadOnlySpan<int> wide, Span<int> plan, int factor, bool isFirst)
    {
        var strides = Layout.RowMajor(shape);
        Span<int> counter = stackalloc int[Layout.MaxRank];
        counter.Clear();
        for (var j = 0; j < plan.Length; j++)
        {
            var at = 0;
            for (int axis = 0, lead = wide.Length - shape.Length; axis < shape.Length; axis++)
            {
                at += shape[axis] == 1 ? 0 : counter[lead + axis] * strides[axis];
            }

            plan[j] = (isFirst ? 0 : plan[j]) + (positions[at] * factor);
            for (var a = wide.Length - 1; a >= 0 && ++counter[a] == wide[a]; a--)
            {
                counter[a] = 0;
            }
        }
    }
}

/// <summary>
/// A plan over all axes from an index along one: entry […, i, …] points at […, index[…, i, …], …] of a row-major tensor of the given shape.
/// </summary>
internal sealed class AxisPlan(string operation, int axis, int[] shape) : Op
{
    public override string Name => "axis_plan";

    protected internal override ResultSpec Infer(in Operands inputs)
    {
        var index = inputs[0];
        Positions.CheckType(operation, index);
        var fits = shape.Length == index.Rank;
        for (var a = 0; fits && a < shape.Length; a++)
        {
            fits = a == axis || index.Shape[a] <= shape[a];
        }

        if (!fits)
        {
            throw Error.Shape(operation, $"an index of shape {Error.Text(index.Shape)} does not fit shape {Error.Text(shape)}: "
                + $"the ranks must be the same and no size larger, axis {axis} apart.");
        }

        return new ResultSpec(index.Layout.Dense(), DType.Int32);
    }

    protected internal override void Compute(in Operands inputs, Tensor output)
    {
        using var positions = Positions.Of(operation, inputs[0], axis, shape[axis]);
        var from = positions.Span;
        var plan = output.Storage.Span<int>();
        var strides = Layout.RowMajor(shape);
        var last = shape.Length - 1;
        var width = output.Shape[last];
        Span<int> counter = stackalloc int[Layout.MaxRank];
        counter.Clear();
        for (var start = 0; start < plan.Length; start += width)
        {
            var offset = 0;
            for (var a = 0; a < last; a++)
            {
                offset += a == axis ? 0 : counter[a] * strides[a];
            }

            var step = axis == last ? 0 : strides[last];
            for (var i = 0; i < width; i++)
            {
                plan[start + i] = offset + (i * step) + (from[start + i] * strides[axis]);
            }

            for (var a = last - 1; a >= 0 && ++counter[a] == output.Shape[a]; a--)
            {
                counter[a] = 0;
            }
        }
    }

    protected internal override Saved Saves(int needs) => Saved.None;

    protected internal override void Differentiate(Adjoint adjoint)
    {
    }

    internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => 0;
}
