namespace Backprop;

/// <content>Leaves that a rule writes to: one walk at a time.</content>
internal sealed partial class Walk
{
    [ThreadStatic]
    private static List<Leaf>? spareList;

    /// <summary>Leaves whose gradients the rule at hand is writing to; other walks keep their hands off until it is done.</summary>
    private List<Leaf>? held;

    /// <summary>
    /// Takes a leaf for the rule at hand, so that it can write to the gradient directly. Never waits, for it may hold others: where another walk has
    /// the leaf, the contribution goes through the frontier and is added at the end.
    /// </summary>
    private bool TryHold(Leaf leaf)
    {
        if (Monitor.IsEntered(leaf))
        {
            return true;
        }

        if (!Monitor.TryEnter(leaf))
        {
            return false;
        }

        (held ??= spareList ?? []).Add(leaf);
        spareList = null;
        return true;
    }

    /// <summary>Lets go of the leaves that the rule at hand has written to.</summary>
    private void LetGo()
    {
        if (held is null)
        {
            return;
        }

        foreach (var leaf in held)
        {
            Monitor.Exit(leaf);
        }

        held.Clear();
        spareList = held;
        held = null;
    }
}
