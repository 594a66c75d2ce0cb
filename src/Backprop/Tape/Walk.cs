namespace Backprop;

/// <summary>One walk over the tape in reverse.</summary>
internal sealed class Walk
{
    [ThreadStatic]
    private static Frontier? spareFrontier;

    private readonly string operation;
    private readonly bool record;
    private readonly bool drop;
    private readonly Dictionary<Node, int>? targets;
    private readonly HashSet<Node>? relevant;
    private readonly Tensor?[] results;
    private Frontier frontier = null!;

    /// <summary>A walk to the leaves (no targets) or to the given targets only.</summary>
    private Walk(string operation, Node root, Node[]? targets, bool record, bool drop, Node[]? only = null)
    {
        this.operation = operation;
        this.record = record;
        this.drop = drop;
        results = targets is null ? [] : new Tensor?[targets.Length];
        if (targets is not null)
        {
            this.targets = new Dictionary<Node, int>(targets.Length);
            for (var i = 0; i < targets.Length; i++)
            {
                this.targets.TryAdd(targets[i], i);
            }

            relevant = Relevance.Of(root, this.targets.Keys);
        }
        else if (only is not null)
        {
            relevant = Relevance.Of(root, only);
        }
    }

    /// <summary>Accumulates the gradients of all leaves behind <paramref name="root"/>, or of some only.</summary>
    public static void ToLeaves(Node root, Tensor seed, bool keepTape, bool record, Node[]? only) =>
        new Walk("backward", root, null, record, drop: !keepTape, only).Run(root, seed);

    /// <summary>The gradients of <paramref name="targets"/>; null where the root doesn't depend on one.</summary>
    public static Tensor?[] To(Node[] targets, Node root, Tensor seed, bool record)
    {
        var walk = new Walk("gradient", root, targets, record, drop: false);
        walk.Run(root, seed);
        for (var i = 0; i < targets.Length; i++)
        {
            walk.results[i] = walk.results[walk.targets![targets[i]]];
        }

        return walk.results;
    }

    public bool Wants(Node input) => relevant is null || relevant.Contains(input);

    public void Contribute(Node from, Node input, Tensor contribution, bool owned)
    {
        if (contribution.DType != input.DType)
        {
            throw new DTypeException(
                $"{from.Label}: its gradient rule added {contribution.DType.Label()} to the gradient of a {input.DType.Label()} input.");
        }

        if (!contribution.Layout.HasShape(input.Shape))
        {
            contribution = Reduce(from, contribution, input);
            owned = !record;
        }

        if (!record && targets is null && input is Leaf leaf)
        {
            var buffer = leaf.Buffer(out var accumulate);
            if (accumulate)
            {
                buffer.Accumulate(contribution);
            }
            else
            {
                buffer.Overwrite(contribution, operation);
            }

            return;
        }

        ref var entry = ref frontier.Owed(input);
        if (entry.Gradient is null)
        {
            entry.Gradient = contribution;
            entry.Owned = owned && !record;
        }
        else if (entry.Owned)
        {
            entry.Gradient.Accumulate(contribution);
        }
        else
        {
            entry.Gradient += contribution;
            entry.Owned = !record;
        }
    }

    public Tensor Buffer(Node input, out bool accumulate)
    {
        if (targets is null && input is Leaf leaf)
        {
            return leaf.Buffer(out accumulate);
        }

        ref var entry = ref frontier.Owed(input);
        accumulate = entry.Gradient is not null;
        if (!accumulate)
        {
            entry.Gradient = Tensor.Allocate(input.Layout.Dense(), input.DType);
        }
        else if (!entry.Owned)
        {
            entry.Gradient = entry.Gradient!.Clone();
        }

        entry.Owned = true;
        return entry.Gradient!;
    }

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
            Relevance.Verify(operation, root, relevant);
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
                frontier.Owed(root).Gradient = seed;
                while (frontier.TryTakeLatest(out var node, out var gradient))
                {
                    Settle(node, gradient);
                }
            }
        }
        finally
        {
            frontier.Clear();
            spareFrontier = frontier;
        }
    }

    private void Settle(Node node, Tensor gradient)
    {
        if (targets is not null && targets.TryGetValue(node, out var index))
        {
            results[index] = gradient;
        }

        if (node.RetainsGradient && targets is null)
        {
            node.RetainedGradient = node.RetainedGradient is { } before ? before + gradient : gradient;
        }

        if (node is Leaf leaf)
        {
            if (targets is null)
            {
                Accumulate(leaf, gradient);
            }

            return;
        }

        if (targets is not null && !LeadsOn(node))
        {
            return;
        }

        node.Op!.Differentiate(new Adjoint(this, node, gradient));
        if (drop)
        {
            node.Drop();
        }
    }

    /// <summary>Whether a target lies behind this node; what lies behind the last one is nobody's business and may be dropped.</summary>
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

    /// <summary>Reached where the walk records, or begins at a leaf.</summary>
    private void Accumulate(Leaf leaf, Tensor gradient)
    {
        if (record)
        {
            leaf.Set(leaf.Gradient is { } before ? before + gradient : gradient);
            return;
        }

        var buffer = leaf.Buffer(out var accumulate);
        if (accumulate)
        {
            buffer.Accumulate(gradient);
        }
        else
        {
            buffer.Overwrite(gradient, operation);
        }
    }
}
