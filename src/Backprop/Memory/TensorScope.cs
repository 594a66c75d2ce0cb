using Backprop.Memory;

namespace Backprop;

/// <summary>
/// A stretch of code whose tensors live in pooled buffers: everything created on this thread between <see cref="Begin"/> and
/// <see cref="Dispose"/> is recycled at the end, so that a training step allocates no memory worth mentioning.
/// </summary>
/// <remarks>
/// <para>
/// Scopes are for speed, never needed for correctness: without one the garbage collector does the work. A tensor used after its scope
/// has ended throws <see cref="ObjectDisposedException"/>. Parameters' gradients and optimizer state live outside every scope.
/// Scopes nest; they belong to the thread that began them.
/// </para>
/// <para>
/// A span is memory and not a tensor: one taken from <see cref="Tensor.AsSpan{T}"/> or <see cref="Tensor.AsWritableSpan{T}"/> must not be used
/// after the scope has ended. Nothing can check that; the span then shows the numbers of whatever tensor got the memory next. Take the span anew
/// where it is needed, <see cref="Keep"/> the tensor, or copy the elements with <see cref="Tensor.ToArray{T}"/>.
/// </para>
/// </remarks>
/// <example><code>
/// using var scope = TensorScope.Begin();
/// var loss = Losses.CrossEntropy(model.Forward(images), labels);
/// loss.Backward();
/// </code></example>
public sealed class TensorScope : IDisposable
{
    private const int LeastToGiveBack = 64 * 1024;

    [ThreadStatic]
    private static TensorScope? current;

    [ThreadStatic]
    private static List<Storage>? spareList;

    private readonly TensorScope? outer;
    private readonly BufferPool pool;
    private readonly int thread;
    private readonly bool isPause;
    private List<Storage>? storages;
    private bool hasEnded;

    private TensorScope(bool isPause)
    {
        this.isPause = isPause;
        outer = current;
        pool = BufferPool.Current;
        thread = Environment.CurrentManagedThreadId;
        if (!isPause)
        {
            storages = spareList ?? [];
            spareList = null;
        }
    }

    /// <summary>The scope that new tensors of this thread belong to; null outside of scopes and in a pause.</summary>
    internal static TensorScope? Current => current is { isPause: false } scope ? scope : null;

    /// <summary>Begins a scope on this thread.</summary>
    /// <returns>The scope; dispose it on the same thread.</returns>
    public static TensorScope Begin() => current = new TensorScope(isPause: false);

    /// <summary>
    /// Pauses the scopes of this thread until the result is disposed: tensors made meanwhile are left to the garbage collector, for what
    /// outlives a step, such as parameters.
    /// </summary>
    /// <returns>Dispose it on the same thread. A pause also ends with the scopes that it pauses.</returns>
    /// <example><code>using (TensorScope.Pause()) { model = new Linear(784, 10); }</code></example>
    public static Token Pause() => Current is null ? default : new Token(current = new TensorScope(isPause: true));

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
        Release(tensor.Storage);
        return tensor;
    }

    /// <summary>Lets a storage of this scope live as long as the scope around it; takes effect when this one ends.</summary>
    internal void HandUp(Storage storage)
    {
        if (storages is not null && storage.IsPooled && ReferenceEquals(storage.Scope, this))
        {
            storage.Scope = outer is { isPause: false, storages: not null } ? outer : null;
        }
    }

    /// <summary>Whether using a buffer again while it is in the cache is worth the trouble; it always is where tests look for stale reads.</summary>
    internal static bool IsWorthGivingBack(Storage storage) => storage.IsPooled && (storage.ByteLength >= LeastToGiveBack || BufferPool.Poison);

    /// <summary>Recycles a storage of the innermost scope before its end; others are left alone. Nobody may use it any more.</summary>
    internal static void GiveBack(Storage storage)
    {
        // A captured step's memory is planned as a whole.
        if (storage.IsPooled && !Ledger.IsOn && Current is { } scope && ReferenceEquals(storage.Scope, scope) && storage.Recycle() is { } array)
        {
            storage.Keep();
            scope.pool.Return(array);
        }
    }

    /// <summary>Takes a storage out of whatever scope made it, also of one that is paused.</summary>
    internal static void Release(Storage storage)
    {
        if (storage is { IsPooled: true, IsRecycled: false })
        {
            BufferPool.Current.Forget(storage.Keep()!);
        }
    }

    /// <summary>
    /// Ends the scope and recycles its tensors. Scopes and pauses that were begun later on this thread and are still open end with it, so that
    /// one forgotten on the way of an exception does no harm. Ending a scope twice does nothing.
    /// </summary>
    /// <exception cref="InvalidOperationException">This is another thread than the one that began the scope.</exception>
    public void Dispose()
    {
        if (hasEnded)
        {
            return;
        }

        CheckUsable();

        // What hasn't ended is on the chain of its thread: nothing leaves the chain without ending.
        TensorScope ending;
        do
        {
            ending = current!;
            current = ending.outer;
            ending.End();
        }
        while (ending != this);
    }

    internal Storage Allocate(int bytes)
    {
        CheckUsable();
        var array = pool.Rent(bytes);
        var storage = new Storage(array, Buffers.AlignedStart(array), bytes, pooled: true) { Scope = this };
        storages!.Add(storage);
        return storage;
    }

    private void End()
    {
        hasEnded = true;
        if (storages is null)
        {
            return;     // a pause
        }

        var spoilsTape = false;
        foreach (var storage in storages)
        {
            if (storage.IsPooled && !ReferenceEquals(storage.Scope, this))
            {
                // It was handed up.
                if (storage.Scope is { storages: { } others })
                {
                    others.Add(storage);
                }
                else
                {
                    Release(storage);
                }
            }
            else if (storage.IsPooled && storage.Recycle() is { } array)
            {
                spoilsTape |= storage.IsSaved;
                pool.Return(array);
            }
        }

        if (spoilsTape)
        {
            TapeClock.NoteHazard();
        }

        storages.Clear();
        spareList = storages;
        storages = null;
        if (outer is null or { isPause: true })
        {
            pool.ScopeEnded();
        }
    }

    private void CheckUsable()
    {
        if (hasEnded)
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
        private readonly TensorScope? pause;

        internal Token(TensorScope pause) => this.pause = pause;

        /// <summary>
        /// Goes on with the innermost paused scope; scopes begun in the pause and still open end with it. Does nothing once the pause is over.
        /// </summary>
        public void Dispose() => pause?.Dispose();
    }
}
