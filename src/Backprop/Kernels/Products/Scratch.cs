using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Products;

/// <summary>Working memory that each thread keeps, so that a product allocates nothing once it is warm.</summary>
internal static unsafe class Scratch
{
    private const int Alignment = 64;

    [ThreadStatic]
    private static byte[]? shared;

    [ThreadStatic]
    private static byte[]? own;

    [ThreadStatic]
    private static byte[]? outer;

    /// <summary>Memory of the thread that calls the product; its blocks read it on other threads.</summary>
    public static void* Shared(nint bytes) => Aligned(ref shared, bytes);

    /// <summary>Memory of the thread that runs a block.</summary>
    public static void* Own(nint bytes) => Aligned(ref own, bytes);

    /// <summary>Memory of the thread that runs a block which calls products in turn.</summary>
    public static void* Outer(nint bytes) => Aligned(ref outer, bytes);

    private static void* Aligned(ref byte[]? buffer, nint bytes)
    {
        if (buffer is null || buffer.Length < bytes + Alignment)
        {
            buffer = GC.AllocateUninitializedArray<byte>(checked((int)(bytes + bytes / 4 + Alignment)), pinned: true);
        }

        var address = (nint)Unsafe.AsPointer(ref buffer[0]);
        return (void*)((address + Alignment - 1) & -Alignment);
    }
}
