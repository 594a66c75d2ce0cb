namespace Backprop.Data;

/// <summary>
/// Examples that can be asked for by number. Implement it to feed a <see cref="DataLoader"/> from anywhere: there is no
/// object per example, a whole batch is gathered at once.
/// </summary>
public interface IDataset
{
    /// <summary>How many examples there are.</summary>
    int Count { get; }

    /// <summary>Puts examples together.</summary>
    /// <param name="indices">Which ones, in this order: numbers from 0 to <see cref="Count"/> − 1.</param>
    /// <param name="reuse">
    /// A batch that this method returned earlier, with as many examples, and that nobody needs any more. Its tensors may be
    /// overwritten and returned again; ignoring it is always right. Null where there is none.
    /// </param>
    /// <returns>Tensors with <c>indices.Length</c> entries along axis 0.</returns>
    /// <remarks>
    /// A loader that fetches ahead calls this on a background thread, but never twice at the same time within one epoch.
    /// </remarks>
    Batch GetBatch(ReadOnlySpan<int> indices, Batch? reuse = null);
}
