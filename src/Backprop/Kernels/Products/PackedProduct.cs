using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Backprop.Kernels.Products;

/// <summary>Products with one and the same B, which is brought into panels once: for a recurrent layer, whose weight meets the state at every step.</summary>
internal static unsafe class PackedProduct
{
    /// <summary>Elements of the panels of a matrix of k rows and n columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static long Size<T>(int n, int k)
        where T : unmanaged => (long)SmallProduct.Padded<T>(n) * k;

    /// <summary>Brings op(B) into panels, which are for the processor at hand.</summary>
    /// <param name="n">Columns of op(B).</param>
    /// <param name="k">Rows of op(B).</param>
    /// <param name="b">[k, n], or [n, k] if <paramref name="transposed"/>.</param>
    /// <param name="bRow">Elements from one row of <paramref name="b"/> to the next.</param>
    /// <param name="transposed">Whether op(B) is the transpose.</param>
    /// <param name="panels">Room for <see cref="Size"/> elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack<T>(int n, int k, T* b, nint bRow, bool transposed, T* panels)
        where T : unmanaged
    {
        Plan<T> plan = default;
        (plan.Columns, plan.Inner, plan.BRow) = (n, k, bRow);
        plan.B = b;
        plan.Panels = transposed ? Panels.Transposed : Panels.Copied;
        plan.C = panels;
        Choose<T, Packer>(ref plan);
    }

    /// <summary>C = A · B (+ C) (+ bias) with the panels of B.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<T>(int m, int n, int k, T* a, nint aRow, T* panels, T* c, nint cRow, bool accumulate, T* bias)
        where T : unmanaged
    {
        if (m == 0 || n == 0)
        {
            return;
        }

        Plan<T> plan = default;
        (plan.Rows, plan.Columns, plan.Inner, plan.Batch) = (m, n, k, 1);
        (plan.ARow, plan.AStep, plan.CRow) = (aRow, 1, cRow);
        plan.A = a;
        plan.B = panels;
        plan.C = c;
        plan.Bias = bias;
        plan.Accumulate = accumulate;
        plan.Panels = Panels.Prepared;
        Choose<T, Multiplier>(ref plan);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Choose<T, TTask>(ref Plan<T> plan)
        where T : unmanaged
        where TTask : struct, ITask
    {
        if (typeof(T) == typeof(float))
        {
            ref var singles = ref Unsafe.As<Plan<T>, Plan<float>>(ref plan);
            if (Avx512F.IsSupported)
            {
                TTask.Run<Vector512<float>, float, Floats512>(ref singles);
            }
            else if (Avx2.IsSupported && Fma.IsSupported)
            {
                TTask.Run<Vector256<float>, float, Floats256>(ref singles);
            }
            else
            {
                TTask.Run<Vector128<float>, float, Floats128>(ref singles);
            }
        }
        else
        {
            ref var doubles = ref Unsafe.As<Plan<T>, Plan<double>>(ref plan);
            if (Avx512F.IsSupported)
            {
                TTask.Run<Vector512<double>, double, Doubles512>(ref doubles);
            }
            else if (Avx2.IsSupported && Fma.IsSupported)
            {
                TTask.Run<Vector256<double>, double, Doubles256>(ref doubles);
            }
            else
            {
                TTask.Run<Vector128<double>, double, Doubles128>(ref doubles);
            }
        }
    }

    private interface ITask
    {
        static abstract void Run<V, T, I>(ref Plan<T> plan)
            where V : struct
            where T : unmanaged, System.Numerics.INumber<T>
            where I : IRegister<V, T>;
    }

    private readonly struct Packer : ITask
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V, T, I>(ref Plan<T> plan)
            where V : struct
            where T : unmanaged, System.Numerics.INumber<T>
            where I : IRegister<V, T>
        {
            for (var panel = 0; panel < Blocks<V, T, I>.PanelCount(plan.Columns); panel++)
            {
                if (plan.Panels == Panels.Transposed)
                {
                    Blocks<V, T, I>.Prepare(plan, plan.B, panel, plan.C);
                    continue;
                }

                var first = panel * 2 * I.Lanes;
                var width = Blocks<V, T, I>.Width(plan.Columns, panel) * I.Lanes;
                Packing<V, T, I>.Copy(
                    plan.B + first, plan.BRow, plan.Inner, Math.Min(width, plan.Columns - first), plan.C + (nint)first * plan.Inner, width);
            }
        }
    }

    private readonly struct Multiplier : ITask
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static void Run<V, T, I>(ref Plan<T> plan)
            where V : struct
            where T : unmanaged, System.Numerics.INumber<T>
            where I : IRegister<V, T>
            => Driver<V, T, I>.RunPacked(ref plan);
    }
}
