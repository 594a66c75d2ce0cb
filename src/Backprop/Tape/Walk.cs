namespace Backprop;

/// <summary>One walk over the tape in reverse.</summary>
internal sealed partial class Walk
{
    [ThreadStatic]
    private static Frontier? spareFrontier;

    private readonly string operation;
    private readonly bool record;
    private readonly bool drop;
    private readonly Node[]? targets;

    /// <summary>Where targets stand, if there are too many to look through.</summary>
    private readonly Dictionary<Node, int>? places;

    private readonly NodeSet? relevant;
    private readonly Tensor?[] results;

    /// <summary>What the rule of a single step contributed; null in a walk.</summary>
    private readonly List<(Node Input, Tensor Contribution)>? contributions;

    /// <summary>Axes that gradients have in front of their own, in a single step.</summary>
    private readonly int[] lead = [];

    private Frontier frontier = null!;
    private Stretches? stretches;

    /// <summary>A walk to the leaves (no targets) or to the given targets only.</summary>
    private Walk(string operation, Node root, Node[]? targets, bool record, bool drop, Node[]? only = null)
    {
        this.operation = operation;
        this.record = record;
        this.drop = drop;
        results = targets is null ? [] : new Tensor?[targets.Length];
        this.targets = targets;
        if (targets is not null)
        {
            if (targets.Length > 8)
            {
                places = new Dictionary<Node, int>(targets.Length);
                for (var i = 0; i < targets.Length; i++)
                {
                    places.TryAdd(targets[i], i);
                }
            }

            relevant = Relevance.Of(root, targets);
        }
        else if (only is not null)
        {
            relevant = Relevance.Of(root, only);
        }
    }

    /// <summary>A single step to some inputs.</summary>
    private Walk(NodeSet wanted, int[] lead)
    {
        operation = "per_sample_gradients";
        record = Recording.IsOn;
        results = [];
        relevant = wanted;
        contributions = [];
        this.lead = lead;
    }

    /// <summary>What the rule of one node contributes to some of its inputs, before it is summed back to their shapes.</summary>
    /// <param name="node">The node.</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="wanted">The inputs.</param>
    /// <param name="lead">Sizes that the gradient has in front of the node's own, for a rule that takes them.</param>
    public static List<(Node Input, Tensor Contribution)> Step(Node node, Tensor gradient, NodeSet wanted, int[] lead)
    {
        var step = new Walk(wanted, lead);
        if (!wanted.IsEmpty)
        {
            node.Op!.Differentiate(new Adjoint(step, node, gradient));
        }

        return step.contributions!;
    }

    /// <summary>Accumulates the gradients of all leaves behind <paramref name="root"/>, or of some only.</summary>
    public static void ToLeaves(Node root, Tensor seed, bool keepTape, bool record, Node[]? only) =>
        new Walk("backward", root, null, record, drop: !keepTape, only).Run(root, seed);

    /// <summary>The gradients of <paramref name="targets"/>; null where the root doesn't depend on one.</summary>
    public static Tensor?[] To(Node[] targets, Node root, Tensor seed, bool record)
    {
        var walk = new Walk("gradient", root, targets, record, drop: false);
        walk.Run(root, seed);
        var gradients = new Tensor?[targets.Length];
        for (var i = 0; i < targets.Length; i++)
        {
            gradients[i] = walk.results[walk.PlaceOf(targets[i])];
        }

        for (var i = 0; i < gradients.Length; i++)
        {
            // What is handed out is dense and nobody else's: rules pass gradients on as they are, or as views.
            if (gradients[i] is { } gradient && (!gradient.IsContiguous || gradient.Storage.IsLent || IsShared(gradients, i, seed)))
            {
                using (Recording.Set(record))
                {
                    gradients[i] = gradient.Clone();
                }
            }
        }

        return gradients;
    }

    public bool Wants(Node input) => relevant is null || relevant.Contains(input);

    public void Contribute(Node from, Node input, Tensor contribution, bool owned)
    {
        if (script is not null)
        {
            script.Contribute(contribution);
            return;
        }

        if (postponed is not null)
        {
            noting!.Contributed(contribution);
            contribution.Storage.IsLent |= !owned;
            postponed.Add((from, input, contribution, owned));
            return;
        }

        if (contribution.DType != input.GradientDType)
        {
            throw new DTypeException(
                $"{from.Label}: its gradient rule added {contribution.DType.Label()} to the gradient of a {input.GradientDType.Label()} input.");
        }

        if (contributions is not null)
        {
            contributions.Add((input, contribution));
            return;
        }

        if (!contribution.Layout.HasShape(input.Shape))
        {
            var sum = Reduce(from, contribution, input);
            owned = !record && !ReferenceEquals(sum.Storage, contribution.Storage);
            contribution = sum;
        }

        if (!record && targets is null && input is Leaf leaf && !leaf.DType.IsSixteen() && TryHold(leaf))
        {
            leaf.Add(contribution);
            return;
        }

        ref var entry = ref frontier.Owed(input);
        if (entry.Gradient is null)
        {
            entry.Gradient = contribution;
            entry.Owned = owned && !record;
            contribution.Storage.IsLent |= !owned;
        }
        else if (entry.Owned)
        {
            entry.Gradient.Accumulate(contribution);
            if (IsFree(from, contribution, owned))
            {
                TensorScope.GiveBack(contribution.Storage);
            }
        }
        else
        {
            entry.Gradient += contribution;
            entry.Owned = !record;
        }
    }

    /// <param name="input">Whose gradient is written.</param>
    /// <param name="order">Null for a contiguous buffer; else the order of a new one, and any is taken whose elements have no gaps.</param>
    /// <param name="accumulate">Whether there is something in the buffer, to be added to.</param>
    private Tensor FindBuffer(Node input, Layout? order, out bool accumulate)
    {
        if (contributions is not null)
        {
            accumulate = false;
            var layout = lead.Length == 0 ? input.Layout.Dense() : Layout.Contiguous(operation, [.. lead, .. input.Shape]);
            contributions.Add((input, Tensor.Allocate(layout, input.GradientDType)));
            return contributions[^1].Contribution;
        }

        if (targets is null && input is Leaf leaf && !leaf.DType.IsSixteen() && TryHold(leaf))
        {
            return leaf.Buffer(out accumulate);
        }

        ref var entry = ref frontier.Owed(input);
        accumulate = entry.Gradient is not null;
        if (!accumulate)
        {
            entry.Gradient = Tensor.Allocate(InOrder(input, order), input.GradientDType);
        }
        else if (!entry.Owned)
        {
            entry.Gradient = entry.Gradient!.CloneLike(InOrder(input, order));
        }
        else if (!(entry.Gradient!.IsContiguous || (order is not null && entry.Gradient.Layout.IsChannelsLast)))
        {
            entry.Gradient = entry.Gradient.Dense();
        }

        entry.Owned = true;
        return entry.Gradient!;
    }

    /// <summary>The gradient that has come together for a node so far; null where there is none.</summary>
    public Tensor? OwedTo(Node node) => script is not null ? null : frontier.Find(node) ?? (node as Leaf)?.Gradient;

    /// <summary>The gradients of a node's parts, which come one by one.</summary>
    public Tensor?[] StashOf(Node node, int count) => (stretches ??= new Stretches()).StashOf(node, count);

    /// <summary>Adds to what is owed a root that was recorded after the walk had begun.</summary>
    public void Owe(Node root, Tensor gradient, long begin)
    {
        if (relevant is not null)
        {
            Relevance.Extend(relevant, root, begin);
        }

        ref var entry = ref frontier.Owed(root);
        entry.Gradient = entry.Gradient is null ? gradient : entry.Gradient + gradient;
        entry.Owned = false;
        gradient.Storage.IsLent = true;
    }

    /// <summary>Ends a scope when everything later than a position has been walked.</summary>
    public void EndAfter(long begin, TensorScope scope) => (stretches ??= new Stretches()).EndAfter(begin, scope);

    private static Tensor Reduce(Node from, Tensor contribution, Node input)
    {
        try
        {
            return contribution.SumTo(input.Shape);
        }
        catch (ShapeException inner)
        {
            throw new ShapeException(
                $"{from.Label}: its gradient rule added a contribution of shape {Error.Text(contribution.Shape)} to an input of shape "
                + $"{Error.Text(input.Shape)}, which does not broadcast to it.", inner);
        }
    }

    private void Run(Node root, Tensor seed)
    {
        if (root.Earliest <= TapeClock.Hazard)
        {
            Relevance.Verify(operation, root, relevant, accumulates: targets is null);
        }

        if (drop)
        {
            // Before the walk, so that it also holds where a rule throws half-way.
            TapeClock.NoteHazard(root.Position);
        }

        frontier = spareFrontier ?? new Frontier();
        spareFrontier = null;
        try
        {
            using (Recording.Set(record))
            {
                frontier.Owed(root).Gradient = seed.To(root.GradientDType);
                while (frontier.TryTakeLatest(out var node, out var gradient, out var owned))
                {
                    stretches?.Leave(node.Position, gradient, frontier);
                    SettleAndLetGo(node, gradient, owned);
                }
            }
        }
        finally
        {
            free = null;
            stretches?.End(results);
            frontier.Clear();
            spareFrontier = frontier;
        }
    }

    private void Settle(Node node, Tensor gradient)
    {
        if (targets is not null && PlaceOf(node) is var index and >= 0)
        {
            results[index] = gradient.To(node.DType);
        }

        if (node.RetainsGradient && targets is null)
        {
            using (TensorScope.Pause())
            {
                lock (node) // other walks may come by
                {
                    node.RetainedGradient = node.RetainedGradient is { } before ? before + gradient.To(node.DType) : Own(gradient, node);
                }
            }
        }

        if (node is Leaf leaf)
        {
            if (targets is null)
            {
                lock (leaf)
                {
                    Accumulate(leaf, gradient);
                }
            }

            return;
        }

        if (relevant is not null && !LeadsOn(node))
        {
            return;
        }

        try
        {
            if (Devices.Watch.IsOn)
            {
                DifferentiateWatched(node, gradient);
            }
            else
            {
                node.Op!.Differentiate(new Adjoint(this, node, gradient));
            }
        }
        finally
        {
            LetGo();
        }

        if (drop)
        {
            node.Drop();
        }
    }

    /// <summary>Runs a rule while somebody looks on.</summary>
    public void DifferentiateWatched(Node node, Tensor gradient)
    {
        try
        {
            Devices.Watch.TellDifferentiating(node, gradient, this);
            node.Op!.Differentiate(new Adjoint(this, node, gradient));
            Devices.Watch.TellDifferentiated(node, gradient, this);
        }
        finally
        {
            Devices.Watch.Leave();
        }

        EndNoting();
    }

    /// <summary>The gradient in the node's dtype and storage of its own.</summary>
    private static Tensor Own(Tensor gradient, Node node) => gradient.DType == node.DType ? gradient.Clone() : gradient.To(node.DType);

    private static bool IsShared(Tensor?[] gradients, int index, Tensor seed)
    {
        var storage = gradients[index]!.Storage;
        if (ReferenceEquals(storage, seed.Storage))
        {
            return true;
        }

        for (var i = 0; i < index; i++)
        {
            if (ReferenceEquals(storage, gradients[i]?.Storage))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The first place of a node among the targets; negative where it is none.</summary>
    private int PlaceOf(Node node) => places is null ? Array.IndexOf(targets!, node) : places.TryGetValue(node, out var place) ? place : -1;

    /// <summary>Whether something asked for lies behind this node; what lies behind the last of it is nobody's business and may be dropped.</summary>
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

    /// <summary>Reached where the walk records, begins at a leaf, or found the leaf taken by another walk.</summary>
    private void Accumulate(Leaf leaf, Tensor gradient)
    {
        if (!record)
        {
            leaf.Add(gradient.To(leaf.DType));
            return;
        }

        // A tensor of its own, outside every scope, as every parameter's gradient is.
        using (TensorScope.Pause())
        {
            leaf.Set(leaf.Gradient is { } before ? before + gradient.To(leaf.DType) : Own(gradient, leaf));
        }
    }
}
