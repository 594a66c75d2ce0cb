namespace Backprop.Kernels;

/// <summary>The body of a parallel loop: a struct, so that running it costs no allocation and inlines.</summary>
internal interface IBlockBody
{
    /// <summary>Computes block number <paramref name="block"/>. Blocks are independent of each other.</summary>
    void Run(int block);
}

/// <summary>
/// The one place that starts threads. Work is cut into blocks by the caller, from the shape alone and never from the number
/// of threads, so results have the same bits for every thread count.
/// </summary>
internal static class Workers
{
    /// <summary>Threads that share the work, the caller included; at least 1.</summary>
    public static int Threads { get; set; } = 1;

    /// <summary>
    /// Runs <paramref name="body"/> for blocks 0 … <paramref name="blocks"/> − 1 and returns when all are done.
    /// </summary>
    /// <param name="body">What to do; copied.</param>
    /// <param name="blocks">How many blocks there are.</param>
    /// <param name="nanoseconds">A rough estimate of the whole work on one thread; small work stays on the caller's thread.</param>
    public static void Run<TBody>(TBody body, int blocks, double nanoseconds)
        where TBody : struct, IBlockBody
    {
        for (var block = 0; block < blocks; block++)
        {
            body.Run(block);
        }
    }
}
