using Backprop.Memory;

namespace Backprop.Replay;

/// <summary>A captured step: what it does, with which memory, and when that is right.</summary>
internal sealed class Recipe
{
    private readonly Work[] works;
    private readonly Action[] resets;
    private readonly (Func<bool> Holds, string Otherwise)[] conditions;
    private readonly (Tensor Tensor, Node? Node)[] nodes;
    private readonly Storage[] found;
    private readonly Storage[] changed;
    private readonly BufferPlan plan;
    private readonly bool records;

    private Recipe(Recorder recorder, BufferPlan plan, Tensor result)
    {
        Result = result;
        this.plan = plan;
        works = [.. recorder.Works];
        resets = [.. recorder.Resets];
        conditions = [.. recorder.Conditions];
        nodes = [.. recorder.Nodes.Select(pair => (pair.Key, pair.Value))];
        found = [.. recorder.Found];
        changed = [.. recorder.Changed, .. recorder.Made.Where(storage => !storage.IsPlanned && !storage.IsRecycled)];
        records = Recording.IsOn;
    }

    /// <summary>Bytes of the planned buffers.</summary>
    public long Bytes => plan.Bytes;

    /// <summary>What the step returned, detached.</summary>
    public Tensor Result { get; }

    /// <summary>Runs a step and writes down what it does.</summary>
    public static Recipe Of(Func<Tensor> step)
    {
        var recorder = new Recorder();
        Tensor? result = null;
        using var scope = TensorScope.Begin();
        var variables = StepVariables.Of(step);
        recorder.Run(() => result = step());
        variables.Check(recorder);
        if (result is null)
        {
            throw NoResult();
        }

        result.CheckAlive();
        TensorScope.Release(result.Storage);    // it is to be read between replays
        var made = recorder.Made;
        var plan = BufferPlan.For(recorder.Works, storage => storage.IsPooled && made.Contains(storage));
        foreach (var work in recorder.Works)
        {
            work.Settle();
        }

        return new Recipe(recorder, plan, result.Detach());
    }

    /// <summary>A step's result for after its scope has ended: a copy, so that the scope's buffer stays in the pool.</summary>
    public static Tensor Outlasting(Tensor? result)
    {
        using (TensorScope.Pause())
        using (Recording.Pause())
        {
            return (result ?? throw NoResult()).Detach().Clone();
        }
    }

    private static InvalidOperationException NoResult() => new("captured_step: the step returned null; return a tensor that is to be read after a replay.");

    /// <summary>Why a replay would not be right; null where it is.</summary>
    public string? Misfit()
    {
        if (Recording.IsOn != records)
        {
            return records ? "recording is paused" : "recording is on";
        }

        foreach (var storage in found)
        {
            if (storage.IsRecycled)
            {
                return "a tensor that the step uses was recycled by its TensorScope";
            }
        }

        foreach (var (tensor, node) in nodes)
        {
            if (!ReferenceEquals(tensor.Node, node))
            {
                return $"{tensor.Describe()} {(node is null ? "requires a gradient now" : "requires no gradient any more")}";
            }
        }

        foreach (var (holds, otherwise) in conditions)
        {
            if (!holds())
            {
                return otherwise;
            }
        }

        return null;
    }

    public void Replay()
    {
        plan.Attach();
        Supply.TurnOn();
        try
        {
            using (Recording.Set(false))
            {
                foreach (var reset in resets)
                {
                    reset();
                }

                foreach (var work in works)
                {
                    work.Replay();
                }
            }
        }
        finally
        {
            Supply.TurnOff();
            plan.Detach();
            foreach (var storage in changed)
            {
                storage.Changed("captured_step");
                if (storage.IsSaved)
                {
                    TapeClock.NoteHazard();
                }
            }
        }
    }
}
