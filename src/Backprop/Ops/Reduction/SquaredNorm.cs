using Kernel = Backprop.Kernels.SquaredNorm;

namespace Backprop.Ops;

/// <summary>Σ x² over all elements, as a plain number; not recorded.</summary>
internal static unsafe class SquaredNorm
{
    public static double Of(Tensor x)
    {
        x.CheckAlive();
        x = Sixteen.Widen(x).Dense();
        fixed (byte* first = &x.Storage.First())
        {
            return x.DType == DType.Float32
                ? Kernel.Of((float*)first + x.Layout.Offset, x.Count)
                : Kernel.Of((double*)first + x.Layout.Offset, x.Count);
        }
    }
}
