using System.Diagnostics;

namespace Backprop;

/// <summary>Whether operations are recorded for differentiation, per thread.</summary>
public static class Recording
{
    [ThreadStatic]
    private static bool paused;

    [ThreadStatic]
    private static int depth;

    /// <summary>Whether operations of this thread are recorded. True unless paused.</summary>
    public static bool IsOn => !paused;

    /// <summary>
    /// Whether each recorded operation notes the file and line of the calling code, for messages. Costs microseconds per operation; on by
    /// default only under a debugger.
    /// </summary>
    public static bool CallSites { get; set; } = Debugger.IsAttached;

    /// <summary>Pauses recording on this thread until the result is disposed.</summary>
    /// <returns>Dispose it on the same thread; do not await in between.</returns>
    /// <example><code>using (Recording.Pause()) { accuracy = Evaluate(model); }</code></example>
    public static Token Pause() => Set(false);

    internal static Token Set(bool on)
    {
        var token = new Token(paused, ++depth);
        paused = !on;
        return token;
    }

    /// <summary>Restores the previous state when disposed.</summary>
    public readonly struct Token : IDisposable, IEquatable<Token>
    {
        private readonly bool previous;
        private readonly int level;
        private readonly int thread;

        internal Token(bool previous, int level)
        {
            this.previous = previous;
            this.level = level;
            thread = Environment.CurrentManagedThreadId;
        }

        /// <summary>Restores the state from before.</summary>
        /// <exception cref="InvalidOperationException">
        /// A pause that began later is still on, or this is another thread than the one that paused. Recording stays as it is on this thread.
        /// </exception>
        public void Dispose()
        {
            if (level == 0 || (level > depth && thread == Environment.CurrentManagedThreadId))
            {
                return; // default(Token), or one that has ended
            }

            if (level != depth || thread != Environment.CurrentManagedThreadId)
            {
                throw new InvalidOperationException(
                    "recording: pauses must end on the thread they began on, the last one first; use 'using', and don't await inside.");
            }

            depth--;
            paused = previous;
        }

        /// <inheritdoc/>
        public bool Equals(Token other) => previous == other.previous && level == other.level && thread == other.thread;

        /// <inheritdoc/>
        public override bool Equals(object? obj) => obj is Token other && Equals(other);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(previous, level, thread);

        /// <summary>Equality of the remembered state.</summary>
        public static bool operator ==(Token left, Token right) => left.Equals(right);

        /// <summary>Inequality of the remembered state.</summary>
        public static bool operator !=(Token left, Token right) => !left.Equals(right);
    }
}
