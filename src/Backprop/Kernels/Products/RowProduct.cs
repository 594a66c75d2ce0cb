using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Products;

/// <summary>One row times a matrix, c = Start + a · B: eight registers of c at a time while the rows of B pass by.</summary>
internal static unsafe class RowProduct<V, T, I>
    where V : struct
    where T : unmanaged
    where I : IRegister<V, T>
{
    /// <summary>Computes one block of a plan with one row: a stretch of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in Plan<T> plan, int block)
    {
        var matrix = block / plan.ColumnBlocks;
        block -= matrix * plan.ColumnBlocks;
        var groups = (plan.Columns + 8 * I.Lanes - 1) / (8 * I.Lanes);
        var j = (int)((long)groups * block / plan.ColumnBlocks) * 8 * I.Lanes;
        var end = Math.Min(plan.Columns, (int)((long)groups * (block + 1) / plan.ColumnBlocks) * 8 * I.Lanes);

        var a = plan.A + matrix * plan.AMatrix;
        var b = plan.B + matrix * plan.BMatrix;
        var c = plan.C + matrix * plan.CMatrix;
        var start = plan.Accumulate ? c : plan.Bias;
        for (; j <= end - 8 * I.Lanes; j += 8 * I.Lanes)
        {
            Eight(plan.Inner, a, plan.AStep, b + j, plan.BRow, c + j, start == null ? null : start + j, plan.Relu);
        }

        for (; j < end; j += 4 * I.Lanes)
        {
            Four(end - j, plan.Inner, a, plan.AStep, b + j, plan.BRow, c + j, start == null ? null : start + j, plan.Relu);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eight(int inner, T* a, nint aStep, T* b, nint bRow, T* c, T* start, bool relu)
    {
        V c0 = I.Zero, c1 = I.Zero, c2 = I.Zero, c3 = I.Zero, c4 = I.Zero, c5 = I.Zero, c6 = I.Zero, c7 = I.Zero;
        if (start != null)
        {
            c0 = I.Load(start); c1 = I.Load(start + I.Lanes); c2 = I.Load(start + 2 * I.Lanes); c3 = I.Load(start + 3 * I.Lanes);
            start += 4 * I.Lanes;
            c4 = I.Load(start); c5 = I.Load(start + I.Lanes); c6 = I.Load(start + 2 * I.Lanes); c7 = I.Load(start + 3 * I.Lanes);
        }

        for (var p = inner; p > 0; p--)
        {
            var x = I.Broadcast(*a);
            c0 = I.MultiplyAdd(x, I.Load(b), c0);
            c1 = I.MultiplyAdd(x, I.Load(b + I.Lanes), c1);
            c2 = I.MultiplyAdd(x, I.Load(b + 2 * I.Lanes), c2);
            c3 = I.MultiplyAdd(x, I.Load(b + 3 * I.Lanes), c3);
            c4 = I.MultiplyAdd(x, I.Load(b + 4 * I.Lanes), c4);
            c5 = I.MultiplyAdd(x, I.Load(b + 5 * I.Lanes), c5);
            c6 = I.MultiplyAdd(x, I.Load(b + 6 * I.Lanes), c6);
            c7 = I.MultiplyAdd(x, I.Load(b + 7 * I.Lanes), c7);
            a += aStep;
            b += bRow;
        }

        if (relu)
        {
            c0 = I.Relu(c0); c1 = I.Relu(c1); c2 = I.Relu(c2); c3 = I.Relu(c3);
            c4 = I.Relu(c4); c5 = I.Relu(c5); c6 = I.Relu(c6); c7 = I.Relu(c7);
        }

        I.Store(c, c0); I.Store(c + I.Lanes, c1); I.Store(c + 2 * I.Lanes, c2); I.Store(c + 3 * I.Lanes, c3);
        c += 4 * I.Lanes;
        I.Store(c, c4); I.Store(c + I.Lanes, c5); I.Store(c + 2 * I.Lanes, c6); I.Store(c + 3 * I.Lanes, c7);
    }

    /// <summary>Up to four registers, masked; even and odd steps apart, so that eight sums are under way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four(int columns, int inner, T* a, nint aStep, T* b, nint bRow, T* c, T* start, bool relu)
    {
        V m0 = I.Mask(0, columns), m1 = I.Mask(0, columns - I.Lanes);
        V m2 = I.Mask(0, columns - 2 * I.Lanes), m3 = I.Mask(0, columns - 3 * I.Lanes);
        V c0 = I.Zero, c1 = I.Zero, c2 = I.Zero, c3 = I.Zero, d0 = I.Zero, d1 = I.Zero, d2 = I.Zero, d3 = I.Zero;
        if (start != null)
        {
            c0 = I.Load(start, m0);
            c1 = I.Load(start + I.Lanes, m1);
            c2 = I.Load(start + 2 * I.Lanes, m2);
            c3 = I.Load(start + 3 * I.Lanes, m3);
        }

        var p = inner;
        for (; p > 1; p -= 2)
        {
            V x = I.Broadcast(*a), y = I.Broadcast(a[aStep]);
            c0 = I.MultiplyAdd(x, I.Load(b, m0), c0);
            c1 = I.MultiplyAdd(x, I.Load(b + I.Lanes, m1), c1);
            c2 = I.MultiplyAdd(x, I.Load(b + 2 * I.Lanes, m2), c2);
            c3 = I.MultiplyAdd(x, I.Load(b + 3 * I.Lanes, m3), c3);
            b += bRow;
            d0 = I.MultiplyAdd(y, I.Load(b, m0), d0);
            d1 = I.MultiplyAdd(y, I.Load(b + I.Lanes, m1), d1);
            d2 = I.MultiplyAdd(y, I.Load(b + 2 * I.Lanes, m2), d2);
            d3 = I.MultiplyAdd(y, I.Load(b + 3 * I.Lanes, m3), d3);
            b += bRow;
            a += 2 * aStep;
        }

        if (p > 0)
        {
            var x = I.Broadcast(*a);
            c0 = I.MultiplyAdd(x, I.Load(b, m0), c0);
            c1 = I.MultiplyAdd(x, I.Load(b + I.Lanes, m1), c1);
            c2 = I.MultiplyAdd(x, I.Load(b + 2 * I.Lanes, m2), c2);
            c3 = I.MultiplyAdd(x, I.Load(b + 3 * I.Lanes, m3), c3);
        }

        c0 = I.Add(c0, d0);
        c1 = I.Add(c1, d1);
        c2 = I.Add(c2, d2);
        c3 = I.Add(c3, d3);
        if (relu)
        {
            c0 = I.Relu(c0);
            c1 = I.Relu(c1);
            c2 = I.Relu(c2);
            c3 = I.Relu(c3);
        }

        I.Store(c, c0, m0);
        I.Store(c + I.Lanes, c1, m1);
        I.Store(c + 2 * I.Lanes, c2, m2);
        I.Store(c + 3 * I.Lanes, c3, m3);
    }
}
