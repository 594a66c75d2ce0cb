using System.Numerics;
using System.Runtime.CompilerServices;

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
        Packer<T> task = default;
        ref var plan = ref task.Plan;
        (plan.Columns, plan.Inner, plan.BRow) = (n, k, bRow);
        plan.B = b;
        plan.Panels = transposed ? Panels.Transposed : Panels.Copied;
        plan.C = panels;
        Dispatch.Run<T, Packer<T>>(ref task);
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

        Multiplier<T> task = default;
        ref var plan = ref task.Plan;
        (plan.Rows, plan.Columns, plan.Inner, plan.Batch) = (m, n, k, 1);
        (plan.ARow, plan.AStep, plan.CRow) = (aRow, 1, cRow);
        plan.A = a;
        plan.B = panels;
        plan.C = c;
        plan.Bias = bias;
        plan.Accumulate = accumulate;
        plan.Panels = Panels.Prepared;
        Dispatch.Run<T, Multiplier<T>>(ref task);
    }

    private struct Packer<TElement> : IRegisterTask
        where TElement : unmanaged
    {
        public Plan<TElement> Plan;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<V, T, I>()
            where V : struct
            where T : unmanaged, INumber<T>
            where I : IRegister<V, T>
        {
            ref var plan = ref Unsafe.As<Plan<TElement>, Plan<T>>(ref Plan);
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

    private struct Multiplier<TElement> : IRegisterTask
        where TElement : unmanaged
    {
        public Plan<TElement> Plan;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<V, T, I>()
            where V : struct
            where T : unmanaged, INumber<T>
            where I : IRegister<V, T>
            => Driver<V, T, I>.RunPacked(ref Unsafe.As<Plan<TElement>, Plan<T>>(ref Plan));
    }
}
