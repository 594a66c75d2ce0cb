namespace Backprop.Kernels.Attention;

/// <summary>One operand of attention: its heads lie anywhere, the rows of a head at equal distances, the elements of a row side by side.</summary>
internal unsafe struct HeadRows<T>
    where T : unmanaged
{
    /// <summary>Element 0 of the storage that the heads' positions count from.</summary>
    public T* Start;

    /// <summary>[heads]: where each begins.</summary>
    public nint* At;

    /// <summary>Elements from one row to the next.</summary>
    public int Row;

    /// <summary>The first element of a row of a head.</summary>
    public readonly T* Of(int head, int row) => Start + At[head] + ((nint)row * Row);
}

/// <summary>
/// softmax(scale · Q Kᵀ + mask) V for many heads: sizes, and where everything lies.
/// </summary>
internal unsafe struct AttentionPlan<T>
    where T : unmanaged
{
    /// <summary>Independent problems: all leading axes together.</summary>
    public int Heads;

    /// <summary>Queries of a head.</summary>
    public int Rows;

    /// <summary>Keys and values of a head.</summary>
    public int Columns;

    /// <summary>Elements of a query and of a key.</summary>
    public int Inner;

    /// <summary>Elements of a value.</summary>
    public int Width;

    public HeadRows<T> Query;

    public HeadRows<T> Key;

    public HeadRows<T> Value;

    /// <summary>What scores are multiplied by.</summary>
    public double Scale;

    /// <summary>Whether query i may attend to keys 0 … i only.</summary>
    public bool Causal;

    /// <summary>Bytes, 1 where a query may attend; null if there is no such mask.</summary>
    public byte* Allowed;

    /// <summary>What is added to the scores; null if there is no such mask.</summary>
    public T* Added;

    /// <summary>[heads]: where the mask of each begins.</summary>
    public nint* MaskAt;

    /// <summary>Elements of the mask from one query to the next.</summary>
    public nint MaskRow;

    /// <summary>Elements of the mask from one key to the next.</summary>
    public nint MaskColumn;

    /// <summary>The chance of a weight to be kept; at 1 nothing is drawn.</summary>
    public double Keep;

    /// <summary>The key and the counter of the random bits.</summary>
    public ulong Seed, Counter;

    public HeadRows<T> Output;

    /// <summary>The gradient of <see cref="Output"/>.</summary>
    public HeadRows<T> Gradient;

    /// <summary>Where the gradient of the queries is added; without a start if nobody wants it. The others alike.</summary>
    public HeadRows<T> QueryGradient, KeyGradient, ValueGradient;

    /// <summary>[heads, rows, columns], contiguous, added to; null if nobody wants it.</summary>
    public T* MaskGradient;

    /// <summary>Queries whose weights are computed together, few enough for the caches and for leaving out what a causal mask hides.</summary>
    public readonly int StepRows => Columns <= 32768 ? 32 : Math.Max((1 << 20) / Columns, 1);

    /// <summary>Queries of a block of work.</summary>
    public readonly int BlockRows => Math.Max(128, StepRows);

    /// <summary>Queries whose weights the gradient holds at once, from the number of keys alone.</summary>
    public readonly int HeldRows => Math.Max(StepRows, 65536 / Math.Max(Columns, 1) / 32 * 32 is var rows and < 128 ? rows : 128);

    /// <summary>Keys that matter to queries before <paramref name="end"/>.</summary>
    public readonly int ColumnsBefore(int end) => Causal ? Math.Min(Columns, end) : Columns;
}
