namespace Backprop.Memory;

/// <summary>
/// What a thread does to memory, noted by a step that is being captured. Where none is open, who asks pays for reading one field.
/// </summary>
internal abstract class Ledger
{
    [ThreadStatic]
    private static Ledger? current;

    /// <summary>How many are open, on all threads.</summary>
    private static int opened;

    /// <summary>The one of this thread; null where nothing is captured.</summary>
    public static Ledger? Current => opened == 0 ? null : current;

    /// <summary>Whether this thread's work is captured.</summary>
    public static bool IsOn => opened != 0 && current is not null;

    /// <summary>Does some work now, and notes it to be done again at every replay.</summary>
    /// <param name="work">The work.</param>
    /// <param name="ifUsing">Whether it is noted only if it looks at elements.</param>
    public abstract void Perform(Action work, bool ifUsing = false);

    /// <summary>Does some work now, and not again at replays.</summary>
    /// <returns>Whether it looked at elements that the step has made.</returns>
    public abstract bool Ignore(Action work);

    /// <summary>What is noted until <see cref="Return"/> comes before the work that is being done.</summary>
    public abstract void StepAside();

    /// <inheritdoc cref="StepAside"/>
    public abstract void Return();

    /// <summary>A replay is only right where this holds.</summary>
    /// <param name="holds">Asked before each replay.</param>
    /// <param name="otherwise">What has happened where it doesn't hold.</param>
    public abstract void Require(Func<bool> holds, string otherwise);

    /// <summary>Is done at the beginning of every replay.</summary>
    public abstract void Reset(Action work);

    /// <summary>Whether this is the first time in this step that an object is met.</summary>
    public abstract bool Meets(object one);

    /// <summary>Whether a node was recorded since the step began.</summary>
    public abstract bool IsOfStep(long position);

    /// <summary>Whether some noted work is being done.</summary>
    public abstract bool IsInside { get; }

    /// <summary>A storage was made.</summary>
    public abstract void NoteAllocated(Storage storage);

    /// <summary>A storage's elements are looked at or written to. Throws where that is not part of work that is noted.</summary>
    public abstract void NoteUse(Storage storage);

    /// <summary>A storage's elements change in place.</summary>
    public abstract void NoteChange(Storage storage);

    protected static void Open(Ledger ledger)
    {
        if (current is not null)
        {
            throw new InvalidOperationException("captured_step: a step is being captured on this thread; steps can't be captured inside of each other.");
        }

        current = ledger;
        Interlocked.Increment(ref opened);
    }

    protected static void Close()
    {
        current = null;
        Interlocked.Decrement(ref opened);
    }
}
