using Backprop.Memory;

namespace Backprop;

/// <content>A walk in a step that is being captured: a rule with kernels of its own is noted as one piece of work.</content>
internal sealed partial class Walk
{
    /// <summary>What a rule was answered when its step was captured; null in a walk.</summary>
    private readonly GradientScript? script;

    /// <summary>Contributions that wait until the rule at hand is done; null where none do.</summary>
    private List<(Node From, Node Input, Tensor Contribution, bool Owned)>? postponed;

    /// <summary>Where the answers to the rule at hand are noted.</summary>
    private GradientScript? noting;

    /// <summary>Answers one rule as it was answered before.</summary>
    private Walk(GradientScript script, NodeSet? relevant)
    {
        operation = "replay";
        results = [];
        this.script = script;
        this.relevant = relevant;
    }

    /// <summary>Whether the walk records what it does.</summary>
    public bool Records => record;

    /// <summary>From here on answers to the rule at hand are noted, and what it contributes waits until it is done.</summary>
    /// <returns>A walk that gives the rule the same answers.</returns>
    public Walk BeginNoting(out GradientScript answers)
    {
        answers = noting = new GradientScript();
        postponed = [];
        return new Walk(answers, relevant);
    }

    /// <summary>The gradient of an input to write to, or to add to; contiguous unless an order is given.</summary>
    public Tensor Buffer(Node input, Layout? order, out bool accumulate)
    {
        if (script is not null)
        {
            return script.Next(out accumulate);
        }

        if (postponed is not null)
        {
            return NotedBuffer(input, order, out accumulate);
        }

        return FindBuffer(input, order, out accumulate);
    }

    public Tensor?[] TakeStash(Node node)
    {
        if (script is not null)
        {
            return script.NextStash();
        }

        var stash = stretches!.TakeStash(node);
        noting?.Add(stash);
        return stash;
    }

    private void EndNoting()
    {
        if (postponed is not { } waiting)
        {
            return;
        }

        (postponed, noting) = (null, null);
        foreach (var (from, input, contribution, owned) in waiting)
        {
            Contribute(from, input, contribution, owned);
        }
    }

    private Tensor NotedBuffer(Node input, Layout? order, out bool accumulate)
    {
        Ledger.Current!.StepAside();
        try
        {
            var buffer = FindBuffer(input, order, out accumulate);
            noting!.Add(buffer, accumulate);
            return buffer;
        }
        finally
        {
            Ledger.Current.Return();
        }
    }

    private Tensor NotedPlace(Node input, Layout? order, Func<Layout, bool> fits)
    {
        Ledger.Current!.StepAside();
        try
        {
            var place = FindPlace(input, order, fits);
            noting!.Add(place, accumulate: true);
            return place;
        }
        finally
        {
            Ledger.Current.Return();
        }
    }
}
