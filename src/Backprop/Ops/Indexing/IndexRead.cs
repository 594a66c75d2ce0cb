namespace Backprop.Ops;

/// <summary>The elements that a plan points at: y[a…, j…, b…] = x at (a, plan[j], b). The gradient is added back to where they came from.</summary>
/// <param name="name">The operation that this is done for.</param>
/// <param name="walk">Which axes of x the plan addresses, and where its own axes go.</param>
internal sealed class IndexRead(string name, IndexWalk walk) : Op
{
    public override string Name => name;

    public override string Describe() => walk.Axes.Length == 1 ? FormattableString.Invariant($"{name}(axis={walk.Axes[0]})") : name;

    protected internal override ResultSpec Infer(in Operands inputs) =>
        new(Layout.Contiguous(name, walk.ShapeOf(inputs[0].Shape, inputs[1].Shape)), inputs[0].DType);

    protected internal override void Compute(in Operands inputs, Tensor output) => walk.Read(inputs[0], output, inputs[1]);

    internal override bool TakesSixteen => true;

    protected internal override Saved Saves(int needs) => Saved.Input1;

    internal override bool HasGradientKernels => true;

    protected internal override void Differentiate(Adjoint adjoint)
    {
        if (Recording.IsOn)
        {
            var back = new IndexAccumulate(IndexAccumulate.NameFor(name), walk, adjoint.LayoutOf(0).Sizes.ToArray());
            adjoint.Add(0, back.Apply(adjoint.Gradient, adjoint.Input(1)));
        }
        else if (adjoint.Needs(0))
        {
            walk.Accumulate(adjoint.ZeroedBuffer(0), adjoint.Gradient, adjoint.Input(1));
        }
    }

    internal override void DifferentiatePerSample(SampleAdjoint adjoint)
    {
        int[] sizes = [.. adjoint.ShapeOf(0)];
        var plan = adjoint.Input(1);
        var (back, lead) = (IndexAccumulate.NameFor(name), (int[])[adjoint.Samples, .. sizes]);
        if (adjoint.Axis is not { } axis)
        {
            var shifted = new IndexWalk([.. walk.Axes.Select(a => a + 1)], walk.At + 1);
            adjoint.AddWhole(0, new IndexAccumulate(back, shifted, lead).Apply(adjoint.Gradient, plan));
        }
        else if (axis.Axis < walk.At || axis.Axis >= walk.At + plan.Rank)
        {
            adjoint.Along(axis.At(walk.Free(sizes.Length)[axis.Axis < walk.At ? axis.Axis : axis.Axis - plan.Rank]));
        }
        else if (SamplePlan.AxisOf(plan, axis.At(axis.Axis - walk.At), walk.Axes, sizes) is { } own)
        {
            adjoint.Along(axis.At(own));
        }
        else
        {
            // The samples become the first of the axes that the plan addresses.
            var addressed = new IndexWalk([0, .. walk.Axes.Select(a => a + 1)], walk.At);
            var whole = SamplePlan.Of(plan, axis.At(axis.Axis - walk.At), Layout.CheckedCount(name, [.. walk.Axes.Select(a => sizes[a])]));
            Layout.CheckedCount(name, lead);
            adjoint.AddWhole(0, new IndexAccumulate(back, addressed, lead).Apply(adjoint.Gradient, whole));
        }
    }

    internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => 0;
}

/// <summary>Zeros to which elements are added where a plan points: the adjoint of reading them. Its own gradient is a read.</summary>
internal sealed class IndexAccumulate(string name, IndexWalk walk, int[] shape) : Op
{
    public override string Name => name;

    /// <summary>What the adjoint of a read is called.</summary>
    public static string NameFor(string read) => read switch
    {
        "index_select" => "index_add",
        "gather" => "scatter_add",
        _ => read + "_adjoint",
    };

    protected internal override ResultSpec Infer(in Operands inputs) => new(Layout.Contiguous(name, shape), inputs[0].DType);

    protected internal override void Compute(in Operands inputs, Tensor output)
    {
        output.Bytes().Clear();
        walk.Accumulate(output, inputs[0], inputs[1]);
    }

    protected internal override Saved Saves(int needs) => Saved.Input1;

    protected internal override void Differentiate(Adjoint adjoint) =>
        adjoint.Add(0, new IndexRead(name, walk).Apply(adjoint.Gradient, adjoint.Input(1)));

    internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => inputs[0]?.Count ?? double.NaN;
}
