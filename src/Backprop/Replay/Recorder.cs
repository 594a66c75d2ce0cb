using Backprop.Devices;
using Backprop.Memory;

namespace Backprop.Replay;

/// <summary>Notes what a step does to memory, and sees to it that nothing happens there unnoted.</summary>
internal sealed class Recorder : Ledger
{
    private readonly Stack<(Work? Open, int Nested)> aside = new();
    private readonly HashSet<object> met = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<Storage> made = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<Storage> found = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<Storage> changed = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Tensor, Node?> nodes = new(ReferenceEqualityComparer.Instance);
    private readonly long begin = TapeClock.Next();
    private Work? open;
    private int nested;

    /// <summary>What was done, in order.</summary>
    public List<Work> Works { get; } = [];

    /// <summary>What is done before.</summary>
    public List<Action> Resets { get; } = [];

    /// <summary>When a replay is right.</summary>
    public List<(Func<bool> Holds, string Otherwise)> Conditions { get; } = [];

    /// <summary>Storages of the step's own.</summary>
    public IReadOnlySet<Storage> Made => made;

    /// <summary>Other storages that it looked at or changed.</summary>
    public IReadOnlySet<Storage> Found => found;

    /// <summary>Those among the others that were changed by something that doesn't say so at a replay.</summary>
    public IReadOnlyCollection<Storage> Changed => changed;

    /// <summary>Tensors that existed before, with the nodes they had.</summary>
    public IReadOnlyDictionary<Tensor, Node?> Nodes => nodes;

    public override bool IsInside => open is not null;

    /// <summary>Runs a step, noting what it does.</summary>
    public void Run(Action step)
    {
        Open(this);
        var watch = Watch.Install(new Onlooker(this));
        Supply.TurnOn();
        Parallelism.StayOnCaller = true;     // so that every use of memory is seen; the bits are those of any number of threads
        try
        {
            step();
            if (open is not null || nested > 0 || aside.Count > 0)
            {
                throw new InvalidOperationException(
                    "captured_step: an exception was thrown inside of an operation or of Capture.Repeat, and caught by the step. What comes after it can't be "
                    + "noted; let the exception leave the step.");
            }
        }
        finally
        {
            Parallelism.StayOnCaller = false;
            Supply.Note(null);
            Supply.TurnOff();
            watch.Dispose();
            Close();
        }
    }

    public override void Perform(Action work, bool ifUsing = false)
    {
        if (open is not null)
        {
            work();
            return;
        }

        Begin(new HostWork(work, Recording.IsOn, always: !ifUsing));
        work();
        End();
    }

    public override bool Ignore(Action work)
    {
        if (open is not null)
        {
            work();
            return false;
        }

        Begin(new HostWork(work, Recording.IsOn, always: false));
        work();
        var usesMade = made.Overlaps(open!.Uses);
        open = null;
        Supply.Note(null);
        return usesMade;
    }

    public override void StepAside()
    {
        aside.Push((open, nested));
        (open, nested) = (null, 0);
        Supply.Note(null);
    }

    public override void Return()
    {
        (open, nested) = aside.Pop();
        Supply.Note(open?.Made);
    }

    public override void Require(Func<bool> holds, string otherwise) => Conditions.Add((holds, otherwise));

    public override void Reset(Action work) => Resets.Add(work);

    public override bool Meets(object one) => met.Add(one);

    public override bool IsOfStep(long position) => position > begin;

    public override void NoteAllocated(Storage storage) => made.Add(storage);

    public override void NoteUse(Storage storage)
    {
        if (open is null)
        {
            var site = Sites.Caller();
            throw new InvalidOperationException(
                $"captured_step: elements were read or written{(site is null ? "" : $" at {site}")} by code that is no operation on tensors, so a replay would "
                + "not do it again. Return what is to be read from the step and read it after Replay(); what must happen at every replay goes into "
                + "Capture.Repeat(() => …).");
        }

        open.Uses.Add(storage);
        if (!made.Contains(storage))
        {
            found.Add(storage);
        }
    }

    public override void NoteChange(Storage storage)
    {
        if (open is null && !made.Contains(storage))
        {
            changed.Add(storage);
        }
    }

    private void Begin(Work work)
    {
        open = work;
        Supply.Note(work.Made);
    }

    private void End()
    {
        if (open!.Matters)
        {
            Works.Add(open);
        }

        open = null;
        Supply.Note(null);
    }

    private void NoteInput(Tensor tensor)
    {
        if (!made.Contains(tensor.Storage))
        {
            nodes.TryAdd(tensor, tensor.Node);
        }
    }

    /// <summary>Is told of operations and gradient rules.</summary>
    private sealed class Onlooker(Recorder recorder) : Watch
    {
        protected override void Computing(Op op, in Operands inputs)
        {
            if (recorder.open is not null)
            {
                recorder.nested++;
                return;
            }

            if (op is not ViewOp)
            {
                recorder.Begin(new Computation(op, inputs));
            }
        }

        protected override void Computed(Op op, in Operands inputs, Tensor output)
        {
            if (recorder.nested > 0)
            {
                recorder.nested--;
                return;
            }

            for (var i = 0; i < inputs.Count; i++)
            {
                recorder.NoteInput(inputs[i]);
            }

            if (op is not ViewOp)
            {
                ((Computation)recorder.open!).To(output);
                recorder.End();
            }
        }

        protected override void Differentiating(Node node, Tensor gradient, Walk walk)
        {
            if (recorder.open is not null)
            {
                recorder.nested++;
            }
            else if (!walk.Records && node.Op!.HasGradientKernels)
            {
                var twin = walk.BeginNoting(out var script);
                recorder.Begin(new GradientRule(node.Preserve(), gradient, twin, script));
            }
        }

        protected override void Differentiated(Node node, Tensor gradient, Walk walk)
        {
            if (recorder.nested > 0)
            {
                recorder.nested--;
            }
            else if (recorder.open is not null)
            {
                recorder.End();
            }
        }
    }
}
