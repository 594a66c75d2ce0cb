namespace Backprop;

/// <summary>
/// What a rule for gradients per sample sees. It knows the gradients of many losses, one per sample, at once, in one of two forms. A tensor that has
/// the samples along an axis, in which the loss of a sample depends on that sample's elements only, has a gradient in its own shape
/// (<see cref="Axis"/> tells where the samples are). Any other tensor, a parameter for instance, is used by all samples <em>as a whole</em>, and has
/// a gradient of shape [samples, its own shape].
/// </summary>
internal sealed class SampleAdjoint(SampleWalk walk, Node node, Tensor gradient, SampleAxis? axis)
{
    /// <summary>The gradient of the result, in the result's shape or as a whole.</summary>
    public Tensor Gradient => gradient;

    /// <summary>Where the samples are in the result; null where it is used as a whole.</summary>
    public SampleAxis? Axis => axis;

    public int Samples => walk.Samples;

    public int InputCount => node.InputCount;

    public Tensor Output => Ordinary().Output;

    public bool Needs(int index) => node.Input(index) is { } input && walk.Wants(input);

    public Tensor Input(int index) => Ordinary().Input(index);

    public ReadOnlySpan<int> ShapeOf(int index) => node.Input(index)!.Shape;

    /// <summary>Whether the result has the samples along an axis before number <paramref name="end"/>.</summary>
    public bool IsAlong(int end, out SampleAxis found)
    {
        found = axis ?? default;
        return axis is not null && found.Axis < end;
    }

    /// <summary>Adds the gradient of an input that has the samples along an axis. It may have a shape that the input was broadcast to.</summary>
    public void Add(int index, Tensor contribution, SampleAxis along) => walk.Contribute(node, node.Input(index)!, Reduce(contribution, [], index), along);

    /// <summary>Adds the gradient of an input that has the samples along an axis, where it is wanted.</summary>
    public void AddIfNeeded(int index, Tensor contribution, SampleAxis along)
    {
        if (Needs(index))
        {
            Add(index, contribution, along);
        }
    }

    /// <summary>Adds to the gradient of an input as a whole: [samples, a shape that the input was broadcast to].</summary>
    public void AddWhole(int index, Tensor contribution) => walk.Contribute(node, node.Input(index)!, Reduce(contribution, [Samples], index), null);

    /// <summary>Adds what a walk through the definition of the operation found.</summary>
    public void Add(int index, SampleGradient found) => walk.Contribute(node, node.Input(index)!, found.Gradient, found.Axis);

    /// <summary>The ordinary rule, for inputs that have the samples along axes; others are told by null.</summary>
    public void Along(params ReadOnlySpan<SampleAxis?> axes)
    {
        var wanted = new Dictionary<Node, SampleAxis>();
        for (var i = 0; i < axes.Length; i++)
        {
            if (axes[i] is { } along && Needs(i) && !wanted.TryAdd(node.Input(i)!, along) && wanted[node.Input(i)!] != along)
            {
                throw walk.Mixed(node, node.Input(i)!);
            }
        }

        foreach (var (input, contribution) in Walk.Step(node, gradient, NodeSet.Of(wanted.Keys), []))
        {
            Add(IndexOf(input), contribution, wanted[input]);
        }
    }

    /// <summary>
    /// The ordinary rule of an operation that works element by element and broadcasts, where its contributions have the shape of the result: inputs
    /// that have the sample's axis are summed back as usual, others sample by sample.
    /// </summary>
    public void Broadcast()
    {
        var wanted = new HashSet<Node>();
        for (var i = 0; i < InputCount; i++)
        {
            if (Needs(i))
            {
                wanted.Add(node.Input(i)!);
            }
        }

        foreach (var (input, contribution) in Walk.Step(node, gradient, NodeSet.Of(wanted), axis is null ? [Samples] : []))
        {
            var index = IndexOf(input);
            if (axis is not { } along)
            {
                AddWhole(index, contribution);
                continue;
            }

            var own = along.Axis - (contribution.Rank - input.Layout.Rank);
            if (own >= 0 && input.Shape[own] == along.Size)
            {
                Add(index, contribution, along.At(own));
            }
            else
            {
                AddWhole(index, along.ToFront(contribution));
            }
        }
    }

    /// <summary>What a walk from a value that stands for the result finds for its inputs; null where it doesn't depend on one.</summary>
    public SampleGradient?[] Through(Tensor value, Tensor[] inputs) => value.Node is not { } root
        ? new SampleGradient?[inputs.Length]
        : SampleWalk.To([.. inputs.Select(input => input.Node!)], root, new SampleGradient(gradient, axis), Samples, walk.Within ?? node.Label);

    /// <summary>An error that says which operation has no gradient per sample, and why.</summary>
    public InvalidOperationException Refuse(string why) => walk.Refuse(node, why);

    private Adjoint Ordinary() => new(null!, node, gradient);

    private int IndexOf(Node input)
    {
        for (var i = 0; i < InputCount; i++)
        {
            if (ReferenceEquals(node.Input(i), input))
            {
                return i;
            }
        }

        throw new InvalidOperationException($"{node.Label}: its gradient rule added to an input that it has not.");
    }

    /// <summary>Sums over what an input was broadcast along, after some axes that are nobody's business.</summary>
    private Tensor Reduce(Tensor contribution, int[] lead, int index)
    {
        var shape = node.Input(index)!.Shape;
        int[] target = [.. lead, .. shape];
        if (contribution.Layout.HasShape(target))
        {
            return contribution;
        }

        int[] aligned = [.. lead, .. Enumerable.Repeat(1, Math.Max(contribution.Rank - target.Length, 0)), .. shape];
        return contribution.SumTo(aligned).Reshape(target);
    }
}
