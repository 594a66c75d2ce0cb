using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Products;

/// <summary>Turns a product into a <see cref="Plan{T}"/> and runs its blocks.</summary>
internal static unsafe class Driver<V, T, I>
    where V : struct
    where T : unmanaged, INumber<T>
    where I : IRegister<V, T>
{
    /// <summary>Tiny products that are not worth sharing out.</summary>
    private const int MostTinyProducts = 64;

    /// <summary>Rows of x · Wᵀ up to which dot products beat packing.</summary>
    private const int MostDotRows = 8;

    /// <summary>The same where the result has few columns, from so many steps on that summing the lanes up is little of the work.</summary>
    private const int MostNarrowDotRows = 64;

    /// <inheritdoc cref="MostNarrowDotRows"/>
    private const int LeastNarrowDotSteps = 256;

    /// <summary>
    /// Rows of x · Wᵀ up to which x may be transposed instead of W, and the result be written flipped: what is brought into other places decides.
    /// </summary>
    private const int MostFlippedRows = 128;

    /// <summary>Steps up to which turning the result costs more than turning B.</summary>
    private const int ShortInner = 64;

    /// <summary>Floating point operations of a block, roughly.</summary>
    private const double BlockWork = 1e6;

    private const int MostBlocks = 64;

    /// <summary>Blocks that a product is cut into, if it is worth sharing at all.</summary>
    private const int SharedBlocks = 4;

    /// <summary>Products of elements in a block when one operand is a row or few: reading the other is the work.</summary>
    private const int RowWork = 65536;

    /// <summary>Rows of a block: with these, a stretch of its part of A stays in the second-level cache.</summary>
    private const int MostBlockRows = 512;

    /// <summary>Beyond this, a block's part of A does not stay in the second-level cache over all of its steps.</summary>
    private const int BlockBytes = 768 * 1024;

    /// <summary>A part of A that stays in the second-level cache while all blocks take their part.</summary>
    private const int ChunkBytes = 256 * 1024;

    /// <summary>The thread keeps what it copies A to; where that would be more, each block copies its own part.</summary>
    private const int MostStripBytes = 16 * 1024 * 1024;

    /// <summary>Bytes between rows from which a matrix is copied first: so far apart, they share cache sets and need many pages.</summary>
    private const int FarApart = 2048;

    /// <summary>The same for a transposed A, of whose rows a tile reads part of a cache line each.</summary>
    private const int FarApartTransposed = 512;

    /// <summary>See <see cref="MatrixProduct"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(
        int batch, int m, int n, int k, T* a, int lda, bool transposeA, T* b, int ldb, bool transposeB, T* c, int ldc,
        nint strideA, nint strideB, nint strideC, bool accumulate, T* bias, bool relu)
    {
        if (batch <= MostTinyProducts && TinyProduct<V, T, I>.Takes(m, n, k, transposeA, transposeB))
        {
            for (; batch > 0; batch--)
            {
                TinyProduct<V, T, I>.Run(
                    m, n, k, a, transposeA ? 1 : lda, transposeA ? lda : 1, b, ldb, transposeB, c, ldc, accumulate, bias, relu);
                a += strideA;
                b += strideB;
                c += strideC;
            }

            return;
        }

        if (!transposeA && n == 1 && (transposeB || ldb == 1))
        {
            Dots<T> dots = new() { Rows = 1, Columns = m, Inner = k, BRow = lda, CStep = ldc, AMatrix = strideB, BMatrix = strideA };
            dots.A = b;
            dots.B = a;
            RunDots(ref dots, batch, c, strideC, accumulate, bias, relu);
            return;
        }

        if (!transposeA && transposeB && (m <= MostDotRows || (m <= MostNarrowDotRows && n < I.Lanes && k >= LeastNarrowDotSteps)))
        {
            Dots<T> dots = new() { Rows = m, Columns = n, Inner = k, ARow = lda, BRow = ldb, CRow = ldc, CStep = 1, BiasStep = 1 };
            dots.A = a;
            dots.AMatrix = strideA;
            dots.B = b;
            dots.BMatrix = strideB;
            RunDots(ref dots, batch, c, strideC, accumulate, bias, relu);
            return;
        }

        if (accumulate && bias != null)
        {
            AddBias(batch, m, n, c, ldc, strideC, bias);
            bias = null;
        }

        Plan<T> plan = default;

        // With both transposed, either the result is turned, or B: the result is where the sums are long.
        plan.Flipped = transposeA
            ? n < I.Lanes || (transposeB && (n == I.Lanes || (k > ShortInner && m < 2L * k)))
            : transposeB && m <= MostFlippedRows && m < n && (k + 2L * n) * m < (long)n * k;
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

        // Its masked loads pay from 256 bits on, and it writes neither columns nor a bias along the rows.
        var row = plan.Rows == 1 && plan.Panels is (Panels.Direct or Panels.Copied) && I.Lanes * sizeof(T) >= 32;
        if (row && (!plan.Flipped || (ldc == 1 && bias == null)))
        {
            var groups = (plan.Columns + 8 * I.Lanes - 1) / (8 * I.Lanes);
            plan.RowBlocks = 1;
            plan.ColumnBlocks = Math.Clamp((int)Math.Min((long)n * m * k / RowWork, MostBlocks), 1, groups);
            if (plan.Blocks == 1)
            {
                RowProduct<V, T, I>.Run(plan, 0);
            }
            else
            {
                Workers.Run(new RowBody(plan), plan.Blocks, 4 * Nanoseconds(m, n, k) * batch);
            }

            return;
        }

        if (FewRows<V, T, I>.Takes(plan))
        {
            FewRows<V, T, I>.Cut(ref plan, (int)Math.Min((long)n * m * k / RowWork, MostBlocks));
            if (plan.Blocks == 1)
            {
                FewRows<V, T, I>.Run(plan, 0);
            }
            else
            {
                Workers.Run(new FewRowsBody(plan), plan.Blocks, 2 * Nanoseconds(m, n, k) * batch);
            }

            return;
        }

        if (!transposeA && !plan.Flipped && I.Lanes * sizeof(T) >= 32 && NarrowProduct<V, T, I>.Pays(m, n, k, transposeB))
        {
            NarrowProduct<V, T, I>.Cut(ref plan);
            if (plan.Blocks == 1)
            {
                NarrowProduct<V, T, I>.Run(plan, 0);
            }
            else
            {
                Workers.Run(new NarrowBody(plan), plan.Blocks, Nanoseconds(m, n, k) * batch);
            }

            return;
        }

        Cut(ref plan);
        if (plan.Panels == Panels.Prepared)
        {
            RunPrepared(ref plan);
        }
        else if (plan.PackA && plan.Batch == 1 && plan.Inner > 0)
        {
            RunChunks(plan);
        }
        else
        {
            Run(plan);
        }
    }

    /// <summary>All blocks for some steps before the next ones: what they need of A is copied once for all of them, and stays in the cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunChunks(Plan<T> plan)
    {
        var (inner, relu) = (plan.Inner, plan.Relu);
        var stretches = (int)Math.Max(1, ChunkBytes / ((nint)plan.Stretch * plan.Rows * sizeof(T)));
        var chunk = plan.Stretch * stretches;
        plan.Inner = Math.Min(chunk, inner);
        var bytes = Blocks<V, T, I>.StripsSize(plan) * sizeof(T);
        if (bytes > MostStripBytes)
        {
            plan.Inner = inner;
            Run(plan);
            return;
        }

        plan.Strips = (T*)Scratch.Shared(bytes);
        for (var p = 0; p < inner; p += chunk)
        {
            plan.Inner = Math.Min(chunk, inner - p);
            plan.Relu = relu && p + chunk >= inner;
            Workers.Run(new StripPreparation(plan), Blocks<V, T, I>.StripCount(plan), 0.1 * plan.Rows * plan.Inner);
            Run(plan);
            plan.A += plan.Inner * plan.AStep;
            plan.B += plan.Panels == Panels.Transposed ? plan.Inner : plan.Inner * plan.BRow;
            plan.Accumulate = true;
            plan.Bias = null;
        }
    }

    /// <summary>A product with panels that were prepared before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RunPacked(ref Plan<T> plan)
    {
        if (plan.Accumulate && plan.Bias != null)
        {
            AddBias(1, plan.Rows, plan.Columns, plan.C, (int)plan.CRow, 0, plan.Bias);
            plan.Bias = null;
        }

        Cut(ref plan);
        Run(plan);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run(in Plan<T> plan)
    {
        if (plan.Blocks == 1)
        {
            Blocks<V, T, I>.Run(plan, 0);
        }
        else
        {
            Workers.Run(new Body(plan), plan.Blocks, Nanoseconds(plan.Rows, plan.Columns, plan.Inner) * plan.Batch);
        }
    }

    /// <summary>Chooses the blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Cut(ref Plan<T> plan)
    {
        plan.Stretch = Plan<T>.StretchOf(plan.Inner);
        var panels = Blocks<V, T, I>.PanelCount(plan.Columns);
        if (plan.Panels == Panels.Direct && plan.BRow * sizeof(T) >= FarApart && plan.Rows >= 64)
        {
            plan.Panels = Panels.Copied;
        }

        plan.PackA = panels >= 4 && !plan.Flipped && (plan.ARow == 1
            ? plan.AStep * sizeof(T) >= FarApartTransposed
            : plan.AStep == 1 && plan.ARow * sizeof(T) >= FarApart && panels >= 8);

        // What a block packs should serve many tiles; beyond that, enough blocks to share out.
        var work = 2.0 * plan.Rows * plan.Columns * plan.Inner * plan.Batch;
        var wanted = (int)Math.Clamp(work / BlockWork, 1, MostBlocks);
        wanted = (wanted + plan.Batch - 1) / plan.Batch;
        var leastRows = plan.Panels is Panels.Copied or Panels.Transposed ? plan.PackA ? MostBlockRows : 256 : plan.PackA ? 4 * I.Rows2 : 2 * I.Rows2;
        plan.RowBlocks = (plan.Rows + MostBlockRows - 1) / MostBlockRows;
        var leastPanels = plan.PackA ? 16 : (double)plan.Rows / plan.RowBlocks * plan.Inner * sizeof(T) > BlockBytes ? 8 : 1;
        plan.ColumnBlocks = Math.Clamp((wanted + plan.RowBlocks - 1) / plan.RowBlocks, 1, Math.Max(1, panels / leastPanels));
        plan.RowBlocks = Math.Max(plan.RowBlocks, Math.Min(wanted / plan.ColumnBlocks, plan.Rows / leastRows));

        // A few blocks for other threads are worth packing the smaller operand again for each.
        while (plan.Blocks < Math.Min(wanted * plan.Batch, SharedBlocks))
        {
            if (plan.Columns >= plan.Rows && panels >= 4 * (plan.ColumnBlocks + 1))
            {
                plan.ColumnBlocks++;
            }
            else if (plan.Rows >= 4 * I.Rows2 * (plan.RowBlocks + 1))
            {
                plan.RowBlocks++;
            }
            else
            {
                break;
            }
        }
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

            Run(plan);
            plan.A += plan.AMatrix;
            source += plan.BMatrix;
            plan.C += plan.CMatrix;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunDots(ref Dots<T> dots, int batch, T* c, nint strideC, bool accumulate, T* bias, bool relu)
    {
        dots.C = c;
        dots.CMatrix = strideC;
        dots.Bias = bias;
        dots.Accumulate = accumulate;
        dots.Relu = relu;
        dots.Batch = batch;
        var work = (double)dots.Rows * dots.Columns * dots.Inner;
        dots.ColumnBlocks = (int)Math.Clamp(work / RowWork, 1, Math.Min(MostBlocks, (dots.Columns + 3) / 4));
        if (batch * dots.ColumnBlocks == 1)
        {
            DotBlocks<V, T, I>.Run(dots, 0);
        }
        else
        {
            Workers.Run(new DotBody(dots), batch * dots.ColumnBlocks, work * batch / (2 * I.Lanes));
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

    private readonly struct RowBody(in Plan<T> plan) : IBlockBody
    {
        private readonly Plan<T> plan = plan;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run(int block) => RowProduct<V, T, I>.Run(plan, block);
    }

    private readonly struct FewRowsBody(in Plan<T> plan) : IBlockBody
    {
        private readonly Plan<T> plan = plan;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run(int block) => FewRows<V, T, I>.Run(plan, block);
    }

    private readonly struct NarrowBody(in Plan<T> plan) : IBlockBody
    {
        private readonly Plan<T> plan = plan;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run(int block) => NarrowProduct<V, T, I>.Run(plan, block);
    }

    private readonly struct DotBody(in Dots<T> dots) : IBlockBody
    {
        private readonly Dots<T> dots = dots;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run(int block) => DotBlocks<V, T, I>.Run(dots, block);
    }

    private readonly struct StripPreparation(in Plan<T> plan) : IBlockBody
    {
        private readonly Plan<T> plan = plan;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run(int strip) => Blocks<V, T, I>.PrepareStrip(plan, strip);
    }

    private readonly struct Preparation(in Plan<T> plan, T* source) : IBlockBody
    {
        private readonly Plan<T> plan = plan;
        private readonly T* source = source;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run(int panel) => Blocks<V, T, I>.Prepare(plan, source, panel, plan.B);
    }
}
