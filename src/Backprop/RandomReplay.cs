namespace Backprop;

/// <summary>
/// Which stretches of random numbers a piece of code took on this thread, and the same ones again when it runs a second time; the generators don't
/// move then.
/// </summary>
internal sealed class RandomReplay
{
    [ThreadStatic]
    private static RandomReplay? current;

    private readonly List<(Generator Generator, GeneratorState Begin, ulong Blocks)> taken = [];
    private RandomReplay? outer;
    private int next = -1;

    /// <summary>Who wants to know about the numbers taken on this thread.</summary>
    public static RandomReplay? Current => current;

    public Token Record() => new(this, -1);

    public Token Replay() => new(this, 0);

    /// <summary>Notes a stretch that was taken, or gives the one that was taken the first time.</summary>
    public GeneratorState Reserve(Generator generator, ulong blocks)
    {
        if (next < 0)
        {
            var begin = outer is null ? generator.Take(blocks) : outer.Reserve(generator, blocks);
            taken.Add((generator, begin, blocks));
            return begin;
        }

        if (next == taken.Count || !ReferenceEquals(taken[next].Generator, generator) || taken[next].Blocks != blocks)
        {
            throw new InvalidOperationException(
                "checkpoint: the segment asked for other random numbers than the first time; it must do the same whenever it is called.");
        }

        return taken[next++].Begin;
    }

    internal readonly ref struct Token
    {
        private readonly RandomReplay? outer;
        private readonly RandomReplay replay;
        private readonly int before;

        public Token(RandomReplay replay, int next)
        {
            outer = current;
            this.replay = replay;
            before = replay.next;
            replay.next = next;
            replay.outer = next < 0 ? outer : null;
            current = replay;
        }

        public void Dispose()
        {
            replay.next = before;
            current = outer;
        }
    }
}
