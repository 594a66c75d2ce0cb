using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Backprop.Memory;

/// <summary>Where storages come from: the current scope's pool, or the garbage collector.</summary>
internal static class Buffers
{
    /// <summary>
    /// From here on arrays are pinned and aligned. Smaller ones are ordinary young objects, which the collector reclaims for next to
    /// nothing; larger ones would land in the old heaps anyway.
    /// </summary>
    private const int PinnedFrom = 64 * 1024;

    /// <summary>Uninitialised storage: from the pool of the innermost scope of this thread, else from the collector.</summary>
    public static Storage Allocate(int count, DType dtype)
    {
        var storage = TensorScope.Current is { } scope ? scope.Allocate(CheckedBytes(count, dtype)) : AllocateOutside(count, dtype);
        Ledger.Current?.NoteAllocated(storage);
        return storage;
    }

    /// <summary>Uninitialised storage that no scope recycles: parameters, their gradients, optimizer state.</summary>
    public static Storage AllocateOutside(int count, DType dtype)
    {
        var bytes = CheckedBytes(count, dtype);
        if (bytes < PinnedFrom)
        {
            return new Storage(GC.AllocateUninitializedArray<byte>(bytes), 0, bytes, pooled: false);
        }

        var array = Pinned(bytes);
        return new Storage(array, AlignedStart(array), bytes, pooled: false);
    }

    /// <summary>An uninitialised pinned array with room for <paramref name="bytes"/> bytes after alignment.</summary>
    public static byte[] Pinned(int bytes) =>
        GC.AllocateUninitializedArray<byte>(bytes + BufferPool.Alignment, pinned: true);

    /// <summary>The first aligned position of a pinned array.</summary>
    public static unsafe int AlignedStart(byte[] array)
    {
        var address = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(array));
        return (int)((BufferPool.Alignment - (address % BufferPool.Alignment)) % BufferPool.Alignment);
    }

    private static int CheckedBytes(int count, DType dtype)
    {
        var bytes = (long)count * dtype.Size();
        var limit = Layout.MaxBytes;
        return bytes <= limit
            ? (int)bytes
            : throw new ShapeException($"allocate: {count} elements of {dtype.Label()} take {bytes} bytes; one tensor holds at most {limit}.");
    }
}
