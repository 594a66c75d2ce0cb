using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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

        Plan<T> plan = default;
        (plan.Rows, plan.Columns, plan.Inner) = (m, n, k);
        plan.A = a;
        plan.B = b;
        plan.C = c;
        (plan.ARow, plan.AStep, plan.BRow, plan.CRow) = (aRow, aStep, bRow, cRow);
        plan.Accumulate = accumulate;
        plan.Batch = plan.RowBlocks = plan.ColumnBlocks = 1;
        plan.Stretch = Plan<T>.StretchOf(k);
        if (typeof(T) == typeof(float))
        {
            ref var singles = ref Unsafe.As<Plan<T>, Plan<float>>(ref plan);
            if (Avx512F.IsSupported)
            {
                Run<Vector512<float>, float, Floats512>(ref singles);
            }
            else if (Avx2.IsSupported && Fma.IsSupported)
            {
                Run<Vector256<float>, float, Floats256>(ref singles);
            }
            else
            {
                Run<Vector128<float>, float, Floats128>(ref singles);
            }
        }
        else
        {
            ref var doubles = ref Unsafe.As<Plan<T>, Plan<double>>(ref plan);
            if (Avx512F.IsSupported)
            {
                Run<Vector512<double>, double, Doubles512>(ref doubles);
            }
            else if (Avx2.IsSupported && Fma.IsSupported)
            {
                Run<Vector256<double>, double, Doubles256>(ref doubles);
            }
            else
            {
                Run<Vector128<double>, double, Doubles128>(ref doubles);
            }
        }
    }

    /// <summary>target[p, j] = source[j, p], with rows of <see cref="Padded"/> columns and zeros where there is nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose<T>(T* source, nint sourceRow, int inner, int columns, T* target)
        where T : unmanaged
    {
        var padded = Padded<T>(columns);
        if (typeof(T) == typeof(float))
        {
            if (Avx512F.IsSupported)
            {
                Packing<Vector512<float>, float, Floats512>.Transpose((float*)source, sourceRow, inner, columns, padded / 16, (float*)target);
            }
            else if (Avx2.IsSupported && Fma.IsSupported)
            {
                Packing<Vector256<float>, float, Floats256>.Transpose((float*)source, sourceRow, inner, columns, padded / 8, (float*)target);
            }
            else
            {
                Packing<Vector128<float>, float, Floats128>.Transpose((float*)source, sourceRow, inner, columns, padded / 4, (float*)target);
            }
        }
        else
        {
            if (Avx512F.IsSupported)
            {
                Packing<Vector512<double>, double, Doubles512>.Transpose((double*)source, sourceRow, inner, columns, padded / 8, (double*)target);
            }
            else if (Avx2.IsSupported && Fma.IsSupported)
            {
                Packing<Vector256<double>, double, Doubles256>.Transpose((double*)source, sourceRow, inner, columns, padded / 4, (double*)target);
            }
            else
            {
                Packing<Vector128<double>, double, Doubles128>.Transpose((double*)source, sourceRow, inner, columns, padded / 2, (double*)target);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Run<V, T, I>(ref Plan<T> plan)
        where V : struct
        where T : unmanaged
        where I : IRegister<V, T>
    {
        plan.Panels = plan.Columns < I.Lanes ? Panels.Copied : Panels.Direct;
        Blocks<V, T, I>.Run(plan, 0);
    }
}
