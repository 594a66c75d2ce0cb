using System.Diagnostics;

namespace Backprop;

/// <summary>Whether operations are recorded for differentiation, per thread.</summary>
public static class Recording
{
    [ThreadStatic]
    private static bool paused;

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
        var token = new Token(paused);
        paused = !on;
        return token;
    }

    /// <summary>Restores the previous state when disposed.</summary>
    public readonly struct Token : IDisposable, IEquatable<Token>
    {
        private readonly bool previous;

        internal Token(bool previous) => this.previous = previous;

        /// <summary>Restores the state from before.</summary>
        public void Dispose() => paused = previous;

        /// <inheritdoc/>
        public bool Equals(Token other) => previous == other.previous;

        /// <inheritdoc/>
        public override bool Equals(object? obj) => obj is Token other && Equals(other);

        /// <inheritdoc/>
        public override int GetHashCode() => previous.GetHashCode();

        /// <summary>Equality of the remembered state.</summary>
        public static bool operator ==(Token left, Token right) => left.Equals(right);

        /// <summary>Inequality of the remembered state.</summary>
        public static bool operator !=(Token left, Token right) => !left.Equals(right);
    }
}
