namespace Backprop.Tests;

/// <summary>Counts what code allocates on the thread that calls it.</summary>
internal static class Allocations
{
    /// <summary>The bytes of <paramref name="times"/> calls: the least of several rounds.</summary>
    /// <remarks>
    /// A collection that another thread brings about while this one runs is sometimes counted with some kilobytes although nothing was allocated: what
    /// was left of the thread's allocation context. What the code itself allocates is there in every round.
    /// </remarks>
    public static long Of(Action action, int times)
    {
        var least = long.MaxValue;
        for (var round = 0; round < 8 && least > 0; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var time = 0; time < times; time++)
            {
                action();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
