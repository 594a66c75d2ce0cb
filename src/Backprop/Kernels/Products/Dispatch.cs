using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Backprop.Kernels.Products;

/// <summary>Work that is one source for all instructions and element types. A struct, so that choosing among them compiles to a plain call.</summary>
internal interface IRegisterTask
{
    /// <summary>Does the work with registers <typeparamref name="V"/> of elements <typeparamref name="T"/>.</summary>
    void Run<V, T, I>()
        where V : struct
        where T : unmanaged, INumber<T>
        where I : IRegister<V, T>;
}

/// <summary>The one place where instructions meet element types.</summary>
internal static class Dispatch
{
    /// <summary>Runs a task for elements <typeparamref name="T"/> with the fastest instructions of this processor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<T, TTask>(ref TTask task)
        where T : unmanaged
        where TTask : struct, IRegisterTask
        => Run<T, TTask>(MatrixProduct.Best, ref task);

    /// <summary>The same with chosen instructions; what the processor lacks falls back to portable code.</summary>
    /// <exception cref="NotSupportedException">T is neither float nor double.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<T, TTask>(Instructions instructions, ref TTask task)
        where T : unmanaged
        where TTask : struct, IRegisterTask
    {
        var wide = Avx512F.IsSupported && instructions == Instructions.Avx512;
        var middle = Avx2.IsSupported && Fma.IsSupported && instructions == Instructions.Avx2;
        if (typeof(T) == typeof(float))
        {
            if (wide)
            {
                task.Run<Vector512<float>, float, Floats512>();
            }
            else if (middle)
            {
                task.Run<Vector256<float>, float, Floats256>();
            }
            else
            {
                task.Run<Vector128<float>, float, Floats128>();
            }
        }
        else if (typeof(T) == typeof(double))
        {
            if (wide)
            {
                task.Run<Vector512<double>, double, Doubles512>();
            }
            else if (middle)
            {
                task.Run<Vector256<double>, double, Doubles256>();
            }
            else
            {
                task.Run<Vector128<double>, double, Doubles128>();
            }
        }
        else
        {
            throw new NotSupportedException($"matmul: no product of {typeof(T).Name} matrices.");
        }
    }
}
