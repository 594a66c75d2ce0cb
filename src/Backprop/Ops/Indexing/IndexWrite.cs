namespace Backprop.Ops;

/// <summary>
/// A copy of x in which values were put, or added, where an index expression points: y[index] = v, or y[index] += v. Where positions repeat, the
/// last value put stays, and sums are taken in the order of the positions.
/// </summary>
/// <remarks>
/// Inputs: x, values that broadcast to what the index chooses, and the plan, where there are index tensors. The gradient of a value is the gradient
/// where it was written; of those that another one replaced it is zero. x gets its own gradient, zeros where values were put.
/// </remarks>
internal sealed class IndexWrite(string name, IndexExpression index, bool accumulate) : Op
{
    public override string Name => name;

    public override string Describe() => accumulate ? $"{name}(accumulate)" : name;

    /// <summary>Writes to <paramref name="target"/> itself. Unrecorded and unchecked.</summary>
    public static void To(Tensor target, Tensor values, Tensor? plan, IndexExpression index, bool accumulate)
    {
        var view = new Tensor(target.Storage, index.View(target.Layout), target.DType);
        if (plan is null)
        {
            if (accumulate)
            {
                view.Accumulate(values);
            }
            else
            {
                view.CopyElements(values);
            }

            return;
        }

        var shape = index.Walk.ShapeOf(view.Shape, plan.Shape);
        var spread = new Tensor(values.Storage, values.Layout.TryExpand(shape)!, values.DType);
        Capture.Repeat(() =>
        {
            if (accumulate)
            {
                index.Walk.Accumulate(view, spread, plan);
            }
            else
            {
                index.Walk.Write(view, spread, plan);
            }
        });
    }

    /// <summary>Refuses values that don't fit.</summary>
    public static void Check(string name, Tensor x, Tensor values, Tensor? plan, IndexExpression index, bool accumulate)
    {
        if (values.DType != x.DType)
        {
            throw Error.DTypesDiffer(name, x.DType, values.DType);
        }

        if (accumulate && x.DType == DType.Bool)
        {
            throw Error.DType(name, x.DType, "truth values can't be added up; use a numeric dtype.");
        }

        var shape = index.ShapeOf(x.Layout, plan);
        if (values.Layout.TryExpand(shape) is null)
        {
            throw Error.Shape(name, $"values of shape {Error.Text(values.Shape)} do not broadcast to {Error.Text(shape)}, which the index chooses "
                + $"from shape {Error.Text(x.Shape)}.");
        }
    }

    protected internal override ResultSpec Infer(in Operands inputs)
    {
        Check(name, inputs[0], inputs[1], PlanOf(inputs), index, accumulate);
        return ResultSpec.Like(inputs[0]);
    }

    protected internal override void Compute(in Operands inputs, Tensor output)
    {
        output.CopyElements(inputs[0]);
        To(output, inputs[1], PlanOf(inputs), index, accumulate);
    }

    internal override bool TakesSixteen => !accumulate;

    protected internal override Saved Saves(int needs) => index.HasPlan ? Saved.Input2 : Saved.None;

    protected internal override void Differentiate(Adjoint adjoint)
    {
        var gradient = adjoint.Gradient;
        var plan = index.HasPlan ? adjoint.Input(2) : null;
        if (adjoint.Needs(0))
        {
            adjoint.Add(0, accumulate ? gradient : Apply(name, gradient, Tensor.Full([], 0, gradient.DType), plan, index, accumulate: false));
        }

        if (adjoint.Needs(1))
        {
            var chosen = index.Basic(gradient);
            if (plan is not null)
            {
                chosen = new IndexRead(name, index.Walk).Run(new Operands(chosen, plan));
                if (!accumulate)
                {
                    // Axes after the plan's share its verdict.
                    var lasting = IndexWinners.Instance.Apply(plan);
                    var after = chosen.Rank - index.Walk.At - plan.Rank;
                    chosen = Tensor.Where(lasting.Reshape([.. plan.Shape, .. Enumerable.Repeat(1, after)]), chosen, Tensor.Full([], 0, chosen.DType));
                }
            }

            adjoint.Add(1, chosen);
        }
    }

    internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => accumulate && inputs[1] is { } values ? values.Count : 0;

    /// <summary>Applies the operation.</summary>
    public static Tensor Apply(string name, Tensor x, Tensor values, Tensor? plan, IndexExpression index, bool accumulate)
    {
        var op = new IndexWrite(name, index, accumulate);
        return plan is null ? op.Run(new Operands(x, values)) : op.Run(new Operands(x, values, plan));
    }

    private static Tensor? PlanOf(in Operands inputs) => inputs.Count > 2 ? inputs[2] : null;
}

/// <summary>Which entries of a plan are the last of their position: the ones whose values stay.</summary>
internal sealed class IndexWinners : Op
{
    public static readonly IndexWinners Instance = new();

    public override string Name => "index_winners";

    protected internal override ResultSpec Infer(in Operands inputs) => new(inputs[0].Layout.Dense(), DType.Bool);

    protected internal override void Compute(in Operands inputs, Tensor output)
    {
        var plan = inputs[0].AsSpan<int>();
        var winners = output.Storage.Span<byte>();
        var seen = new HashSet<int>(plan.Length);
        for (var j = plan.Length - 1; j >= 0; j--)
        {
            winners[j] = seen.Add(plan[j]) ? (byte)1 : (byte)0;
        }
    }

    protected internal override void Differentiate(Adjoint adjoint)
    {
    }

    internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => 0;
}
