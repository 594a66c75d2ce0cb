using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Products;

/// <summary>Turns a product into a <see cref="Plan{T}"/> and runs its blocks.</summary>
internal static unsafe class Driver<V, T, I>
    where V : struct
    where T : unmanaged, INumber<T>
    where I : IRegister<V, T>
{
    /// <summary>Rows of x · Wᵀ up to which dot products beat packing.</summary>
    private const int MostDotRows = 4;

    /// <summary>Rows of x · Wᵀ up to which x is transposed instead of W, and the result is written flipped.</summary>
    private const int MostFlippedRows = 128;

    /// <summary>Floating point operations of a block, roughly.</summary>
    private const double BlockWork = 1e6;

    private const int MostBlocks = 64;

    /// <summary>Rows and steps a block works on at a time: with these, its part of A stays in the second-level cache.</summary>
    private const int MostBlockRows = 512;

    private const int StretchBytes = 512;

    /// <summary>Bytes between rows from which a matrix is copied first: so far apart, they share cache sets and need many pages.</summary>
    private const int FarApart = 2048;

    /// <summary>See <see cref="MatrixProduct"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(
        int batch, int m, int n, int k, T* a, int lda, bool transposeA, T* b, int ldb, bool transposeB, T* c, int ldc,
        nint strideA, nint strideB, nint strideC, bool accumulate, T* bias, bool relu)
    {
        if (!transposeA && (transposeB ? m <= MostDotRows || n == 1 : n == 1 && ldb == 1))
        {
            MultiplyByDots(batch, m, n, k, a, lda, b, ldb, c, ldc, strideA, strideB, strideC, accumulate, bias, relu);
            return;
        }

        if (accumulate && bias != null)
        {
            AddBias(batch, m, n, c, ldc, strideC, bias);
            bias = null;
        }

        Plan<T> plan = default;
        plan.Flipped = transposeA ? transposeB || n < I.Lanes : transposeB && m <= MostFlippedRows && m < n;
        plan.Batch = batch;
        plan.Inner = k;
        plan.C = c;
        plan.CRow = ldc;
        plan.CMatrix = strideC;
        plan.Bias = bias;
        plan.Accumulate = accumulate;
        plan.Relu = relu;
        if (plan.Flipped)
        {
            (plan.Rows, plan.Columns) = (n, m);
            plan.A = b;
            plan.B = a;
            (plan.AMatrix, plan.BMatrix, plan.BRow) = (strideB, strideA, lda);
            (plan.ARow, plan.AStep) = transposeB ? (ldb, 1) : ((nint)1, ldb);
            plan.Panels = transposeA ? m < I.Lanes ? Panels.Copied : Panels.Direct : Panels.Prepared;
        }
        else
        {
            (plan.Rows, plan.Columns) = (m, n);
            plan.A = a;
            plan.B = b;
            (plan.AMatrix, plan.BMatrix, plan.BRow) = (strideA, strideB, ldb);
            (plan.ARow, plan.AStep) = transposeA ? ((nint)1, lda) : (lda, 1);
            plan.Panels = transposeB ? Panels.Transposed : n < I.Lanes ? Panels.Copied : Panels.Direct;
        }

        Cut(ref plan);
        if (plan.Panels == Panels.Prepared)
        {
            RunPrepared(ref plan);
        }
        else
        {
            Workers.Run(new Body(plan), plan.Blocks, Nanoseconds(m, n, k) * batch);
        }
    }

    /// <summary>Chooses the blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Cut(ref Plan<T> plan)
    {
        var stretch = StretchBytes / sizeof(T);
        plan.InnerBlocks = plan.Flipped ? 1 : Math.Max(1, (plan.Inner + stretch - 1) / stretch);
        var panels = Blocks<V, T, I>.PanelCount(plan.Columns);
        if (plan.Panels == Panels.Direct && plan.BRow * sizeof(T) >= FarApart && plan.Rows >= 64)
        {
            plan.Panels = Panels.Copied;
        }

        plan.PackA = plan.ARow == 1 && plan.AStep * sizeof(T) >= FarApart && panels >= 4 && !plan.Flipped;

        // What a block packs should serve many tiles; beyond that, enough blocks to share out.
        var work = 2.0 * plan.Rows * plan.Columns * plan.Inner * plan.Batch;
        var wanted = (int)Math.Clamp(work / BlockWork, 1, MostBlocks);
        wanted = (wanted + plan.Batch - 1) / plan.Batch;
        var leastRows = plan.Panels is Panels.Copied or Panels.Transposed ? 128 : 2 * I.Rows2;
        var leastPanels = plan.PackA ? 8 : 1;
        plan.RowBlocks = (plan.Rows + MostBlockRows - 1) / MostBlockRows;
        plan.ColumnBlocks = Math.Clamp((wanted + plan.RowBlocks - 1) / plan.RowBlocks, 1, Math.Max(1, panels / leastPanels));
        plan.RowBlocks = Math.Max(plan.RowBlocks, Math.Min(wanted / plan.ColumnBlocks, plan.Rows / leastRows));
    }

    private static double Nanoseconds(int m, int n, int k) => 2.0 * m * n * k / (8 * I.Lanes);

    /// <summary>Transposes the narrow operand into panels, then runs the blocks; one matrix at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunPrepared(ref Plan<T> plan)
    {
        var batch = plan.Batch;
        var source = plan.B;
        plan.Batch = 1;
        plan.B = (T*)Scratch.Shared(Blocks<V, T, I>.PreparedSize(plan.Columns, plan.Inner) * sizeof(T));
        for (var matrix = 0; matrix < batch; matrix++)
        {
            if (matrix == 0 || plan.BMatrix != 0)
            {
                var panels = Blocks<V, T, I>.PanelCount(plan.Columns);
                Workers.Run(new Preparation(plan, source), panels, 0.3 * plan.Columns * plan.Inner);
            }

            Workers.Run(new Body(plan), plan.Blocks, Nanoseconds(plan.Rows, plan.Columns, plan.Inner));
            plan.A += plan.AMatrix;
            source += plan.BMatrix;
            plan.C += plan.CMatrix;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyByDots(
        int batch, int m, int n, int k, T* a, int lda, T* b, int ldb, T* c, int ldc,
        nint strideA, nint strideB, nint strideC, bool accumulate, T* bias, bool relu)
    {
        for (var i = 0; i < batch; i++)
        {
            if (n == 1)
            {
                Dots<V, T, I>.One(m, k, b, a, lda, c, ldc, accumulate, bias, 0, relu);
            }
            else
            {
                for (var row = 0; row < m; row++)
                {
                    Dots<V, T, I>.One(n, k, a + (nint)row * lda, b, ldb, c + (nint)row * ldc, 1, accumulate, bias, 1, relu);
                }
            }

            a += strideA;
            b += strideB;
            c += strideC;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddBias(int batch, int m, int n, T* c, int ldc, nint strideC, T* bias)
    {
        for (var matrix = 0; matrix < batch; matrix++)
        {
            for (var row = 0; row < m; row++)
            {
                var to = c + matrix * strideC + row * (nint)ldc;
                for (var column = 0; column < n; column++)
                {
                    to[column] += bias[column];
                }
            }
        }
    }

    private readonly struct Body(in Plan<T> plan) : IBlockBody
    {
        private readonly Plan<T> plan = plan;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run(int block) => Blocks<V, T, I>.Run(plan, block);
    }

    private readonly struct Preparation(in Plan<T> plan, T* source) : IBlockBody
    {
        private readonly Plan<T> plan = plan;
        private readonly T* source = source;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run(int panel) => Blocks<V, T, I>.Prepare(plan, source, panel, plan.B);
    }
}
