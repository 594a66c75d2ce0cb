namespace Backprop.Ops;

/// <summary>
/// A segment of the tape that is computed again when its gradients are wanted. It stands on the tape in place of the segment's operations: one node for
/// the segment, whose inputs are the recorded tensors from outside, and one for each result.
/// </summary>
internal sealed class Recomputation : Op
{
    private static readonly Tensor nothing = Nothing();

    private readonly Func<Tensor[]> segment;
    private readonly Layout[] layouts;
    private readonly RandomReplay numbers;
    private readonly List<(Tensor Tensor, int Version)> captured;

    private Recomputation(Func<Tensor[]> segment, Tensor[] results, RandomReplay numbers, List<(Tensor Tensor, int Version)> captured)
    {
        this.segment = segment;
        layouts = [.. results.Select(result => result.Layout.Dense())];
        this.numbers = numbers;
        this.captured = captured;
    }

    public override string Name => "checkpoint";

    /// <summary>Puts this in the place of the nodes later than <paramref name="begin"/> that the results were computed by.</summary>
    public static void Attach(Func<Tensor[]> segment, Tensor[] results, long begin, RandomReplay numbers)
    {
        var outside = new List<Node>();
        var captured = new List<(Tensor, int)>();
        var visited = new HashSet<Node>();
        var stack = new Stack<Node>();
        foreach (var result in results)
        {
            if (result.Node is { } node && node.Position > begin && visited.Add(node))
            {
                stack.Push(node);
            }
        }

        if (stack.Count == 0)
        {
            return;
        }

        while (stack.TryPop(out var node))
        {
            if (node.Position <= begin)
            {
                outside.Add(node);
                if (node is Leaf leaf)
                {
                    captured.Add((leaf.Tensor, leaf.Tensor.Storage.Version));
                }

                continue;
            }

            if (node is Leaf made)
            {
                throw new InvalidOperationException(
                    $"checkpoint: the segment called RequireGradient() on {made.Tensor.Describe()}; make parameters outside of it.");
            }

            node.AddSavedFromBefore(begin, captured);
            for (var i = 0; i < node.InputCount; i++)
            {
                if (node.Input(i) is { } input && visited.Add(input))
                {
                    stack.Push(input);
                }
            }
        }

        outside.Sort((a, b) => a.Position.CompareTo(b.Position));
        var whole = new Node(new Recomputation(segment, results, numbers, captured), Layout.Scalar, DType.Float32, outside.Count);
        for (var i = 0; i < outside.Count; i++)
        {
            whole.SetInput(i, outside[i]);
        }

        for (var i = 0; i < results.Length; i++)
        {
            if (results[i].Node is { } node && node.Position > begin)
            {
                var part = new Node(new Result(i, results.Length), results[i].Layout.Dense(), results[i].DType, 1);
                part.SetInput(0, whole);
                results[i].Node = part;
            }
        }
    }

    protected internal override ResultSpec Infer(in Operands inputs) => throw NotApplied();

    protected internal override void Compute(in Operands inputs, Tensor output) => throw NotApplied();

    protected internal override Saved Saves(int needs) => Saved.None;

    protected internal override void Differentiate(Adjoint adjoint)
    {
        foreach (var (tensor, version) in captured)
        {
            tensor.CheckAlive();
            if (tensor.Storage.Version != version)
            {
                throw new InvalidOperationException(
                    $"checkpoint: {tensor.Describe()} was changed in place by '{tensor.Storage.LastChange}' since the segment was computed. "
                    + "Change it after Backward(), or change a Clone().");
            }
        }

        var gradients = adjoint.TakeStash();
        var begin = TapeClock.Now;

        // While a walk records, what is computed here is needed after it.
        var scope = TensorScope.Current is null || Recording.IsOn ? null : TensorScope.Begin();
        Tensor[] results;
        try
        {
            results = Checkpoint.Again(segment, numbers);
            if (results.Length != layouts.Length || results.Zip(layouts).Any(pair => !pair.First.Layout.HasShape(pair.Second.Sizes)))
            {
                throw new InvalidOperationException(
                    "checkpoint: the segment gave other results than the first time; it must do the same whenever it is called.");
            }
        }
        catch
        {
            scope?.Dispose();
            throw;
        }

        adjoint.GoOn(results, gradients, begin, scope);
    }

    private static Tensor Nothing()
    {
        using (TensorScope.Pause())
        {
            return Tensor.Zeros([]);
        }
    }

    private static InvalidOperationException NotApplied() => new("checkpoint: put on the tape by Checkpoint.Run only.");

    /// <summary>Hands the gradient of one result to the segment.</summary>
    private sealed class Result(int index, int count) : Op
    {
        public override string Name => "checkpoint_result";

        protected internal override ResultSpec Infer(in Operands inputs) => throw NotApplied();

        protected internal override void Compute(in Operands inputs, Tensor output) => throw NotApplied();

        protected internal override Saved Saves(int needs) => Saved.None;

        protected internal override void Differentiate(Adjoint adjoint)
        {
            adjoint.Stash(index, count);
            adjoint.Add(0, nothing);
        }
    }
}
