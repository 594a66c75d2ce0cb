namespace Backprop.Kernels.Products;

/// <summary>How the tiles get their B.</summary>
internal enum Panels
{
    /// <summary>Straight from memory: rows of B lie as the tiles want them.</summary>
    Direct,

    /// <summary>Copied into panels by each block, because B is narrower than a register or its rows lie far apart.</summary>
    Copied,

    /// <summary>Transposed into panels by each block.</summary>
    Transposed,

    /// <summary>Transposed into panels once, before the blocks run.</summary>
    Prepared,
}

/// <summary>
/// A product in the one form the blocks know: C = A · B with A read element by element and B by rows. Everything in it
/// follows from the shape, nothing from the number of threads.
/// </summary>
internal unsafe struct Plan<T>
    where T : unmanaged
{
    public int Rows;
    public int Columns;
    public int Inner;

    public T* A;
    public nint ARow;
    public nint AStep;

    public T* B;
    public nint BRow;

    public T* C;
    public nint CRow;

    public T* Bias;
    public bool Accumulate;
    public bool Relu;

    /// <summary>The result is written transposed: C[column, row], and the bias runs along the rows.</summary>
    public bool Flipped;

    public Panels Panels;

    /// <summary>Whether A is copied into strips, which lie close together whatever its leading dimension.</summary>
    public bool PackA;

    /// <summary>The strips of all blocks, stretch by stretch, where they are copied before the blocks run; else null, and each block copies its own.</summary>
    public T* Strips;

    /// <summary>Matrices, and the distance from one to the next; 0 for an operand that all share.</summary>
    public int Batch;
    public nint AMatrix;
    public nint BMatrix;
    public nint CMatrix;

    public int RowBlocks;
    public int ColumnBlocks;

    /// <summary>Steps summed on their own before they are added to the rest: for the caches, and for accuracy.</summary>
    public int Stretch;

    /// <summary>Steps summed on their own at most: long enough for speed, short enough to keep rounding errors small.</summary>
    private const int LongestStretch = 128;

    /// <summary>Even stretches of an inner dimension.</summary>
    public static int StretchOf(int inner)
    {
        var stretches = Math.Max(1, (inner + LongestStretch - 1) / LongestStretch);
        return Math.Max(1, (inner + stretches - 1) / stretches);
    }

    /// <summary>Blocks of all matrices.</summary>
    public readonly int Blocks => Batch * RowBlocks * ColumnBlocks;
}
