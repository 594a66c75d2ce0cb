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
    private int start;

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

    /// <summary>Whether the elements are in a captured step's buffer, and only while it is replayed.</summary>
    public bool IsPlanned { get; private set; }

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
            ThrowRecycled(IsPlanned);
        }

        if (Ledger.IsOn)
        {
            Ledger.Current!.NoteUse(this);
        }

        return ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(bytes!), start);
    }

    /// <summary>Notes a change in place by <paramref name="operation"/>.</summary>
    public void Changed(string operation)
    {
        Version++;
        LastChange = operation;
        Ledger.Current?.NoteChange(this);
    }

    /// <summary>Gives the elements a place in a buffer while a captured step is replayed.</summary>
    public void Attach(byte[] buffer, int at)
    {
        array = buffer;
        start = at;
    }

    /// <summary>Takes the place away: the elements are gone until the next replay.</summary>
    public void Detach() => array = null;

    /// <summary>From the end of its scope on the elements exist only while a captured step is replayed.</summary>
    public void Plan() => IsPlanned = true;

    /// <summary>Takes the array out of the pool's hands: it lives as long as somebody refers to it.</summary>
    /// <returns>The array; null if it was recycled.</returns>
    public byte[]? Keep()
    {
        (IsPooled, Scope) = (false, null);
        return array;
    }

    /// <summary>Takes the array away, for reuse.</summary>
    public byte[]? Recycle()
    {
        var result = array;
        array = null;
        return result;
    }

    private static void ThrowRecycled(bool isPlanned) => throw new ObjectDisposedException("Tensor", "This tensor " + WhyGone(isPlanned, "tensor"));

    /// <summary>Why a tensor's elements are gone, and what to do about it.</summary>
    public static string WhyGone(bool isPlanned, string name) => isPlanned
        ? "was made in a captured step and exists only while that is replayed. Return it from the step, and read what Replay() gives."
        : $"was recycled when its TensorScope ended. Call scope.Keep({name}) before the scope ends, or read its value inside.";
}
