using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Products;

/// <summary>
/// Small products within other kernels, on the thread that asks: no transposition and no choice of blocks, so that a call costs little more
/// than its tiles.
/// </summary>
internal static unsafe class SmallProduct
{
    /// <summary>Columns that rows are padded to, so that every register of a product is a whole one: 64 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Padded<T>(int columns)
        where T : unmanaged => (columns + (64 / sizeof(T)) - 1) / (64 / sizeof(T)) * (64 / sizeof(T));

    /// <summary>C = A · B (+ C), with A[i, p] at <c>a[i · aRow + p · aStep]</c> and the rows of B and C side by side.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T>(int m, int n, int k, T* a, nint aRow, nint aStep, T* b, nint bRow, T* c, nint cRow, bool accumulate)
        where T : unmanaged
    {
        if (m == 0 || n == 0)
        {
            return;
        }

        Product<T> product = default;
        ref var plan = ref product.Plan;
        (plan.Rows, plan.Columns, plan.Inner) = (m, n, k);
        plan.A = a;
        plan.B = b;
        plan.C = c;
        (plan.ARow, plan.AStep, plan.BRow, plan.CRow) = (aRow, aStep, bRow, cRow);
        plan.Accumulate = accumulate;
        plan.Batch = plan.RowBlocks = plan.ColumnBlocks = 1;
        plan.Stretch = Plan<T>.StretchOf(k);
        Dispatch.Run<T, Product<T>>(ref product);
    }

    /// <summary>target[p, j] = source[j, p], with rows of <see cref="Padded"/> columns and zeros where there is nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose<T>(T* source, nint sourceRow, int inner, int columns, T* target)
        where T : unmanaged
    {
        Transposition task = new() { Source = source, SourceRow = sourceRow, Inner = inner, Columns = columns, Padded = Padded<T>(columns), Target = target };
        Dispatch.Run<T, Transposition>(ref task);
    }

    private struct Product<TElement> : IRegisterTask
        where TElement : unmanaged
    {
        public Plan<TElement> Plan;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run<V, T, I>()
            where V : struct
            where T : unmanaged, INumber<T>
            where I : IRegister<V, T>
        {
            ref var plan = ref Unsafe.As<Plan<TElement>, Plan<T>>(ref Plan);
            if (TinyProduct<V, T, I>.Takes(plan.Rows, plan.Columns, plan.Inner, false, false))
            {
                TinyProduct<V, T, I>.Run(
                    plan.Rows, plan.Columns, plan.Inner, plan.A, plan.ARow, plan.AStep, plan.B, plan.BRow, false, plan.C, plan.CRow,
                    plan.Accumulate, null, false);
                return;
            }

            plan.Panels = plan.Columns < I.Lanes ? Panels.Copied : Panels.Direct;
            Blocks<V, T, I>.Run(plan, 0);
        }
    }

    private struct Transposition : IRegisterTask
    {
        public void* Source, Target;
        public nint SourceRow;
        public int Inner, Columns, Padded;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Run<V, T, I>()
            where V : struct
            where T : unmanaged, INumber<T>
            where I : IRegister<V, T>
            => Packing<V, T, I>.Transpose((T*)Source, SourceRow, Inner, Columns, Padded / I.Lanes, (T*)Target);
    }
}
