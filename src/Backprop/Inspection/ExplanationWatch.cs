using Backprop.Devices;

namespace Backprop.Inspection;

/// <summary>Keeps what recorded operations were given and gave, and the gradients they met on a walk.</summary>
internal sealed class ExplanationWatch : Watch
{
    private Op? computed;
    private Tensor[] given = [];
    private Tensor? result;
    private bool isCopying;

    /// <summary>What each operation was given and what it gave, copies cut off from the tape.</summary>
    public Dictionary<Node, (Tensor[] Inputs, Tensor Output)> Values { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>The gradient of each operation's result.</summary>
    public Dictionary<Node, Tensor> Gradients { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Set once the function has run and the walk begins.</summary>
    public bool IsWalking { get; set; }

    protected override bool NeedsEachGradient => IsWalking;

    protected override void Computed(Op op, in Operands inputs, Tensor output)
    {
        if (isCopying || IsWalking)
        {
            return;
        }

        given = new Tensor[inputs.Count];
        for (var i = 0; i < given.Length; i++)
        {
            given[i] = inputs[i];
        }

        (computed, result) = (op, output);
    }

    /// <summary>An operation is recorded right after it was computed, at whatever depth.</summary>
    protected override void Recorded(Node node)
    {
        if (isCopying || IsWalking || !ReferenceEquals(node.Op, computed))
        {
            return;
        }

        isCopying = true; // copies are operations too
        using (Recording.Pause())
        {
            Values[node] = ([.. given.Select(input => input.Detach().Clone())], result!.Detach().Clone());
        }

        isCopying = false;
        computed = null;
    }

    protected override void Differentiating(Node node, Tensor gradient, Walk walk)
    {
        if (IsWalking)
        {
            Gradients.TryAdd(node, gradient.Detach());
        }
    }
}
