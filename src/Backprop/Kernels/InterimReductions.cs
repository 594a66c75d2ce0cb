using System.Numerics;

namespace Backprop.Kernels;

internal static unsafe class InterimReductions
{
    public static void Sum<T>(T* source, T* destination, nint outer, nint reduce, nint inner, bool accumulate)
        where T : unmanaged, INumber<T>
    {
        for (nint o = 0; o < outer; o++)
        {
            for (nint i = 0; i < inner; i++)
            {
                var sum = accumulate ? destination[(o * inner) + i] : T.Zero;
                for (nint r = 0; r < reduce; r++)
                {
                    sum += source[(((o * reduce) + r) * inner) + i];
                }

                destination[(o * inner) + i] = sum;
            }
        }
    }

    public static void Extreme<T>(T* source, T* destination, nint outer, nint reduce, nint inner, bool max)
        where T : unmanaged, INumber<T>
    {
        for (nint o = 0; o < outer; o++)
        {
            for (nint i = 0; i < inner; i++)
            {
                var best = source[(o * reduce * inner) + i];
                for (nint r = 1; r < reduce; r++)
                {
                    var x = source[(((o * reduce) + r) * inner) + i];
                    best = max ? T.Max(best, x) : T.Min(best, x);
                }

                destination[(o * inner) + i] = best;
            }
        }
    }

    public static void ArgExtreme<T>(T* source, long* destination, nint outer, nint reduce, nint inner, bool max)
        where T : unmanaged, INumber<T>
    {
        for (nint o = 0; o < outer; o++)
        {
            for (nint i = 0; i < inner; i++)
            {
                var best = source[(o * reduce * inner) + i];
                long at = 0;
                for (nint r = 1; r < reduce; r++)
                {
                    var x = source[(((o * reduce) + r) * inner) + i];
                    if (!T.IsNaN(best) && (T.IsNaN(x) || (max ? x > best : x < best)))
                    {
                        best = x;
                        at = r;
                    }
                }

                destination[(o * inner) + i] = at;
            }
        }
    }
}
