namespace Backprop;

/// <summary>The gradients of as many losses as there are samples: in the shape of a tensor that has them along an axis, else [samples, its shape].</summary>
internal readonly record struct SampleGradient(Tensor Gradient, SampleAxis? Axis);

/// <summary>
/// One walk over the tape in reverse for the gradients of many losses, each by itself (the rows of a Jacobian, of which only what isn't known to be
/// zero is computed). See <see cref="SampleAdjoint"/> for the two forms that a gradient has on the way.
/// </summary>
internal sealed class SampleWalk
{
    private const string Operation = "per_sample_gradients";

    private readonly Dictionary<Node, Owed> owed = [];
    private readonly PriorityQueue<Node, long> order = new();
    private readonly Dictionary<Node, SampleGradient> results = [];
    private readonly HashSet<Node> targets;
    private readonly NodeSet relevant;

    private SampleWalk(Node[] targets, Node root, int samples, string? within)
    {
        this.targets = [.. targets];
        relevant = Relevance.Of(root, targets);
        Samples = samples;
        Within = within;
    }

    public int Samples { get; }

    /// <summary>The operation whose definition is walked; null for a tape of the user's.</summary>
    public string? Within { get; }

    /// <summary>The gradients of <paramref name="targets"/>; null where the root doesn't depend on one.</summary>
    /// <param name="targets">Nodes behind the root.</param>
    /// <param name="root">Where to begin.</param>
    /// <param name="seed">The gradient there.</param>
    /// <param name="samples">How many losses there are; at least 2, for with one there are no two forms.</param>
    /// <param name="within">The operation whose definition is walked.</param>
    public static SampleGradient?[] To(Node[] targets, Node root, SampleGradient seed, int samples, string? within = null)
    {
        if (targets.Length == 0)
        {
            return [];
        }

        var walk = new SampleWalk(targets, root, samples, within);
        if (within is null && root.Earliest <= TapeClock.Hazard)
        {
            Relevance.Verify(Operation, root, walk.relevant, accumulates: false);
        }

        walk.Run(root, seed);
        return [.. targets.Select(target => walk.results.TryGetValue(target, out var found) ? found : (SampleGradient?)null)];
    }

    public bool Wants(Node input) => relevant.Contains(input);

    public void Contribute(Node from, Node input, Tensor contribution, SampleAxis? axis)
    {
        if (!owed.TryGetValue(input, out var entry))
        {
            owed.Add(input, new Owed { Gradient = contribution, Axis = axis, From = from });
            order.Enqueue(input, -input.Position);
            return;
        }

        if (entry.Axis != axis)
        {
            // A leaf's gradient goes no further, so that it costs no more as a whole.
            if (Within is not null || input is not Leaf)
            {
                throw Mixed(axis is null ? from : entry.From, input);
            }

            contribution = axis is { } own ? own.Spread(contribution) : contribution;
            if (entry.Axis is { } other)
            {
                (entry.Gradient, entry.Axis, entry.IsOwned) = (other.Spread(entry.Gradient), null, false);
            }
        }

        if (entry.IsOwned && !Recording.IsOn)
        {
            entry.Gradient.Accumulate(contribution);
        }
        else
        {
            entry.Gradient += contribution;
            entry.IsOwned = true;
        }
    }

    public InvalidOperationException Refuse(Node node, string why) => new($"{Operation}: '{Within ?? node.Label}' {why}");

    /// <summary>The error where a loss depends on other samples than its own.</summary>
    public InvalidOperationException Mixed(Node by, Node input) => Refuse(
        by,
        $"mixes samples: the loss of each of the {Samples} samples depends on more of its input {Error.Text(input.Shape)} than what belongs to the sample. "
        + "Normalise every sample by itself (layer or group norm instead of batch norm, or batch norm after Evaluate()), and don't sum, sort or shift along "
        + "the samples. Where the mixing is meant, take Gradient.Of for one loss at a time.");

    private void Run(Node root, SampleGradient seed)
    {
        owed.Add(root, new Owed { Gradient = seed.Gradient.To(root.GradientDType), Axis = seed.Axis, From = root });
        order.Enqueue(root, -root.Position);
        while (order.TryDequeue(out var node, out _))
        {
            owed.Remove(node, out var entry);
            if (targets.Contains(node))
            {
                results.Add(node, new SampleGradient(entry!.Gradient, entry.Axis));
            }

            if (node is not Leaf && LeadsOn(node))
            {
                // A gradient as a whole has an axis more than its tensor, and rules may need another on the way.
                if (MostAxes(node) > Layout.MaxRank - 2)
                {
                    throw Refuse(node, $"has a tensor of {MostAxes(node)} axes; for gradients per sample {Layout.MaxRank - 2} are the limit.");
                }

                node.Op!.DifferentiatePerSample(new SampleAdjoint(this, node, entry!.Gradient, entry.Axis));
            }
        }
    }

    private static int MostAxes(Node node)
    {
        var most = node.Layout.Rank;
        for (var i = 0; i < node.InputCount; i++)
        {
            most = Math.Max(most, node.Input(i)?.Layout.Rank ?? 0);
        }

        return most;
    }

    private bool LeadsOn(Node node)
    {
        for (var i = 0; i < node.InputCount; i++)
        {
            if (node.Input(i) is { } input && Wants(input))
            {
                return true;
            }
        }

        return false;
    }

    private sealed class Owed
    {
        public required Tensor Gradient { get; set; }

        public required SampleAxis? Axis { get; set; }

        /// <summary>Who contributed first.</summary>
        public required Node From { get; init; }

        /// <summary>Whether the gradient is a sum made here, so that it may be added to in place.</summary>
        public bool IsOwned { get; set; }
    }
}
