using Backprop.Devices;

namespace Backprop;

/// <summary>
/// Finds where numbers go wrong: while the trap is set, the first operation of this thread, forward or backward, that produces NaN or infinity throws
/// an <see cref="AnomalyException"/> which names it, the line of code that called it, and its inputs with their ranges.
/// </summary>
/// <remarks>Every result is looked at and every call site noted, which makes everything slower by some factor: for finding a fault, not for training.</remarks>
/// <example><code>
/// using (Anomaly.Trap())
/// {
///     var loss = Losses.MeanSquaredError(model.Forward(x), y);
///     loss.Backward();
/// }
/// </code></example>
public static class Anomaly
{
    /// <summary>Sets the trap on this thread until the result is disposed.</summary>
    /// <param name="infinity">
    /// Whether infinity is an anomaly too, where none of the operation's inputs was infinite; pass false for code that works with infinities on purpose.
    /// </param>
    /// <returns>Dispose it on the same thread.</returns>
    public static Token Trap(bool infinity = true) => new(infinity);

    /// <summary>Takes the trap away when disposed.</summary>
    public sealed class Token : IDisposable
    {
        private readonly Watch.Token watch;
        private bool isDisposed;

        internal Token(bool infinity)
        {
            watch = Watch.Install(new AnomalyWatch(infinity));
        }

        /// <summary>Takes the trap away.</summary>
        /// <exception cref="InvalidOperationException">This is another thread than the one that set it; it stays.</exception>
        public void Dispose()
        {
            if (!isDisposed)
            {
                watch.Dispose();
                isDisposed = true;
            }
        }
    }
}

/// <summary>An operation produced NaN or infinity while <see cref="Anomaly.Trap"/> was set.</summary>
/// <param name="message">Operation, place, inputs.</param>
/// <param name="operation">The operation's name.</param>
public sealed class AnomalyException(string message, string operation) : ArithmeticException(message)
{
    /// <summary>The operation's name.</summary>
    public string Operation { get; } = operation;
}
