using Backprop.Memory;

namespace Backprop;

/// <summary>
/// A stretch of code whose tensors live in pooled buffers: everything created on this thread between <see cref="Begin"/> and
/// <see cref="Dispose"/> is recycled at the end, so that a training step allocates no memory worth mentioning.
/// </summary>
/// <remarks>
/// Scopes are for speed, never needed for correctness: without one the garbage collector does the work. A tensor used after its scope
/// has ended throws <see cref="ObjectDisposedException"/>. Parameters' gradients and optimizer state live outside every scope.
/// Scopes nest; they belong to the thread that began them.
/// </remarks>
/// <example><code>
/// using var scope = TensorScope.Begin();
/// var loss = Losses.CrossEntropy(model.Forward(images), labels);
/// loss.Backward();
/// </code></example>
public sealed class TensorScope : IDisposable
{
    [ThreadStatic]
    private static TensorScope? current;

    [ThreadStatic]
    private static List<Storage>? spareList;

    private readonly TensorScope? outer;
    private readonly BufferPool pool;
    private readonly int thread;
    private List<Storage>? storages;

    private TensorScope()
    {
        outer = current;
        pool = BufferPool.Current;
        thread = Environment.CurrentManagedThreadId;
        storages = spareList ?? [];
        spareList = null;
    }

    internal static TensorScope? Current => current;

    /// <summary>Begins a scope on this thread.</summary>
    /// <returns>The scope; dispose it on the same thread, innermost first.</returns>
    public static TensorScope Begin() => current = new TensorScope();

    /// <summary>
    /// Pauses the scopes of this thread until the result is disposed: tensors made meanwhile are left to the garbage collector, for what
    /// outlives a step, such as parameters.
    /// </summary>
    /// <returns>Dispose it on the same thread, before any of the paused scopes ends.</returns>
    /// <example><code>using (TensorScope.Pause()) { model = new Linear(784, 10); }</code></example>
    public static Token Pause()
    {
        var token = new Token(current);
        current = null;
        return token;
    }

    /// <summary>Takes a tensor out of the scope: it stays valid after the end and is left to the garbage collector.</summary>
    /// <param name="tensor">A tensor created inside this scope or an outer one; others are returned as they are.</param>
    /// <returns>The same tensor.</returns>
    /// <remarks>What the tensor's tape refers to is not kept: call <see cref="Tensor.Backward"/> before the scope ends.</remarks>
    /// <exception cref="ObjectDisposedException">The scope has ended, or the tensor was recycled before.</exception>
    public Tensor Keep(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        CheckUsable();
        tensor.CheckAlive();
        if (tensor.Storage.IsPooled)
        {
            tensor.Storage.Keep();
            pool.Forget(tensor.Storage.ByteLength);
        }

        return tensor;
    }

    /// <summary>Ends the scope and recycles its tensors. Ending it twice does nothing.</summary>
    /// <exception cref="InvalidOperationException">An inner scope is still open, or this is another thread.</exception>
    public void Dispose()
    {
        if (storages is null)
        {
            return;
        }

        CheckUsable();
        if (current != this)
        {
            throw new InvalidOperationException("TensorScope: an inner scope is still open; dispose scopes innermost first.");
        }

        var spoilsTape = false;
        foreach (var storage in storages)
        {
            if (storage.IsPooled && storage.Recycle() is { } array)
            {
                spoilsTape |= storage.IsSaved;
                pool.Return(array, storage.ByteLength);
            }
        }

        if (spoilsTape)
        {
            TapeClock.NoteHazard();
        }

        storages.Clear();
        spareList = storages;
        storages = null;
        current = outer;
        if (outer is null)
        {
            pool.ScopeEnded();
        }
    }

    internal Storage Allocate(int bytes)
    {
        var array = pool.Rent(bytes);
        var storage = new Storage(array, Buffers.AlignedStart(array), bytes, pooled: true);
        storages!.Add(storage);
        return storage;
    }

    private void CheckUsable()
    {
        if (storages is null)
        {
            throw new ObjectDisposedException(nameof(TensorScope), "This TensorScope has ended.");
        }

        if (thread != Environment.CurrentManagedThreadId)
        {
            throw new InvalidOperationException("TensorScope: a scope belongs to the thread that began it.");
        }
    }

    /// <summary>Goes on with the paused scopes when disposed.</summary>
    public readonly ref struct Token
    {
        private readonly TensorScope? paused;

        internal Token(TensorScope? paused) => this.paused = paused;

        /// <summary>Goes on with the paused scopes.</summary>
        public void Dispose() => current = paused;
    }
}
