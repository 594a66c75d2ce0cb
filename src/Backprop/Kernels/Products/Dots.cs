using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Products;

/// <summary>Products whose operands both run along the inner dimension, as dot products: nothing is packed.</summary>
internal static unsafe class Dots<V, T, I>
    where V : struct
    where T : unmanaged, INumber<T>
    where I : IRegister<V, T>
{
    /// <summary>c[i] = a · row i of b (+ c[i]) (+ bias[i]), i &lt; columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void One(
        int columns, int inner, T* a, T* b, nint bRow, T* c, nint cStep, bool accumulate, T* bias, nint biasStep, bool relu)
    {
        var results = stackalloc T[4];
        var whole = inner - inner % I.Lanes;
        var mask = I.Mask(0, inner - whole);
        for (var j = 0; j < columns; j += 4)
        {
            var count = Math.Min(4, columns - j);
            T* b0 = b + j * bRow, b1 = count > 1 ? b0 + bRow : b0, b2 = count > 2 ? b1 + bRow : b0, b3 = count > 3 ? b2 + bRow : b0;
            V s0 = I.Zero, s1 = I.Zero, s2 = I.Zero, s3 = I.Zero, t0 = I.Zero, t1 = I.Zero, t2 = I.Zero, t3 = I.Zero;
            nint p = 0;
            for (; p < whole - I.Lanes; p += 2 * I.Lanes)
            {
                var x = I.Load(a + p);
                s0 = I.MultiplyAdd(x, I.Load(b0 + p), s0);
                s1 = I.MultiplyAdd(x, I.Load(b1 + p), s1);
                s2 = I.MultiplyAdd(x, I.Load(b2 + p), s2);
                s3 = I.MultiplyAdd(x, I.Load(b3 + p), s3);
                x = I.Load(a + p + I.Lanes);
                t0 = I.MultiplyAdd(x, I.Load(b0 + p + I.Lanes), t0);
                t1 = I.MultiplyAdd(x, I.Load(b1 + p + I.Lanes), t1);
                t2 = I.MultiplyAdd(x, I.Load(b2 + p + I.Lanes), t2);
                t3 = I.MultiplyAdd(x, I.Load(b3 + p + I.Lanes), t3);
            }

            if (p < whole)
            {
                var x = I.Load(a + p);
                s0 = I.MultiplyAdd(x, I.Load(b0 + p), s0);
                s1 = I.MultiplyAdd(x, I.Load(b1 + p), s1);
                s2 = I.MultiplyAdd(x, I.Load(b2 + p), s2);
                s3 = I.MultiplyAdd(x, I.Load(b3 + p), s3);
            }

            if (whole < inner)
            {
                var x = I.Load(a + whole, mask);
                t0 = I.MultiplyAdd(x, I.Load(b0 + whole, mask), t0);
                t1 = I.MultiplyAdd(x, I.Load(b1 + whole, mask), t1);
                t2 = I.MultiplyAdd(x, I.Load(b2 + whole, mask), t2);
                t3 = I.MultiplyAdd(x, I.Load(b3 + whole, mask), t3);
            }

            results[0] = I.Sum(I.Add(s0, t0));
            results[1] = I.Sum(I.Add(s1, t1));
            results[2] = I.Sum(I.Add(s2, t2));
            results[3] = I.Sum(I.Add(s3, t3));
            for (var i = 0; i < count; i++)
            {
                var to = c + (j + i) * cStep;
                var value = results[i];
                value = accumulate ? value + *to : value;
                value = bias != null ? value + bias[(j + i) * biasStep] : value;
                *to = relu && value < T.Zero ? T.Zero : value;
            }
        }
    }
}
