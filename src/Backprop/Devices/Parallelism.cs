using Backprop.Kernels;

namespace Backprop;

/// <summary>How many threads compute. Results have the same bits for every number of threads.</summary>
public static class Parallelism
{
    /// <summary>Threads that share large work, the calling thread included; 1 keeps everything on the calling thread.</summary>
    /// <value>
    /// 1 … 1024. The default is the environment variable <c>BACKPROP_THREADS</c>, else the number of processors this process
    /// may use, which respects its affinity and the container's limit. A change holds from the next operation on.
    /// </value>
    /// <exception cref="ArgumentOutOfRangeException">Set to a value below 1 or above 1024.</exception>
    /// <exception cref="InvalidOperationException">
    /// Never set, and the environment variable <c>BACKPROP_THREADS</c> is no whole number from 1 to 1024.
    /// </exception>
    public static int Threads
    {
        get => Workers.Threads;
        set
        {
            if (value is < 1 or > Workers.MostThreads)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(value), value, FormattableString.Invariant($"Parallelism.Threads: {value} is not between 1 and {Workers.MostThreads}."));
            }

            Workers.Threads = value;
        }
    }

    /// <summary>Keeps all work of this thread on it, however large.</summary>
    internal static bool StayOnCaller
    {
        set => Workers.StayOnCaller = value;
    }
}
