using System.Runtime.Intrinsics;
using Backprop.Kernels;

namespace Backprop.Ops;

/// <summary>Copies and sums from one tensor into another that it broadcasts to. Unrecorded and unchecked.</summary>
internal static class Transfer
{
    public static void Copy(Tensor from, Tensor to)
    {
        switch (to.DType.Size())
        {
            case 4: Launch.Run(default(CopyRun<int>), to, from); break;
            case 2: Launch.Run(default(CopyRun<short>), to, from); break;
            case 8: Launch.Run(default(CopyRun<long>), to, from); break;
            default: Launch.Run(default(CopyRun<byte>), to, from); break;
        }
    }

    public static void Add(Tensor from, Tensor to)
    {
        switch (to.DType)
        {
            case DType.Float32 when Vector512.IsHardwareAccelerated: Launch.Run(default(AddToRun<Lanes512<float>, float>), to, from); break;
            case DType.Float32: Launch.Run(default(AddToRun<Lanes256<float>, float>), to, from); break;
            case DType.Float64 when Vector512.IsHardwareAccelerated: Launch.Run(default(AddToRun<Lanes512<double>, double>), to, from); break;
            case DType.Float64: Launch.Run(default(AddToRun<Lanes256<double>, double>), to, from); break;
            case DType.Int32: Launch.Run(default(AddToRun<Integer<int>, int>), to, from); break;
            case DType.Int64: Launch.Run(default(AddToRun<Integer<long>, long>), to, from); break;
            case DType.BFloat16 or DType.Float16: Sixteen.Add(from, to); break;
            default: throw Error.DType("accumulate", to.DType, "use a numeric dtype.");
        }
    }
}
