using Backprop.Memory;

namespace Backprop;

/// <summary>
/// What code inside of a <see cref="CapturedStep"/> may have to say: which of its work is more than operations on tensors and must be done at every replay,
/// and what must hold for a replay to be right. Outside of a capture all of it costs next to nothing.
/// </summary>
/// <remarks>The library's layers, losses, optimizers and schedules say it by themselves; this is for your own.</remarks>
public static class Capture
{
    /// <summary>Whether this thread is capturing a step, and not inside of <see cref="Repeat"/>.</summary>
    public static bool IsOn => Ledger.IsOn && !Ledger.Current!.IsInside;

    /// <summary>
    /// Does something now and, while a step is captured, at every replay: what reads numbers out of tensors, writes to spans, counts, or changes settings.
    /// </summary>
    /// <param name="action">What to do. Tensors it makes are its own and gone when it ends; results go into tensors that exist before.</param>
    /// <example><code>
    /// Capture.Repeat(() =>
    /// {
    ///     steps++;
    ///     scale.Fill(1.0 / steps);
    /// });
    /// </code></example>
    public static void Repeat(Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        if (IsOn)
        {
            Ledger.Current!.Perform(action);
        }
        else
        {
            action();
        }
    }

    /// <summary>
    /// Reads what the course of a step depends on, such as a number out of a tensor that decides a branch. While a step is captured, every replay reads it
    /// again; where it differs, the step is run anew.
    /// </summary>
    /// <remarks>
    /// What is read from tensors that exist before the step is read before anything else is done. What is read from tensors that the step computes is read
    /// in its course, and running the step anew then does a second time what was done up to there: random numbers are drawn again, running statistics move.
    /// </remarks>
    /// <typeparam name="T">What is read.</typeparam>
    /// <param name="read">Reads it. Quick, and without side effects.</param>
    /// <param name="otherwise">What has happened where it differs, for <see cref="CapturedStep.LastReason"/>.</param>
    /// <example><code>var longest = Capture.Observe(() => (int)lengths.Max().Item(), "the longest sequence has another length");</code></example>
    public static T Observe<T>(Func<T> read, string otherwise)
        where T : IEquatable<T>
    {
        ArgumentNullException.ThrowIfNull(read);
        ArgumentException.ThrowIfNullOrEmpty(otherwise);
        if (!IsOn)
        {
            return read();
        }

        T value = default!;
        var ledger = Ledger.Current!;
        if (ledger.Ignore(() => value = read()))
        {
            ledger.Perform(() =>
            {
                if (!read().Equals(value))
                {
                    throw new CourseException(otherwise);
                }
            });
        }
        else
        {
            ledger.Require(() => read().Equals(value), otherwise);
        }

        return value;
    }

    /// <summary>
    /// Says what the step relies on: where it doesn't hold any more, a replay runs the step anew and captures it again. Does nothing outside of a capture.
    /// </summary>
    /// <param name="holds">Asked before every replay; quick, and without side effects.</param>
    /// <param name="otherwise">What has happened where it doesn't hold, for <see cref="CapturedStep.LastReason"/>: "the model's mode has changed".</param>
    public static void Require(Func<bool> holds, string otherwise)
    {
        ArgumentNullException.ThrowIfNull(holds);
        ArgumentException.ThrowIfNullOrEmpty(otherwise);
        if (IsOn)
        {
            Ledger.Current!.Require(holds, otherwise);
        }
    }
}
