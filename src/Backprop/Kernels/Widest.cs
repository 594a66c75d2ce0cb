using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Backprop.Kernels;

/// <summary>A kernel over float or double, whatever the width of the registers.</summary>
internal interface IWidthTask
{
    /// <summary>Does the work with registers <typeparamref name="N"/> of <typeparamref name="T"/>.</summary>
    void Run<N, T>()
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>;
}

/// <summary>Chooses the widest registers that the processor has.</summary>
internal static class Widest
{
    /// <summary>Runs a kernel.</summary>
    /// <param name="task">The kernel with its operands.</param>
    /// <param name="single">Whether they are float; else double.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TTask>(TTask task, bool single)
        where TTask : struct, IWidthTask
    {
        if (single)
        {
            if (Vector512.IsHardwareAccelerated)
            {
                task.Run<Lanes512<float>, float>();
            }
            else
            {
                task.Run<Lanes256<float>, float>();
            }
        }
        else if (Vector512.IsHardwareAccelerated)
        {
            task.Run<Lanes512<double>, double>();
        }
        else
        {
            task.Run<Lanes256<double>, double>();
        }
    }
}
