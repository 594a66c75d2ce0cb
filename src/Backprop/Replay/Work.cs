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

    /// <summary>Notes where the result goes.</summary>
    public void To(Tensor result) => output = result;

    protected override void Do()
    {
        if (isWidened || Devices.Watch.IsOn)
        {
            op.Execute(inputs, output);
        }
        else
        {
            Devices.Device.Current.Rerun(op, inputs, output);
        }
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
