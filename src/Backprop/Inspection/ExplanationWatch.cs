using Backprop.Devices;

namespace Backprop.Inspection;

/// <summary>Keeps what recorded operations were given and gave, and the gradients they met on a walk.</summary>
internal sealed class ExplanationWatch : Watch
{
    private readonly int outside = Depth;
    private Tensor[] given = [];
    private Tensor? result;

    /// <summary>What each operation was given, copies cut off from the tape, and its result.</summary>
    public Dictionary<Node, (Tensor[] Inputs, Tensor Output)> Values { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>The gradient of each operation's result.</summary>
    public Dictionary<Node, Tensor> Gradients { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Set once the function has run and the walk begins.</summary>
    public bool IsWalking { get; set; }

    protected override void Computed(Op op, in Operands inputs, Tensor output)
    {
        if (Depth != outside + 1 || IsWalking)
        {
            return;
        }

        given = new Tensor[inputs.Count];
        for (var i = 0; i < given.Length; i++)
        {
            given[i] = inputs[i];
        }

        result = output;
    }

    protected override void Recorded(Node node)
    {
        if (Depth != outside || IsWalking || result is null)
        {
            return;
        }

        // Copies are operations too: what they are of is put aside first.
        var (inputs, output) = (given, result);
        IsWalking = true;
        using (Recording.Pause())
        {
            Values[node] = ([.. inputs.Select(input => input.Detach().Clone())], output.Detach().Clone());
        }

        IsWalking = false;
    }

    protected override void Differentiating(Node node, Tensor gradient)
    {
        if (Depth == outside + 1)
        {
            Gradients[node] = gradient.Detach();
        }
    }
}
