namespace Backprop.Kernels.Products;

/// <summary>
/// One tile of a product: C[rows, columns] = A · B + Start, all of it held in registers while the inner dimension runs.
/// Strides count elements.
/// </summary>
/// <typeparam name="T">The element.</typeparam>
internal unsafe struct Tile<T>
    where T : unmanaged
{
    /// <summary>The inner dimension.</summary>
    public nint Inner;

    /// <summary>Row i, step p of A is <c>A[i * ARow + p * AStep]</c>, so A may lie either way round.</summary>
    public T* A;

    /// <inheritdoc cref="A"/>
    public nint ARow;

    /// <inheritdoc cref="A"/>
    public nint AStep;

    /// <summary>Step p, column j of B is <c>B[p * BStep + j]</c>.</summary>
    public T* B;

    /// <inheritdoc cref="B"/>
    public nint BStep;

    /// <summary>The result.</summary>
    public T* C;

    /// <inheritdoc cref="C"/>
    public nint CRow;

    /// <summary>What is added to the sums: C itself to accumulate, a bias with <see cref="StartRow"/> 0, or null for zero.</summary>
    public T* Start;

    /// <inheritdoc cref="Start"/>
    public nint StartRow;

    /// <summary>Tiles one below another, all but the last with the rows of the kernel.</summary>
    public int Count;

    /// <summary>
    /// Rows of the last tile, at most those of the kernel and at least those minus one: a kernel's spare row repeats the last one.
    /// </summary>
    public int Rows;

    /// <summary>
    /// The column where the last register starts. It may overlap the one before, which saves a mask in the inner loop.
    /// </summary>
    public nint Last;

    /// <summary>The lanes of the last register that are the tile's own.</summary>
    public int LastFrom;

    /// <inheritdoc cref="LastFrom"/>
    public int LastTo;

    /// <summary>Whether negative results become zero.</summary>
    public bool Relu;
}

/// <summary>A number of rows the compiler knows: code for further rows folds away.</summary>
internal interface IRows
{
    /// <summary>The number of rows.</summary>
    static abstract int Count { get; }
}

internal readonly struct Rows2 : IRows
{
    public static int Count => 2;
}

internal readonly struct Rows4 : IRows
{
    public static int Count => 4;
}

internal readonly struct Rows6 : IRows
{
    public static int Count => 6;
}

internal readonly struct Rows8 : IRows
{
    public static int Count => 8;
}

internal readonly struct Rows10 : IRows
{
    public static int Count => 10;
}

internal readonly struct Rows12 : IRows
{
    public static int Count => 12;
}

internal readonly struct Rows14 : IRows
{
    public static int Count => 14;
}

internal readonly struct Rows16 : IRows
{
    public static int Count => 16;
}

/// <summary>How the rows of A lie: code for the other way folds away.</summary>
internal interface ILie
{
    /// <summary>Whether a row's element is followed by the next row's.</summary>
    static abstract bool Together { get; }
}

internal readonly struct Apart : ILie
{
    public static bool Together => false;
}

internal readonly struct Together : ILie
{
    static bool ILie.Together => true;
}
