namespace Backprop.Kernels.Products;

/// <summary>
/// What a matrix product needs of a SIMD register <typeparamref name="V"/> of elements <typeparamref name="T"/>. Every product kernel
/// is one source, compiled for each implementation.
/// </summary>
internal unsafe interface IRegister<V, T>
    where V : struct
    where T : unmanaged
{
    /// <summary>Elements in one register.</summary>
    static abstract int Lanes { get; }

    /// <summary>The most rows of a tile one register wide that the processor's registers can hold; even.</summary>
    static abstract int Rows1 { get; }

    /// <summary>The same for a tile two registers wide.</summary>
    static abstract int Rows2 { get; }

    /// <summary>The same for a tile three registers wide.</summary>
    static abstract int Rows3 { get; }

    /// <summary>All zeros.</summary>
    static abstract V Zero { get; }

    /// <summary>Reads a register, unaligned.</summary>
    static abstract V Load(T* source);

    /// <summary>Writes a register, unaligned.</summary>
    static abstract void Store(T* destination, V value);

    /// <summary>A mask of lanes <paramref name="from"/> … <paramref name="to"/> − 1.</summary>
    static abstract V Mask(int from, int to);

    /// <summary>Reads the masked lanes; the others are zero and their memory is not touched.</summary>
    static abstract V Load(T* source, V mask);

    /// <summary>Writes the masked lanes; the memory of the others is not touched.</summary>
    static abstract void Store(T* destination, V value, V mask);

    /// <summary>All lanes equal to <paramref name="value"/>.</summary>
    static abstract V Broadcast(T value);

    /// <summary>
    /// <paramref name="steps"/> elements again and again: 1, 2, 4, 8 … of them, up to <see cref="Lanes"/>. The number must be a constant, or code for
    /// all of them remains.
    /// </summary>
    static abstract V Repeat(T* source, int steps);

    /// <summary>The sums of lanes 0 and 1, 2 and 3, … of a, then those of b.</summary>
    static abstract V PairSums(V a, V b);

    /// <summary>a + b.</summary>
    static abstract V Add(V a, V b);

    /// <summary>a · b + c.</summary>
    static abstract V MultiplyAdd(V a, V b, V c);

    /// <summary>max(0, a); NaN stays NaN.</summary>
    static abstract V Relu(V a);

    /// <summary>Writes the sums of the lanes of four registers.</summary>
    static abstract void Sum(V a, V b, V c, V d, T* sums);

    /// <summary>Transposes four rows of <see cref="Lanes"/> columns.</summary>
    static abstract void TransposeFour(T* source, nint sourceRow, T* destination, nint destinationRow);

    /// <summary>Transposes a square of <see cref="Lanes"/> rows and columns.</summary>
    static abstract void Transpose(T* source, nint sourceRow, T* destination, nint destinationRow);
}
