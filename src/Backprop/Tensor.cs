using System.Diagnostics;
using System.Runtime.CompilerServices;
using Backprop.Memory;

namespace Backprop;

/// <summary>
/// An array of numbers of any rank that remembers how it was computed. Operations on tensors that require a gradient are recorded, and
/// <see cref="Backward"/> walks the record in reverse.
/// </summary>
/// <remarks>
/// The element type is a property of the object (<see cref="DType"/>), float32 unless stated. Nothing is converted silently; number literals take
/// the type of the tensor they meet, and collection expressions of them are float32: <see cref="From{T}(ReadOnlySpan{T}, ReadOnlySpan{int})"/> takes
/// float64 and 64-bit integers as they are. Views share storage. Broadcasting follows NumPy. No tensor needs to be disposed.
/// </remarks>
/// <example><code>
/// Tensor a = [[1, 2], [3, 4]];
/// var x = Tensor.Scalar(3.0).RequireGradient();
/// var y = x * x + 2 * x;
/// y.Backward();
/// Console.WriteLine(x.Gradient);   // 8
/// </code></example>
[CollectionBuilder(typeof(TensorBuilder), nameof(TensorBuilder.Create))]
[DebuggerDisplay("{DebuggerSummary,nq}")]
public sealed partial class Tensor
{
    /// <summary>Null for most tensors, of which every step makes many.</summary>
    private RareFacts? rare;

    internal Tensor(Storage storage, Layout layout, DType dtype)
    {
        Storage = storage;
        Layout = layout;
        DType = dtype;
    }

    /// <summary>The element type.</summary>
    public DType DType { get; }

    /// <summary>The sizes of the axes; empty for a scalar.</summary>
    public ReadOnlySpan<int> Shape => Layout.Sizes;

    /// <summary>Elements to skip in storage for one step along each axis; 0 where an axis is repeated.</summary>
    public ReadOnlySpan<int> Strides => Layout.Strides;

    /// <summary>The number of axes.</summary>
    public int Rank => Layout.Rank;

    /// <summary>The number of elements.</summary>
    public int Count => Layout.Count;

    /// <summary>Whether the elements lie one after the other in row-major order.</summary>
    /// <remarks>
    /// Not so for many views, nor for most results of convolutions and what is computed from them element by element: their channels lie last in memory.
    /// </remarks>
    public bool IsContiguous => Layout.IsContiguous;

    /// <summary>A name for messages and listings; parameters of modules get theirs from the module.</summary>
    public string? Name
    {
        get => rare?.Name;
        set
        {
            if (value is not null || rare is not null)
            {
                (rare ??= new RareFacts()).Name = value;
            }
        }
    }

    internal Storage Storage { get; }

    internal Layout Layout { get; }

    /// <summary>The operation this tensor came from, or its leaf; null where no gradient is required.</summary>
    internal Node? Node { get; set; }

    /// <summary>A number converted from a literal, unrounded; such a tensor takes the dtype of the one it meets. Null for every other tensor.</summary>
    internal double? Literal
    {
        get => rare?.Literal;
        init
        {
            if (value is not null)
            {
                (rare ??= new RareFacts()).Literal = value;
            }
        }
    }

    /// <summary>Uninitialised elements, from the current scope's pool.</summary>
    internal static Tensor Allocate(Layout layout, DType dtype) =>
        Replay.Supply.IsOn ? Replay.Supply.Take(layout, dtype) : new(Buffers.Allocate(layout.Count, dtype), layout, dtype);

    /// <summary>
    /// Throws where the elements were recycled. Every use of a stale tensor does; this is for code that looks at all it will need before it changes
    /// anything.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The <see cref="TensorScope"/> that the tensor belonged to has ended.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CheckAlive()
    {
        if (Storage.IsRecycled)
        {
            ThrowGone();
        }
    }

    private void ThrowGone() => throw new ObjectDisposedException(
        Name ?? nameof(Tensor), $"{Describe()} {Storage.WhyGone(Storage.IsPlanned, Name ?? "tensor")}");

    /// <summary>
    /// Name, dtype and shape, as messages show them: "tensor 'weight' of float32 [2, 3]", or "a tensor of float32 [2, 3]" without a name.
    /// </summary>
    /// <remarks>
    /// No elements are read; <see cref="ToString()"/> shows them too. <see cref="Shape"/> is a span, which doesn't fit into interpolated strings.
    /// </remarks>
    /// <example><code>
    /// Console.WriteLine($"after the convolution: {x.Describe()}");   // after the convolution: a tensor of float32 [64, 8, 24, 24]
    /// </code></example>
    public string Describe() =>
        (Name is null ? "a tensor" : $"tensor '{Name}'") + $" of {DType.Label()} {Error.Text(Shape)}";

    /// <summary>What few tensors have.</summary>
    private sealed class RareFacts
    {
        public string? Name { get; set; }

        public double? Literal { get; set; }

        /// <summary>The elements of images in row-major order, once somebody has asked for their span, and the storage's version then.</summary>
        public Tensor? RowMajor { get; set; }

        /// <inheritdoc cref="RowMajor"/>
        public int RowMajorVersion { get; set; }

        /// <summary>The leaf of a frozen parameter.</summary>
        public Leaf? Frozen { get; set; }
    }
}
