using Backprop.Memory;

namespace Backprop.Replay;

/// <summary>A piece of a captured step.</summary>
internal abstract class Work
{
    private Tensor[] temporaries = [];

    /// <summary>Whose elements it looks at or writes to; while the step is captured.</summary>
    public HashSet<Storage> Uses { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>What it makes; while the step is captured.</summary>
    public List<Tensor> Made { get; } = [];

    /// <summary>Whether it has to be done at all.</summary>
    public virtual bool Matters => Uses.Count > 0;

    /// <summary>What it reads, with what it may write over the same place.</summary>
    public virtual IEnumerable<(Storage From, Storage To)> InPlace() => [];

    /// <summary>Called where what it makes lies in the place of what it reads.</summary>
    public virtual void Overwrites(Storage storage)
    {
    }

    /// <summary>Called when the step has been captured.</summary>
    public void Settle()
    {
        temporaries = [.. Made];
        Made.Clear();
        Made.TrimExcess();
        Uses.Clear();
        Uses.TrimExcess();
    }

    public void Replay()
    {
        if (temporaries.Length == 0)
        {
            Do();
            return;
        }

        Supply.Give(temporaries);
        try
        {
            Do();
        }
        finally
        {
            Supply.Give(null);
        }
    }

    protected abstract void Do();
}

/// <summary>An operation.</summary>
internal sealed class Computation(Op op, Operands inputs) : Work
{
    private readonly bool isWidened = Ops.Sixteen.Any(inputs) && !op.TakesSixteen;
    private Tensor output = null!;
    private Storage? overwritten;

    /// <summary>Notes where the result goes. It is no result yet when it is computed: nothing of the tape is on it, and kernels may write to it.</summary>
    public void To(Tensor result) => output = new Tensor(result.Storage, result.Layout, result.DType);

    public override IEnumerable<(Storage From, Storage To)> InPlace()
    {
        for (var i = 0; i < inputs.Count && op.WritesInPlace && !isWidened; i++)
        {
            if (IsAlike(inputs[i]) && HasNoOtherViewOf(inputs[i].Storage))
            {
                yield return (inputs[i].Storage, output.Storage);
            }
        }
    }

    public override void Overwrites(Storage storage) => overwritten = storage;

    protected override void Do()
    {
        if (isWidened || Devices.Watch.IsOn)
        {
            op.Execute(overwritten is null ? inputs : WithCopies(), output);
        }
        else
        {
            Devices.Device.Current.Rerun(op, inputs, output);
        }
    }

    private bool IsAlike(Tensor input) => input.DType == output.DType && input.Layout.Offset == 0 && input.Layout.LiesLike(output.Layout);

    private bool HasNoOtherViewOf(Storage storage)
    {
        for (var i = 0; i < inputs.Count; i++)
        {
            if (ReferenceEquals(inputs[i].Storage, storage) && !IsAlike(inputs[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Those who look on are to see the inputs as they were.</summary>
    private Operands WithCopies()
    {
        var tensors = new Tensor[inputs.Count];
        for (var i = 0; i < tensors.Length; i++)
        {
            tensors[i] = ReferenceEquals(inputs[i].Storage, overwritten) ? inputs[i].CloneLike(inputs[i].Layout) : inputs[i];
        }

        return new Operands(tensors);
    }
}

/// <summary>A gradient rule with kernels of its own.</summary>
internal sealed class GradientRule(Node node, Tensor gradient, Walk walk, GradientScript script) : Work
{
    protected override void Do()
    {
        script.Rewind();
        if (Devices.Watch.IsOn)
        {
            walk.DifferentiateWatched(node, gradient);
        }
        else
        {
            node.Op!.Differentiate(new Adjoint(walk, node, gradient));
        }

        script.CheckEnd();
    }
}

/// <summary>Anything else.</summary>
internal sealed class HostWork(Action action, bool records, bool always) : Work
{
    public override bool Matters => always || base.Matters;

    protected override void Do()
    {
        if (!records)
        {
            action();
            return;
        }

        using (Recording.Set(true))
        {
            action();
        }
    }
}
