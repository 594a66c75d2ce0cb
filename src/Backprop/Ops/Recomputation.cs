using System.Runtime.InteropServices;
using Backprop.Kernels;

namespace Backprop.Ops;

/// <summary>
/// A segment of the tape that is computed again when its gradients are wanted. It stands on the tape in place of the segment's operations: one node for
/// the segment, whose inputs are the recorded tensors from outside, and one for each result.
/// </summary>
internal sealed class Recomputation : Op
{
    private static readonly Tensor nothing = Nothing();

    private readonly Func<Tensor[]> segment;
    private readonly Trace[] traces;
    private readonly RandomReplay numbers;
    private readonly Stretch stretch;

    private Recomputation(Func<Tensor[]> segment, Tensor[] results, RandomReplay numbers, Stretch stretch)
    {
        this.segment = segment;
        this.numbers = numbers;
        this.stretch = stretch;
        traces = [.. results.Select(Trace.Of)];
    }

    public override string Name => "checkpoint";

    internal override bool IsPlaceholder => true;

    /// <summary>Puts this in the place of the nodes later than <paramref name="begin"/> that the results were computed by.</summary>
    public static void Attach(Func<Tensor[]> segment, Tensor[] results, long begin, RandomReplay numbers)
    {
        var stretch = Stretch.Behind(results, begin);
        if (stretch.IsEmpty)
        {
            return;
        }

        var whole = new Node(new Recomputation(segment, results, numbers, stretch), Layout.Scalar, DType.Float32, stretch.Outside.Count);
        for (var i = 0; i < stretch.Outside.Count; i++)
        {
            whole.SetInput(i, stretch.Outside[i]);
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
        stretch.CheckUnchanged();
        var gradients = adjoint.TakeStash();
        var begin = TapeClock.Now;

        // While a walk records, what is computed here is needed after it.
        var scope = TensorScope.Current is null || Recording.IsOn ? null : TensorScope.Begin();
        Tensor[] results;
        try
        {
            results = Checkpoint.Again(segment, numbers);
            if (!results.Select(Trace.Of).SequenceEqual(traces) || !Stretch.Behind(results, begin).Outside.SequenceEqual(stretch.Outside))
            {
                throw new InvalidOperationException(
                    "checkpoint: the segment gave other results than the first time; it must do the same whenever it is called. Since then a tensor that it "
                    + "uses was changed, or a module switched between Train() and Evaluate(), or a variable that the lambda captures was assigned again (copy "
                    + "a loop's variable into a local one first).");
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

    /// <summary>What is remembered of a result, to know it again: the same bits are the promise.</summary>
    private readonly record struct Trace(bool IsRecorded, DType DType, int Rank, ulong Shape, ulong Bits)
    {
        public static Trace Of(Tensor result)
        {
            using (Recording.Pause())
            {
                var elements = result.Contiguous().Bytes();
                var shape = MemoryMarshal.AsBytes(result.Shape);
                return new Trace(result.Node is not null, result.DType, result.Rank, Fingerprint.Of(shape), Fingerprint.Of(elements));
            }
        }
    }

    /// <summary>What lies on the tape between a segment's results and what it was given.</summary>
    private sealed class Stretch
    {
        private readonly List<(Tensor Tensor, int Version)> captured = [];

        /// <summary>The nodes from outside that the segment uses, earliest first.</summary>
        public List<Node> Outside { get; } = [];

        /// <summary>Whether no result was computed from anything recorded.</summary>
        public bool IsEmpty { get; private set; } = true;

        public static Stretch Behind(Tensor[] results, long begin)
        {
            var stretch = new Stretch();
            var visited = new HashSet<Node>();
            var stack = new Stack<Node>();
            foreach (var result in results)
            {
                if (result.Node is { } node && node.Position > begin && visited.Add(node))
                {
                    stack.Push(node);
                    stretch.IsEmpty = false;
                }
            }

            while (stack.TryPop(out var node))
            {
                if (node.Position <= begin)
                {
                    stretch.Outside.Add(node);
                    if (node is Leaf leaf)
                    {
                        stretch.captured.Add((leaf.Tensor, leaf.Tensor.Storage.Version));
                    }

                    continue;
                }

                if (node is Leaf { IsVariable: false } made)
                {
                    throw new InvalidOperationException(
                        $"checkpoint: the segment called RequireGradient() on {made.Tensor.Describe()}; make parameters outside of it.");
                }

                node.AddSavedFromBefore(begin, stretch.captured);
                for (var i = 0; i < node.InputCount; i++)
                {
                    if (node.Input(i) is { } input && visited.Add(input))
                    {
                        stack.Push(input);
                    }
                }
            }

            stretch.Outside.Sort((a, b) => a.Position.CompareTo(b.Position));
            return stretch;
        }

        /// <summary>Throws where something from outside was changed in place, and says what.</summary>
        public void CheckUnchanged()
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
        }
    }

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
