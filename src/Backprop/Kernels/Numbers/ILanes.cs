namespace Backprop.Kernels;

/// <summary>
/// A SIMD register of elements of type <typeparamref name="T"/> that is also a number: what kernels are written over.
/// </summary>
internal interface ILanes<N, T> : IReal<N>
    where N : struct, ILanes<N, T>
    where T : unmanaged
{
    /// <summary>Elements in one register.</summary>
    static abstract int Count { get; }

    /// <summary>Reads <see cref="Count"/> elements, unaligned.</summary>
    static abstract N Load(ref readonly T source);

    /// <summary>Writes <see cref="Count"/> elements, unaligned.</summary>
    static abstract void Store(N value, ref T destination);

    /// <summary>All lanes equal to <paramref name="value"/>.</summary>
    static abstract N Broadcast(T value);

    /// <summary>a · b + c in one rounding where the processor can.</summary>
    static abstract N MultiplyAdd(N a, N b, N c);

    /// <summary>The larger; either of them where one is NaN, which takes a third of the time of <see cref="IReal{N}.Max"/>.</summary>
    static abstract N Larger(N a, N b);

    /// <summary>eˣ for x ≤ 0; NaN of NaN.</summary>
    static abstract N ExpOfNegative(N x);

    /// <summary>
    /// Reads the first <paramref name="count"/> elements, fewer than <see cref="Count"/>; the other lanes come from
    /// <paramref name="rest"/>. Touches no memory beyond them.
    /// </summary>
    static abstract unsafe N LoadFirst(T* source, int count, N rest);

    /// <summary>Writes the first <paramref name="count"/> lanes, fewer than <see cref="Count"/>, and nothing beyond them.</summary>
    static abstract unsafe void StoreFirst(N value, T* destination, int count);

    /// <summary>All lanes folded into one, in a fixed order (halves on halves).</summary>
    static abstract T Fold<TFold>(N value)
        where TFold : struct, IFold;
}
