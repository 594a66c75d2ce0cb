using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Backprop.Kernels;

/// <summary>
/// Softmax, log-softmax, log-sum-exp and softmax cross entropy over the rows of a contiguous [rows, columns] array of float or
/// double, columns ≥ 1, with their gradients. A destination may be its source.
/// </summary>
/// <remarks>
/// Rows of nothing but −∞ give NaN, except that their log-sum-exp is −∞. With <c>accumulate</c> a gradient is added to what
/// is there.
/// </remarks>
internal static unsafe class Softmax
{
    /// <summary>y = softmax(x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<T>(T* x, T* y, nint rows, nint columns)
        where T : unmanaged => Run(new Operands<T>(Kind.Softmax, columns) { X = x, Y = y }, rows);

    /// <summary>dx = y (g − Σ g y), from the softmax y and its gradient g.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradient<T>(T* y, T* g, T* dx, nint rows, nint columns, bool accumulate = false)
        where T : unmanaged =>
        Run(new Operands<T>(Kind.SoftmaxGradient, columns) { X = y, G = g, Y = dx, Accumulate = accumulate }, rows);

    /// <summary>y = x − ln Σ eˣ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LogForward<T>(T* x, T* y, nint rows, nint columns)
        where T : unmanaged => Run(new Operands<T>(Kind.LogSoftmax, columns) { X = x, Y = y }, rows);

    /// <summary>dx = g − eʸ Σ g, from the log-softmax y and its gradient g.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LogGradient<T>(T* y, T* g, T* dx, nint rows, nint columns, bool accumulate = false)
        where T : unmanaged =>
        Run(new Operands<T>(Kind.LogSoftmaxGradient, columns) { X = y, G = g, Y = dx, Accumulate = accumulate }, rows);

    /// <summary>logSumExp[row] = ln Σ eˣ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LogSumExp<T>(T* x, T* logSumExp, nint rows, nint columns)
        where T : unmanaged => Run(new Operands<T>(Kind.LogSumExp, columns) { X = x, LogSumExp = logSumExp }, rows);

    /// <summary>dx = g[row] · e^(x − logSumExp[row]), and 0 in rows of −∞ alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LogSumExpGradient<T>(
        T* x, T* logSumExp, T* g, T* dx, nint rows, nint columns, bool accumulate = false)
        where T : unmanaged =>
        Run(
            new Operands<T>(Kind.LogSumExpGradient, columns)
            {
                X = x,
                LogSumExp = logSumExp,
                G = g,
                Stride = 1,
                Y = dx,
                Accumulate = accumulate,
            },
            rows);

    /// <summary>
    /// loss[row] = logSumExp[row] − x[row, label[row]], 0 where the label is <paramref name="ignore"/>. Labels must be in range:
    /// see <see cref="FindBadLabel"/>.
    /// </summary>
    /// <param name="x">Logits [rows, columns].</param>
    /// <param name="labels">Class indices [rows].</param>
    /// <param name="loss">[rows].</param>
    /// <param name="logSumExp">[rows]: what the gradient needs.</param>
    /// <param name="rows">Samples.</param>
    /// <param name="columns">Classes.</param>
    /// <param name="ignore">The label of rows that do not count.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CrossEntropy<T>(T* x, long* labels, T* loss, T* logSumExp, nint rows, nint columns, long ignore)
        where T : unmanaged =>
        Run(
            new Operands<T>(Kind.CrossEntropy, columns)
            {
                X = x,
                Labels = labels,
                Y = loss,
                LogSumExp = logSumExp,
                Ignore = ignore,
            },
            rows);

    /// <summary>
    /// dx = (softmax(x) − onehot(label)) · scale[row · stride], 0 where the label is <paramref name="ignore"/>; a stride of 0
    /// means one scale for all rows.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CrossEntropyGradient<T>(
        T* x, long* labels, T* logSumExp, T* scale, nint stride, T* dx, nint rows, nint columns, long ignore, bool accumulate = false)
        where T : unmanaged =>
        Run(
            new Operands<T>(Kind.CrossEntropyGradient, columns)
            {
                X = x,
                Labels = labels,
                LogSumExp = logSumExp,
                G = scale,
                Stride = stride,
                Y = dx,
                Ignore = ignore,
                Accumulate = accumulate,
            },
            rows);

    /// <summary>The first row whose label is neither in 0 … columns − 1 nor <paramref name="ignore"/>; −1 if there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static nint FindBadLabel(long* labels, nint rows, nint columns, long ignore)
    {
        for (nint row = 0; row < rows; row++)
        {
            if ((ulong)labels[row] >= (ulong)columns && labels[row] != ignore)
            {
                return row;
            }
        }
        return -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<T>(in Operands<T> operands, nint rows)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            if (Vector512.IsHardwareAccelerated)
            {
                Run<Lanes512<float>, float>(operands.As<float>(), rows);
            }
            else
            {
                Run<Lanes256<float>, float>(operands.As<float>(), rows);
            }
        }
        else if (typeof(T) == typeof(double))
        {
            if (Vector512.IsHardwareAccelerated)
            {
                Run<Lanes512<double>, double>(operands.As<double>(), rows);
            }
            else
            {
                Run<Lanes256<double>, double>(operands.As<double>(), rows);
            }
        }
        else
        {
            throw new NotSupportedException($"A softmax of {typeof(T)}.");
        }
    }

    /// <summary>The same with registers of a chosen width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run<N, T>(in Operands<T> operands, nint rows)
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged
    {
        if (rows == 0 || operands.Columns == 0)
        {
            return;
        }
        const int unit = 8192;
        var rowsPerUnit = Math.Max(1, unit / (operands.Columns + 16));
        var units = (int)((rows + rowsPerUnit - 1) / rowsPerUnit);
        var body = new SoftmaxBody<N, T>(operands, rows, rowsPerUnit);
        Workers.Run(body, units, (0.3 * operands.Columns + 20) * rows);
    }

    /// <summary>Which function of a row.</summary>
    internal enum Kind
    {
        Softmax,
        SoftmaxGradient,
        LogSoftmax,
        LogSoftmaxGradient,
        LogSumExp,
        LogSumExpGradient,
        CrossEntropy,
        CrossEntropyGradient,
    }

    /// <summary>What one of the functions works on; each uses some of it.</summary>
    internal readonly struct Operands<T>(Kind kind, nint columns)
        where T : unmanaged
    {
        public Kind Kind => kind;

        public nint Columns => columns;

        public T* X { get; init; }

        public T* G { get; init; }

        public T* Y { get; init; }

        public T* LogSumExp { get; init; }

        public long* Labels { get; init; }

        public nint Stride { get; init; }

        public long Ignore { get; init; }

        public bool Accumulate { get; init; }

        /// <summary>The same operands under the name of their true element type.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public Operands<U> As<U>()
            where U : unmanaged =>
            new(kind, columns)
            {
                X = (U*)X,
                G = (U*)G,
                Y = (U*)Y,
                LogSumExp = (U*)LogSumExp,
                Labels = Labels,
                Stride = Stride,
                Ignore = Ignore,
                Accumulate = Accumulate,
            };
    }
}
