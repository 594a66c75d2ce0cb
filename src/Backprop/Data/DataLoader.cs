using System.Collections;

namespace Backprop.Data;

/// <summary>
/// Cuts a data set into batches. Every enumeration is one epoch; with shuffling, each in an order of its own that depends on
/// the seed and the number of the epoch and on nothing else.
/// </summary>
/// <remarks>
/// Leaving an enumeration that fetches ahead (the end of <c>foreach</c>, also by <c>break</c> or an exception) waits until the data set
/// has finished the batch it is putting together.
/// </remarks>
/// <example><code>
/// var loader = new DataLoader(dataset, batchSize: 64, shuffle: true, seed: 7);
/// foreach (var (images, labels) in loader)
/// {
///     // one step of training
/// }
/// </code></example>
public sealed class DataLoader : IReadOnlyCollection<Batch>, ICollection
{
    private readonly bool shuffle;
    private readonly bool dropLast;
    private readonly bool reuseBuffers;
    private readonly int prefetch;
    private readonly ulong key;
    private int epoch;

    /// <summary>Makes a loader.</summary>
    /// <param name="dataset">Where the examples come from.</param>
    /// <param name="batchSize">Examples in a batch; at least 1.</param>
    /// <param name="shuffle">Whether every epoch has a new order; else it is the data set's.</param>
    /// <param name="seed">Decides the orders; by default drawn from <see cref="Generator.Default"/>.</param>
    /// <param name="dropLast">Whether a last batch with fewer examples is left out.</param>
    /// <param name="prefetch">
    /// How many batches are fetched ahead on a background thread; 0, the default, fetches on the thread that asks. Worth it
    /// where a batch takes long to put together. The batches are the same.
    /// </param>
    /// <param name="reuseBuffers">
    /// Whether the tensors of a batch are overwritten by a later one, which saves an allocation per batch. A batch is then good only
    /// until the next one is asked for: use it inside the loop and keep nothing of it but copies (<see cref="Tensor.Clone"/>).
    /// <c>loader.ToList()</c> would hold the same few tensors again and again, all with the last examples; leave this false for that.
    /// What the tape saved of a batch is guarded: to go back through it after it was overwritten is an error.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="batchSize"/> is below 1, or <paramref name="prefetch"/> negative.
    /// </exception>
    public DataLoader(
        IDataset dataset,
        int batchSize,
        bool shuffle = false,
        ulong? seed = null,
        bool dropLast = false,
        int prefetch = 0,
        bool reuseBuffers = false)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        if (batchSize < 1)
        {
            throw Error.Range("data_loader", nameof(batchSize), batchSize, "at least 1");
        }

        if (prefetch < 0)
        {
            throw Error.Range("data_loader", nameof(prefetch), prefetch, "at least 0");
        }

        Dataset = dataset;
        BatchSize = batchSize;
        this.shuffle = shuffle;
        this.dropLast = dropLast;
        this.prefetch = prefetch;
        this.reuseBuffers = reuseBuffers;
        if (shuffle)
        {
            // Not the seed itself: a generator that a program gives the same seed, for its weights say, shall share no bits.
            key = seed is { } given
                ? new Generator(given) { State = new(given, ulong.MaxValue) }.NextUInt64()
                : Generator.Default.NextUInt64();
        }
    }

    /// <summary>Where the examples come from.</summary>
    public IDataset Dataset { get; }

    /// <summary>Examples in a batch; a last one may have fewer.</summary>
    public int BatchSize { get; }

    /// <summary>How many batches an epoch has.</summary>
    public int Count => dropLast ? Dataset.Count / BatchSize : (int)(((long)Dataset.Count + BatchSize - 1) / BatchSize);

    /// <summary>The number of the next epoch; each enumeration takes one. Set it to go on where a run was interrupted.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Set to a negative number.</exception>
    public int Epoch
    {
        get => Volatile.Read(ref epoch);
        set
        {
            if (value < 0)
            {
                throw Error.Range("data_loader", nameof(Epoch), value, "at least 0");
            }

            Volatile.Write(ref epoch, value);
        }
    }

    /// <inheritdoc/>
    bool ICollection.IsSynchronized => false;

    /// <inheritdoc/>
    object ICollection.SyncRoot => this;

    private int Ahead => Math.Min(prefetch, Count);

    /// <summary>Begins an epoch.</summary>
    public IEnumerator<Batch> GetEnumerator()
    {
        var batches = Batches(Interlocked.Increment(ref epoch) - 1);
        return Ahead == 0 ? batches : new Prefetcher<Batch>(batches, Ahead);
    }

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    // This interface, and not the read-only one, is where LINQ looks for a count before it goes through an epoch to find it.
    /// <inheritdoc/>
    void ICollection.CopyTo(Array array, int index)
    {
        ArgumentNullException.ThrowIfNull(array);
        foreach (var batch in this)
        {
            array.SetValue(batch, index++);
        }
    }

    private IEnumerator<Batch> Batches(int number)
    {
        var order = Order(number);

        // With n batches fetched ahead, one more is in the hands of the caller: its buffers are free when the next is asked for.
        var spare = reuseBuffers ? new Batch?[Ahead + 1] : null;
        var count = Count;
        for (var i = 0; i < count; i++)
        {
            var begin = i * BatchSize;
            var indices = order.AsSpan(begin, Math.Min(BatchSize, order.Length - begin));
            if (spare is null || indices.Length < BatchSize)
            {
                yield return Fetch(indices, null);
            }
            else
            {
                ref var buffer = ref spare[i % spare.Length];
                using (TensorScope.Pause()) // a buffer outlives the step in which it is made
                {
                    buffer = Fetch(indices, buffer);
                }

                yield return buffer.Value;
            }
        }
    }

    private Batch Fetch(ReadOnlySpan<int> indices, Batch? reuse)
    {
        var batch = Dataset.GetBatch(indices, reuse);
        return batch is { Inputs: not null, Targets: not null }
            ? batch
            : throw new InvalidOperationException(
                $"data_loader: {Dataset.GetType().Name}.GetBatch returned a batch without tensors; it must return inputs and targets.");
    }

    private int[] Order(int number)
    {
        var count = Dataset.Count;
        if (shuffle)
        {
            // Every epoch has a stretch of the counter of its own.
            return new Generator(key) { State = new(key, (ulong)number << 32) }.Permutation(count);
        }

        var order = new int[count];
        for (var i = 0; i < count; i++)
        {
            order[i] = i;
        }

        return order;
    }
}
