namespace Backprop.Ops;

/// <summary>
/// An index expression, resolved for one shape by NumPy's rules: first a view by positions, ranges and new axes, then a walk over the axes that
/// index tensors address, whose entries lie in a plan.
/// </summary>
internal sealed class IndexExpression
{
    private readonly Step[] steps;

    private IndexExpression(Step[] steps, IndexWalk walk, bool hasPlan)
    {
        this.steps = steps;
        Walk = walk;
        HasPlan = hasPlan;
    }

    /// <summary>What the index tensors address in the view.</summary>
    public IndexWalk Walk { get; }

    /// <summary>Whether there are index tensors.</summary>
    public bool HasPlan { get; }

    /// <summary>Whether the expression chooses the tensor as it is.</summary>
    public bool IsWhole => steps.Length == 0 && !HasPlan;

    /// <summary>The expression of a plan alone.</summary>
    public static IndexExpression Of(IndexWalk walk) => new([], walk, hasPlan: true);

    /// <summary>Resolves the items for a tensor, and works out the plan of the index tensors among them.</summary>
    public static IndexExpression Of(string operation, Tensor x, ReadOnlySpan<TensorIndex> items, out Tensor? plan)
    {
        var (used, hasTensors) = Count(operation, x, items);
        var steps = new List<Step>();
        var addressed = new List<int>();
        var tensors = new Planned(operation);
        int source = 0, axis = 0, free = 0, at = 0, groups = 0;
        var isInGroup = false;
        foreach (var item in items)
        {
            // A position counts as an index tensor where there are others, and stands in their group.
            var joins = item.Kind == TensorIndex.Kinds.Tensor || (hasTensors && item.Kind == TensorIndex.Kinds.Position);
            if (joins && !isInGroup && ++groups == 1)
            {
                at = free;
            }

            isInGroup = joins;
            switch (item.Kind)
            {
                case TensorIndex.Kinds.Position:
                    steps.Add(new Step(Step.Kinds.Select, axis, PositionOf(operation, item.Range.Start, source, x.Shape[source]), 1, 1));
                    source++;
                    break;
                case TensorIndex.Kinds.Range:
                    if (Cut(operation, item, axis, source, x.Shape[source]) is { } slice)
                    {
                        steps.Add(slice);
                    }

                    (axis, source, free) = (axis + 1, source + 1, free + 1);
                    break;
                case TensorIndex.Kinds.NewAxis:
                    steps.Add(new Step(Step.Kinds.NewAxis, axis, 0, 1, 1));
                    (axis, free) = (axis + 1, free + 1);
                    break;
                case TensorIndex.Kinds.Ellipsis:
                    (axis, source, free) = (axis + x.Rank - used, source + x.Rank - used, free + x.Rank - used);
                    break;
                default:
                    tensors.Add(item.Tensor!, x.Shape, source);
                    for (var i = 0; i < item.Axes; i++)
                    {
                        addressed.Add(axis++);
                    }

                    source += item.Axes;
                    break;
            }
        }

        plan = hasTensors ? tensors.Plan() : null;
        return new IndexExpression([.. steps], new IndexWalk([.. addressed], groups > 1 ? 0 : at), hasTensors);
    }

    /// <summary>The part before the walk, of a layout.</summary>
    public Layout View(Layout layout)
    {
        foreach (var step in steps)
        {
            layout = step.Kind switch
            {
                Step.Kinds.Select => layout.Select(step.Axis, step.Start),
                Step.Kinds.Slice => layout.Slice(step.Axis, step.Start, step.Length, step.Stride),
                _ => layout.Unsqueeze(step.Axis),
            };
        }

        return layout;
    }

    /// <summary>The part before the walk, of a tensor: a recorded view.</summary>
    public Tensor Basic(Tensor tensor)
    {
        foreach (var step in steps)
        {
            tensor = step.Kind switch
            {
                Step.Kinds.Select => new Slice(step.Axis, step.Start, 1, 1).Run(new Operands(tensor)).Squeeze(step.Axis),
                Step.Kinds.Slice => new Slice(step.Axis, step.Start, step.Length, step.Stride).Run(new Operands(tensor)),
                _ => tensor.Unsqueeze(step.Axis),
            };
        }

        return tensor;
    }

    /// <summary>The shape of what the expression chooses.</summary>
    public int[] ShapeOf(Layout layout, Tensor? plan)
    {
        var view = View(layout).Sizes;
        return plan is null ? view.ToArray() : Walk.ShapeOf(view, plan.Shape);
    }

    private static (int Used, bool HasTensors) Count(string operation, Tensor x, ReadOnlySpan<TensorIndex> items)
    {
        int used = 0, ellipses = 0, newAxes = 0, positions = 0;
        var hasTensors = false;
        foreach (var item in items)
        {
            used += item.Axes;
            ellipses += item.Kind == TensorIndex.Kinds.Ellipsis ? 1 : 0;
            newAxes += item.Kind == TensorIndex.Kinds.NewAxis ? 1 : 0;
            positions += item.Kind == TensorIndex.Kinds.Position ? 1 : 0;
            hasTensors |= item.Kind == TensorIndex.Kinds.Tensor;
            if (item.Tensor is { DType: DType.Float32 or DType.Float64 } floating)
            {
                throw Error.DType(operation, floating.DType, "an index tensor holds positions (int64 or int32) or truth values (bool).");
            }
        }

        if (used > x.Rank || ellipses > 1)
        {
            throw Error.Shape(operation, ellipses > 1
                ? "an index has at most one ellipsis."
                : $"{used} items for shape {Error.Text(x.Shape)}, which has {x.Rank} axes.");
        }

        Layout.CheckRank(operation, x.Rank + newAxes);
        return (used, hasTensors);
    }

    private static int PositionOf(string operation, Index index, int axis, int size)
    {
        var position = index.GetOffset(size);
        if (position >= 0 && position < size)
        {
            return position;
        }

        // A negative number became one from the end: the lowest, which has no positive counterpart, the last of these.
        object said = !index.IsFromEnd || index.Value == 0 ? (object)index : index.Value == int.MaxValue ? int.MinValue : -index.Value;
        throw Error.Range(
            operation, "position", said,
            size == 0 ? $"nothing: axis {axis} is empty" : FormattableString.Invariant($"from {-size} to {size - 1} for axis {axis}"));
    }

    /// <summary>The slice of a range; null where it is the whole axis.</summary>
    private static Step? Cut(string operation, TensorIndex item, int axis, int source, int size)
    {
        var start = item.Range.Start.GetOffset(size);
        var end = item.Range.End.GetOffset(size);
        if (start < 0 || start > size || end < start || end > size)
        {
            throw Error.Range(operation, "range", item.Range, $"inside 0..{size}, the size of axis {source}, and not backwards");
        }

        if (start == 0 && end == size && item.Step == 1)
        {
            return null;
        }

        return new Step(Step.Kinds.Slice, axis, start, (int)(((long)end - start + item.Step - 1) / item.Step), item.Step);
    }

    /// <summary>One step on the way to the view.</summary>
    private readonly record struct Step(Step.Kinds Kind, int Axis, int Start, int Length, int Stride)
    {
        public enum Kinds
        {
            Select,
            Slice,
            NewAxis,
        }
    }

    /// <summary>The index tensors of an expression. A mask is one with the positions where it is true, over all its axes as one.</summary>
    private sealed class Planned(string operation)
    {
        private readonly List<Tensor> indices = [];
        private readonly List<int> axes = [];
        private readonly List<int> sizes = [];
        private bool hasMask;

        public void Add(Tensor tensor, ReadOnlySpan<int> shape, int axis)
        {
            axes.Add(axis);
            if (tensor.DType != DType.Bool)
            {
                indices.Add(tensor);
                sizes.Add(shape[axis]);
                return;
            }

            var covered = shape.Slice(axis, tensor.Rank);
            if (!tensor.Layout.HasShape(covered))
            {
                throw Error.Shape(operation, $"a mask of shape {Error.Text(tensor.Shape)} must have the sizes of the axes it covers, "
                    + $"{Error.Text(covered)} from axis {axis} of shape {Error.Text(shape)}.");
            }

            hasMask = true;
            indices.Add(MaskPlan.Instance.Run(new Operands(tensor)));
            sizes.Add(tensor.Count);
        }

        public Tensor Plan() => hasMask && indices.Count == 1
            ? indices[0]
            : new IndexPlan(operation, [.. axes], [.. sizes]).Apply([.. indices]);
    }
}
