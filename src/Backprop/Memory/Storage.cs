using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Backprop.Memory;

/// <summary>
/// The elements of one or more tensors. The array may be recycled when a scope ends; this object is then empty for good, so
/// nobody ever reads foreign data through it.
/// </summary>
internal sealed class Storage
{
    private byte[]? array;
    private readonly int start;

    internal Storage(byte[] array, int start, int length, bool pooled)
    {
        this.array = array;
        this.start = start;
        ByteLength = length;
        IsPooled = pooled;
    }

    /// <summary>Counts the changes made in place.</summary>
    public int Version { get; private set; }

    /// <summary>The operation that last changed the elements in place.</summary>
    public string? LastChange { get; private set; }

    /// <summary>Set once a node has saved these elements for its gradient.</summary>
    public bool IsSaved { get; set; }

    /// <summary>Set once a walk has handed these elements on as the gradient of something else as well.</summary>
    public bool IsLent { get; set; }

    /// <summary>The scope that recycles the array; null for one that is in no scope's hands.</summary>
    public TensorScope? Scope { get; set; }

    /// <summary>Whether the array belongs to a pool and goes back to it at the end of a scope.</summary>
    public bool IsPooled { get; private set; }

    /// <summary>Whether the array was recycled.</summary>
    public bool IsRecycled => array is null;

    public int ByteLength { get; }

    /// <summary>The elements. Throws if the array was recycled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<T> Span<T>()
        where T : unmanaged =>
        MemoryMarshal.CreateSpan(ref Unsafe.As<byte, T>(ref First()), ByteLength / Unsafe.SizeOf<T>());

    /// <summary>The first byte of the elements, for pinning. Throws if the array was recycled.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref byte First()
    {
        var bytes = array;
        if (bytes is null)
        {
            ThrowRecycled();
        }

        return ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(bytes!), start);
    }

    /// <summary>Notes a change in place by <paramref name="operation"/>.</summary>
    public void Changed(string operation)
    {
        Version++;
        LastChange = operation;
    }

    /// <summary>Takes the array out of the pool's hands: it lives as long as somebody refers to it.</summary>
    public void Keep() => (IsPooled, Scope) = (false, null);

    /// <summary>Takes the array away, for reuse.</summary>
    public byte[]? Recycle()
    {
        var result = array;
        array = null;
        return result;
    }

    private static void ThrowRecycled() => throw new ObjectDisposedException(
        "Tensor", "This tensor was recycled when its TensorScope ended. Call scope.Keep(tensor) before the scope ends, or read its value inside.");
}
