using Backprop.Memory;
using Backprop.Ops;

namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>
    /// The elements in row-major order, in place: no copy. Images whose channels lie last in memory, as convolutions leave them, are the exception: of them
    /// the tensor keeps a copy in row-major order, which a later call brings up to date.
    /// </summary>
    /// <typeparam name="T">The element type: float, double, int, long, bool, <see cref="BFloat16"/> or <see cref="Half"/>.</typeparam>
    /// <remarks>The span of a tensor of a <see cref="TensorScope"/> must not be used after the scope has ended; nothing can check that.</remarks>
    /// <exception cref="ObjectDisposedException">The tensor's scope has ended.</exception>
    /// <exception cref="DTypeException">The tensor has another element type.</exception>
    /// <exception cref="InvalidOperationException">The tensor is a view that is not contiguous; call <see cref="Contiguous"/> first.</exception>
    public ReadOnlySpan<T> AsSpan<T>()
        where T : unmanaged
    {
        CheckType<T>("as_span");
        if (!Layout.IsChannelsLast)
        {
            return Elements<T>("as_span");
        }

        return RowMajor().Elements<T>("as_span");
    }

    /// <summary>
    /// A copy in row-major order, which lives as long as this tensor and is written again when the elements have changed, so that its span is good for as
    /// long as that of a contiguous tensor.
    /// </summary>
    private Tensor RowMajor()
    {
        CheckAlive();
        _ = Storage.First();        // a step that is captured must not look at numbers; here, too, it is told so
        lock (Storage)
        {
            rare ??= new RareFacts();
            var isNew = rare.RowMajor is null;
            rare.RowMajor ??= AllocateOutside(Layout.Dense(), DType);

            // What a captured step makes changes from one replay to the next without being counted.
            if (isNew || rare.RowMajorVersion != Storage.Version || Ledger.IsOn || Replay.Supply.IsOn)
            {
                rare.RowMajor.CopyNow(this);
                rare.RowMajorVersion = Storage.Version;
            }

            return rare.RowMajor;
        }
    }

    /// <summary>The elements for writing, where that is safe; counts as a change in place.</summary>
    /// <remarks>
    /// It is the call that counts, not what is written later: write at once, and ask again for each change. What is written through a span that was kept
    /// from before an operation was recorded is not noticed, and gradients that need the elements from then come out wrong. Nor must the span of a tensor
    /// of a <see cref="TensorScope"/> be used after the scope has ended.
    /// </remarks>
    /// <inheritdoc cref="AsSpan{T}"/>
    /// <exception cref="InvalidOperationException">
    /// The tensor is not contiguous, repeats elements, or is recorded (pause recording to change a leaf).
    /// </exception>
    public Span<T> AsWritableSpan<T>()
        where T : unmanaged
    {
        var elements = Elements<T>("as_writable_span");
        BeginChange("as_writable_span");
        return elements;
    }

    /// <summary>A copy of the elements in row-major order.</summary>
    /// <exception cref="DTypeException">The tensor has another element type.</exception>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        CheckType<T>("to_array");
        using (Recording.Pause())
        {
            return Dense().Elements<T>("to_array").ToArray();
        }
    }

    /// <summary>The value of a tensor of one element.</summary>
    /// <exception cref="ShapeException">There is not exactly one element.</exception>
    /// <exception cref="DTypeException">The tensor has another element type.</exception>
    public T Item<T>()
        where T : unmanaged
    {
        CheckType<T>("item");
        CheckSingle();
        CheckAlive();
        return Storage.Span<T>()[Layout.Offset];
    }

    /// <summary>The value of a tensor of one element, as a double; true is 1.</summary>
    /// <exception cref="ShapeException">There is not exactly one element.</exception>
    public double Item()
    {
        CheckSingle();
        return At(Layout.Offset);
    }

    /// <summary>Copies the elements, in row-major order, to <paramref name="destination"/>.</summary>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public void CopyTo<T>(Span<T> destination)
        where T : unmanaged
    {
        CheckType<T>("copy_to");
        if (destination.Length < Count)
        {
            throw new ArgumentException($"copy_to: {Count} elements don't fit a span of {destination.Length}.", nameof(destination));
        }

        using (Recording.Pause())
        {
            Dense().Elements<T>("copy_to").CopyTo(destination);
        }
    }

    /// <summary>The element at a position of the storage, as a double.</summary>
    internal double At(int offset)
    {
        CheckAlive();
        return DType switch
        {
            DType.Float32 => Storage.Span<float>()[offset],
            DType.Float64 => Storage.Span<double>()[offset],
            DType.Int32 => Storage.Span<int>()[offset],
            DType.Int64 => Storage.Span<long>()[offset],
            DType.BFloat16 => Storage.Span<BFloat16>()[offset],
            DType.Float16 => (double)Storage.Span<Half>()[offset],
            _ => Storage.Span<byte>()[offset],
        };
    }

    /// <summary>The elements contiguous, by an unrecorded copy where needed.</summary>
    internal Tensor Dense()
    {
        CheckAlive();
        return Layout.IsContiguous ? this : CloneLike(Layout.Dense());
    }

    /// <summary>The elements without gaps in the order of a layout, row-major or channels last, by an unrecorded copy where needed.</summary>
    internal Tensor DenseLike(Layout order) => order.IsChannelsLast ? ChannelsLast() : Dense();

    /// <summary>The elements without gaps, in the order that they have if it is row-major or channels last, by an unrecorded copy where needed.</summary>
    internal Tensor DenseInOrder()
    {
        CheckAlive();
        return Layout.IsContiguous || Layout.IsChannelsLast ? this : Dense();
    }

    /// <summary>Images with their channels last in memory, by an unrecorded copy where needed; contiguous where that is the same.</summary>
    internal Tensor ChannelsLast()
    {
        CheckAlive();
        if (Layout.IsChannelsLast)
        {
            return this;
        }

        return Layout.ChannelsLast().IsContiguous ? Dense() : CloneLike(Layout.ChannelsLast());
    }

    /// <summary>An unrecorded copy without gaps in the order of a layout, row-major or channels last.</summary>
    internal Tensor CloneLike(Layout order)
    {
        var copy = Allocate(order.IsChannelsLast ? Layout.ChannelsLast() : Layout.Dense(), DType);
        copy.CopyElements(this);
        return copy;
    }

    /// <summary>The bytes of a tensor without gaps, in their order in memory.</summary>
    internal Span<byte> Bytes()
    {
        CheckAlive();
        var size = DType.Size();
        return Storage.Span<byte>().Slice(Layout.Offset * size, Layout.Count * size);
    }

    /// <summary>Writes the elements of <paramref name="source"/>, broadcast, into this tensor. No checks, no record, no version.</summary>
    internal void CopyElements(Tensor source)
    {
        if (Ledger.IsOn)
        {
            Ledger.Current!.Perform(new Movement(source, this).Copy);
            return;
        }

        CopyNow(source);
    }

    private void CopyNow(Tensor source)
    {
        if ((Layout.IsContiguous && source.Layout.IsContiguous && Count == source.Count) || Layout.LiesLike(source.Layout))
        {
            source.Bytes().CopyTo(Bytes());
            return;
        }

        Transfer.Copy(source, this);
    }

    /// <summary>Writes <paramref name="source"/> into this tensor and notes the change.</summary>
    internal void Overwrite(Tensor source, string operation)
    {
        CopyElements(source);
        NoteChange(operation);
    }

    /// <summary>Adds <paramref name="source"/>, broadcast, to this tensor's elements. No checks, no record, no version.</summary>
    internal void Accumulate(Tensor source)
    {
        if (Ledger.IsOn)
        {
            Ledger.Current!.Perform(new Movement(source, this).Add);
            return;
        }

        Transfer.Add(source, this);
    }

    /// <summary>Sets every byte to 0. No checks, no record, no version.</summary>
    internal void Clear()
    {
        if (Ledger.IsOn)
        {
            Ledger.Current!.Perform(new Movement(this, this).Clear);
            return;
        }

        Bytes().Clear();
    }

    private Span<T> Elements<T>(string operation)
        where T : unmanaged
    {
        CheckType<T>(operation);
        CheckAlive();
        return Layout.IsContiguous
            ? Storage.Span<T>().Slice(Layout.Offset, Layout.Count)
            : throw new InvalidOperationException(Layout.IsChannelsLast
                ? $"{operation}: {Describe()} has its channels last in memory, as convolutions leave them; write to a Contiguous() copy, or use CopyFrom()."
                : $"{operation}: {Describe()} is a view that is not contiguous (as parts of images are that a convolution has made); call Contiguous() first.");
    }

    private void CheckType<T>(string operation)
        where T : unmanaged
    {
        if (DTypes.Of<T>() != DType)
        {
            throw new DTypeException(
                $"{operation}: {Describe()} has no elements of {DTypes.Of<T>().Label()}; ask for {DType.Label()}, or convert with To(DType.{DTypes.Of<T>()}).");
        }
    }

    /// <summary>Work on elements as an object, for a step that is captured.</summary>
    private sealed class Movement(Tensor source, Tensor destination)
    {
        public void Copy() => destination.CopyNow(source);

        public void Add() => Transfer.Add(source, destination);

        public void Clear() => destination.Bytes().Clear();
    }

    private void CheckSingle()
    {
        if (Count != 1)
        {
            throw Error.Shape("item", $"{Describe()} has {Count} elements, not one.");
        }
    }
}
