using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Backprop.Kernels.Products;

namespace Backprop.Benchmarks.Products;

/// <summary>The most multiply-adds a core can do: sums in registers that nothing keeps waiting.</summary>
internal static unsafe class FmaPeak
{
    /// <summary>Floating-point operations of one <see cref="Run"/>.</summary>
    public static double Flops => 2.0 * Sums * Steps * Lanes;

    private const int Sums = 12;
    private const int Steps = 20_000;

    private static int Lanes
        => Avx512F.IsSupported ? Vector512<float>.Count : Avx2.IsSupported ? Vector256<float>.Count : Vector128<float>.Count;

    /// <summary>Runs the multiply-adds in the widest registers that the library uses.</summary>
    public static void Run()
    {
        var sink = stackalloc float[16];
        if (Avx512F.IsSupported)
        {
            Loop<Vector512<float>, Floats512>(sink);
        }
        else if (Avx2.IsSupported && Fma.IsSupported)
        {
            Loop<Vector256<float>, Floats256>(sink);
        }
        else
        {
            Loop<Vector128<float>, Floats128>(sink);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Loop<V, I>(float* sink)
        where V : struct
        where I : IRegister<V, float>
    {
        V x = I.Broadcast(0.5f), y = I.Broadcast(0.25f);
        V s0 = I.Zero, s1 = I.Zero, s2 = I.Zero, s3 = I.Zero, s4 = I.Zero, s5 = I.Zero;
        V s6 = I.Zero, s7 = I.Zero, s8 = I.Zero, s9 = I.Zero, s10 = I.Zero, s11 = I.Zero;
        for (var step = 0; step < Steps; step++)
        {
            s0 = I.MultiplyAdd(x, y, s0); s1 = I.MultiplyAdd(x, y, s1); s2 = I.MultiplyAdd(x, y, s2); s3 = I.MultiplyAdd(x, y, s3);
            s4 = I.MultiplyAdd(x, y, s4); s5 = I.MultiplyAdd(x, y, s5); s6 = I.MultiplyAdd(x, y, s6); s7 = I.MultiplyAdd(x, y, s7);
            s8 = I.MultiplyAdd(x, y, s8); s9 = I.MultiplyAdd(x, y, s9); s10 = I.MultiplyAdd(x, y, s10); s11 = I.MultiplyAdd(x, y, s11);
        }

        s0 = I.Add(I.Add(I.Add(s0, s1), I.Add(s2, s3)), I.Add(I.Add(s4, s5), I.Add(s6, s7)));
        I.Store(sink, I.Add(s0, I.Add(I.Add(s8, s9), I.Add(s10, s11))));
    }
}
