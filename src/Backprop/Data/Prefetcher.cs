using System.Collections;
using System.Runtime.ExceptionServices;

namespace Backprop.Data;

/// <summary>
/// Goes through a sequence on a background thread, a bounded number of items ahead of whoever enumerates. The items and
/// their order are the same; an exception of the sequence comes out where its item would have come.
/// </summary>
/// <remarks>
/// Disposing stops the thread and waits until it has let go of the sequence. An enumeration that is dropped without that is
/// stopped when the garbage collector finds it, which is why the thread knows the queue only, never this object.
/// </remarks>
internal sealed class Prefetcher<T> : IEnumerator<T>
{
    private readonly Queue queue;
    private readonly Thread thread;
    private T? current;

    /// <summary>Starts fetching.</summary>
    /// <param name="source">The sequence; from here on used, and disposed, by the background thread alone.</param>
    /// <param name="ahead">How many items may wait; at least 1.</param>
    public Prefetcher(IEnumerator<T> source, int ahead)
    {
        var shared = queue = new Queue(source, ahead);
        thread = new Thread(shared.Produce) { IsBackground = true, Name = "Backprop prefetch" };
        thread.Start();
    }

    ~Prefetcher() => queue.Stop();

    public T Current => current!;

    object? IEnumerator.Current => current;

    public bool MoveNext()
    {
        var moved = queue.TryTake(out current);
        GC.KeepAlive(this);
        return moved;
    }

    public void Reset() => throw new NotSupportedException();

    public void Dispose()
    {
        queue.Stop();
        thread.Join();
        GC.SuppressFinalize(this);
    }

    private sealed class Queue(IEnumerator<T> source, int ahead)
    {
        private readonly Queue<T> ready = new();
        private ExceptionDispatchInfo? failure;
        private bool stopped;
        private bool finished;

        public void Produce()
        {
            try
            {
                using (source)
                {
                    while (WaitForRoom() && source.MoveNext())
                    {
                        lock (ready)
                        {
                            ready.Enqueue(source.Current);
                            Monitor.PulseAll(ready);
                        }
                    }
                }
            }
            catch (Exception error)
            {
                failure = ExceptionDispatchInfo.Capture(error);
            }

            lock (ready)
            {
                finished = true;
                Monitor.PulseAll(ready);
            }
        }

        public bool TryTake(out T? item)
        {
            lock (ready)
            {
                while (ready.Count == 0 && !finished && !stopped)
                {
                    Monitor.Wait(ready);
                }

                if (!stopped && ready.TryDequeue(out item))
                {
                    Monitor.PulseAll(ready);
                    return true;
                }

                item = default;
                var error = stopped ? null : failure;
                failure = null; // thrown once
                error?.Throw();
                return false;
            }
        }

        public void Stop()
        {
            lock (ready)
            {
                stopped = true;
                Monitor.PulseAll(ready);
            }
        }

        private bool WaitForRoom()
        {
            lock (ready)
            {
                while (ready.Count == ahead && !stopped)
                {
                    Monitor.Wait(ready);
                }

                return !stopped;
            }
        }
    }
}
