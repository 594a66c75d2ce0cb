using System.Runtime.CompilerServices;
using Backprop.Kernels;

namespace Backprop.Ops;

/// <summary>Hands tensors to the elementwise loop: pins them, and chooses between the contiguous and the strided walk.</summary>
internal static unsafe class Launch
{
    /// <summary>Runs over operands broadcast to the shape of <paramref name="output"/>.</summary>
    public static void Run<TRun>(TRun run, Tensor output, Tensor a, Tensor? b = null, Tensor? c = null, Tensor? d = null)
        where TRun : struct, IRun
    {
        fixed (byte* p0 = &output.Storage.First(), p1 = &a.Storage.First())
        fixed (byte* p2 = &First(b), p3 = &First(c), p4 = &First(d))
        {
            Unsafe.SkipInit(out StridedPlan plan);
            plan.Operands = 0;
            if (LieAlike(output, a, b, c, d))
            {
                AddDense(ref plan, p0, output);
                AddDense(ref plan, p1, a);
                AddDense(ref plan, p2, b);
                AddDense(ref plan, p3, c);
                AddDense(ref plan, p4, d);
                ElementwiseLoop.Contiguous(run, ref plan, output.Count);
                return;
            }

            plan = new StridedPlan(output.Shape);
            Add(ref plan, p0, output);
            Add(ref plan, p1, a);
            Add(ref plan, p2, b);
            Add(ref plan, p3, c);
            Add(ref plan, p4, d);
            plan.Coalesce();
            ElementwiseLoop.Strided(run, ref plan);
        }
    }

    private static ref byte First(Tensor? tensor)
    {
        if (tensor is null)
        {
            return ref Unsafe.NullRef<byte>();
        }

        return ref tensor.Storage.First();
    }

    private static bool LieAlike(Tensor output, Tensor a, Tensor? b, Tensor? c, Tensor? d) =>
        (output.Layout.IsContiguous || output.Layout.IsChannelsLast) && Alike(output, a) && Alike(output, b) && Alike(output, c) && Alike(output, d);

    private static bool Alike(Tensor output, Tensor? other) =>
        other is null || ReferenceEquals(output.Layout, other.Layout) || output.Layout.LiesLike(other.Layout);

    private static void AddDense(ref StridedPlan plan, byte* first, Tensor? tensor)
    {
        if (tensor is not null)
        {
            var size = tensor.DType.Size();
            plan.ElementSizes[plan.Operands] = size;
            plan.Pointers[plan.Operands] = (long)(first + ((long)tensor.Layout.Offset * size));
            plan.Operands++;
        }
    }

    private static void Add(ref StridedPlan plan, byte* first, Tensor? tensor)
    {
        if (tensor is not null)
        {
            var size = tensor.DType.Size();
            plan.Add(first + ((long)tensor.Layout.Offset * size), size, tensor.Layout.Sizes, tensor.Layout.Strides);
        }
    }
}
