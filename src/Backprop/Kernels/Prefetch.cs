using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Backprop.Kernels;

/// <summary>
/// Asks for memory before it is needed. The processor foresees a loop that walks through memory, but not beyond a page of 4 KB, and not while its queues
/// are full of arithmetic: loops that compute much for each element gain up to a tenth, those that only move numbers nothing.
/// </summary>
internal static unsafe class Prefetch
{
    private const int Distance = 2048;

    // What is smaller has been in the first-level cache for as long as it matters.
    private const int Least = 32 * 1024;

    /// <summary>How many elements ahead a loop over <paramref name="count"/> elements is to ask; 0 where it isn't worth it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static int Ahead<T>(int count)
        where T : unmanaged => count < Least / sizeof(T) ? 0 : Distance / sizeof(T);

    /// <summary>Asks for the line that holds an address, which need not be a valid one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Line(void* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }
}
