namespace Backprop;

/// <summary>
/// Which stretches of random numbers a piece of code took, and the same ones again whenever it runs a second time, on any thread; the generators don't
/// move then.
/// </summary>
internal sealed class RandomReplay
{
    private readonly List<(Generator Generator, GeneratorState Begin, ulong Blocks)> taken = [];

    /// <summary>Notes what is taken on this thread until the result is disposed.</summary>
    public Source Record() => new Recorder(this);

    /// <summary>Gives out on this thread what was noted, until the result is disposed.</summary>
    public Player Replay() => new(this);

    private static InvalidOperationException Differs() => new(
        "checkpoint: the segment asked for other random numbers than the first time; it must do the same whenever it is called.");

    /// <summary>Where the random numbers of a thread come from in place of its generators.</summary>
    internal abstract class Source : IDisposable
    {
        [ThreadStatic]
        private static Source? current;

        private readonly Source? outer;

        protected Source()
        {
            outer = current;
            current = this;
        }

        /// <summary>The one of this thread; null where generators serve themselves.</summary>
        public static Source? Current => current;

        /// <summary>Whether the numbers are those of an earlier run, so that generators must not be moved.</summary>
        public abstract bool IsReplay { get; }

        protected Source? Outer => outer;

        /// <summary>The beginning of a stretch of numbers.</summary>
        public abstract GeneratorState Reserve(Generator generator, ulong blocks);

        public void Dispose() => current = outer;
    }

    private sealed class Recorder(RandomReplay replay) : Source
    {
        public override bool IsReplay => Outer?.IsReplay ?? false;

        public override GeneratorState Reserve(Generator generator, ulong blocks)
        {
            var begin = Outer is null ? generator.Take(blocks) : Outer.Reserve(generator, blocks);
            replay.taken.Add((generator, begin, blocks));
            return begin;
        }
    }

    /// <summary>Has a place of its own in the list: several threads may walk over one segment.</summary>
    internal sealed class Player(RandomReplay replay) : Source
    {
        private int next;

        public override bool IsReplay => true;

        public override GeneratorState Reserve(Generator generator, ulong blocks)
        {
            if (next == replay.taken.Count || !ReferenceEquals(replay.taken[next].Generator, generator) || replay.taken[next].Blocks != blocks)
            {
                throw Differs();
            }

            return replay.taken[next++].Begin;
        }

        /// <summary>Throws unless everything was asked for.</summary>
        public void CheckEnd()
        {
            if (next != replay.taken.Count)
            {
                throw Differs();
            }
        }
    }
}
