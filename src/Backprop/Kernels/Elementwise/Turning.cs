using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Backprop.Kernels.Products;

namespace Backprop.Kernels;

/// <summary>Turns small matrices, squares of them in registers.</summary>
internal static unsafe class Turning
{
    /// <summary>to[i, j] = from[j, i] for i &lt; <paramref name="width"/> and j &lt; <paramref name="height"/>, elements being bits.</summary>
    /// <param name="from">Rows of <paramref name="width"/> neighbouring elements.</param>
    /// <param name="fromRow">Bytes from one to the next.</param>
    /// <param name="to">Rows of <paramref name="height"/> neighbouring elements, apart from the source.</param>
    /// <param name="toRow">Bytes from one to the next.</param>
    /// <param name="width">Elements of a row of the source.</param>
    /// <param name="height">Rows of the source.</param>
    /// <param name="size">Bytes of an element: 1, 2, 4 or 8.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Turn(byte* from, nint fromRow, byte* to, nint toRow, int width, int height, int size)
    {
        switch (size)
        {
            case 4 when Vector512.IsHardwareAccelerated && Math.Min(width, height) >= 16:
                Squares<Vector512<float>, float, Floats512>((float*)from, fromRow / 4, (float*)to, toRow / 4, width, height);
                break;
            case 8 when Vector512.IsHardwareAccelerated && Math.Min(width, height) >= 8:
                Squares<Vector512<double>, double, Doubles512>((double*)from, fromRow / 8, (double*)to, toRow / 8, width, height);
                break;
            case 4 when Avx2.IsSupported && Math.Min(width, height) >= 8:
                Squares<Vector256<float>, float, Floats256>((float*)from, fromRow / 4, (float*)to, toRow / 4, width, height);
                break;
            case 8 when Avx2.IsSupported && Math.Min(width, height) >= 4:
                Squares<Vector256<double>, double, Doubles256>((double*)from, fromRow / 8, (double*)to, toRow / 8, width, height);
                break;
            case 8: One((long*)from, fromRow / 8, (long*)to, toRow / 8, width, height); break;
            case 4: One((int*)from, fromRow / 4, (int*)to, toRow / 4, width, height); break;
            case 2: One((short*)from, fromRow / 2, (short*)to, toRow / 2, width, height); break;
            default: One(from, fromRow, to, toRow, width, height); break;
        }
    }

    /// <summary>By squares as wide as a register; the last ones overlap those before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Squares<V, T, I>(T* from, nint fromRow, T* to, nint toRow, int width, int height)
        where V : struct
        where T : unmanaged
        where I : IRegister<V, T>
    {
        for (var j = 0; j < height; j += I.Lanes)
        {
            j = Math.Min(j, height - I.Lanes);
            for (var i = 0; i < width; i += I.Lanes)
            {
                i = Math.Min(i, width - I.Lanes);
                var target = to + (i * toRow) + j;
                if (Sse.IsSupported)
                {
                    // The lines of the next square, which lie far apart, come while this one is turned.
                    for (var k = I.Lanes; k < 2 * I.Lanes; k++)
                    {
                        Sse.Prefetch0(target + (k * toRow));
                    }
                }

                I.Transpose(from + (j * fromRow) + i, fromRow, target, toRow);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One<T>(T* from, nint fromRow, T* to, nint toRow, int width, int height)
        where T : unmanaged
    {
        for (var i = 0; i < width; i++, from++, to += toRow)
        {
            var source = from;
            for (var j = 0; j < height; j++, source += fromRow)
            {
                to[j] = *source;
            }
        }
    }
}
