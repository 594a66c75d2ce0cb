using System.Numerics;

namespace Backprop.Memory;

/// <summary>
/// A thread's free arrays, by size class (four classes per power of two, so at most a quarter is wasted). Arrays are pinned, so that they
/// can be aligned and their addresses stay valid for kernels on other threads.
/// </summary>
/// <remarks>
/// <para>
/// How many arrays of a class stay is decided by use: once per window the free lists are cut to the largest number that was in use at once in
/// that window, so a burst of large batches doesn't hold its memory for ever. A window is a number of outermost scopes and a time at least, so that
/// programs which change between kinds of steps (training and testing, short and long sequences) don't give away what they need again at once.
/// </para>
/// <para>
/// Where a class has no free array, one of the next larger classes serves. Without that, batches of many different sizes would in the end have
/// arrays of their own in every class.
/// </para>
/// </remarks>
internal sealed class BufferPool
{
    /// <summary>Bytes a buffer's start is aligned to.</summary>
    public const int Alignment = 64;

    private const int Window = 64;

    /// <summary>So many classes up an array serves too: it is at most twice as large.</summary>
    private const int Reach = 4;

    private const int SmallestBits = 6;
    private const int Classes = ((31 - SmallestBits) * 4) + 1;

    [ThreadStatic]
    private static BufferPool? current;

    private readonly Stack<byte[]>?[] free = new Stack<byte[]>?[Classes];
    private readonly int[] inUse = new int[Classes];
    private readonly int[] peak = new int[Classes];
    private int scopesInWindow;
    private long windowBegan = Environment.TickCount64;

    /// <summary>The pool of this thread.</summary>
    public static BufferPool Current => current ??= new BufferPool();

    /// <summary>Overwrites recycled arrays with a pattern (NaN in floating point), so that tests see a stale read.</summary>
    internal static bool Poison { get; set; }

    /// <summary>The least length of a window.</summary>
    internal int WindowMilliseconds { get; set; } = 2000;

    /// <summary>Free bytes held.</summary>
    public long FreeBytes
    {
        get
        {
            long bytes = 0;
            foreach (var list in free)
            {
                foreach (var array in list ?? [])
                {
                    bytes += array.Length;
                }
            }

            return bytes;
        }
    }

    /// <summary>An uninitialised buffer of at least <paramref name="bytes"/> bytes after alignment.</summary>
    public byte[] Rent(int bytes)
    {
        var index = ClassOf(bytes, out var capacity);
        var end = Math.Min(index + Reach, Classes - 1);
        for (var larger = index; larger <= end; larger++)
        {
            if (free[larger] is { Count: > 0 } list)
            {
                Take(larger);
                return list.Pop();
            }
        }

        Take(index);
        return Buffers.Pinned(capacity);
    }

    /// <summary>Takes a buffer back.</summary>
    public void Return(byte[] array)
    {
        var index = ClassOf(array);
        inUse[index]--;
        if (Poison)
        {
            Array.Fill(array, (byte)0xFF);
        }

        (free[index] ??= new Stack<byte[]>()).Push(array);
    }

    /// <summary>A rented buffer leaves for good.</summary>
    public void Forget(byte[] array) => inUse[ClassOf(array)]--;

    /// <summary>Called when an outermost scope has ended; from time to time lets go of what is no longer needed.</summary>
    public void ScopeEnded()
    {
        if (++scopesInWindow < Window)
        {
            return;
        }

        scopesInWindow = 0;
        if (Environment.TickCount64 - windowBegan < WindowMilliseconds)
        {
            return;
        }

        windowBegan = Environment.TickCount64;
        for (var index = 0; index < Classes; index++)
        {
            var list = free[index];
            while (list is not null && list.Count > peak[index] - inUse[index])
            {
                list.Pop();
            }

            peak[index] = inUse[index];
        }
    }

    private void Take(int index) => peak[index] = Math.Max(peak[index], ++inUse[index]);

    private static int ClassOf(byte[] array) => ClassOf(array.Length - Alignment, out _);

    private static int ClassOf(int bytes, out int capacity)
    {
        // Sizes above 2^b up to 2^(b+1) fall into four classes: (5, 6, 7, 8) / 4 · 2^b.
        var needed = Math.Max(bytes, (1 << SmallestBits) + 1);
        var bits = BitOperations.Log2((uint)(needed - 1));
        var quarter = 1 << (bits - 2);
        var class4 = (needed - 1 - (1 << bits)) / quarter;
        capacity = (int)Math.Min((5L + class4) * quarter, Array.MaxLength - Alignment);
        return ((bits - SmallestBits) * 4) + class4;
    }
}
