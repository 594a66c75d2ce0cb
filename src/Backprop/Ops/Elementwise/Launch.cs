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
            var alike = LieAlike(output, a, b, c, d);
            if (alike && output.Count <= ElementwiseLoop.BlockElements)
            {
                // The usual way of small tensors: no plan is made.
                var operands = stackalloc byte*[5];
                operands[0] = p0 + Start(output);
                operands[1] = p1 + Start(a);
                operands[2] = b is null ? null : p2 + Start(b);
                operands[3] = c is null ? null : p3 + Start(c);
                operands[4] = d is null ? null : p4 + Start(d);
                run.Run(operands, output.Count);
                return;
            }

            Unsafe.SkipInit(out StridedPlan plan);
            plan.Operands = 0;
            if (alike)
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
            plan.Coalesce(keepsOrder: run is IWritesStates);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Start(Tensor tensor) => (nint)tensor.Layout.Offset * tensor.DType.Size();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool LieAlike(Tensor output, Tensor a, Tensor? b, Tensor? c, Tensor? d) =>
        (output.Layout.IsContiguous || output.Layout.IsChannelsLast) && Alike(output, a) && Alike(output, b) && Alike(output, c) && Alike(output, d);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Alike(Tensor output, Tensor? other) =>
        other is null || ReferenceEquals(output.Layout, other.Layout) || output.Layout.LiesLike(other.Layout);

    private static void AddDense(ref StridedPlan plan, byte* first, Tensor? tensor)
    {
        if (tensor is not null)
        {
            var size = tensor.DType.Size();
            plan.ElementSizes[plan.Operands] = size;
            plan.Pointers[plan.Operands] = (long)(first + Start(tensor));
            plan.Operands++;
        }
    }

    private static void Add(ref StridedPlan plan, byte* first, Tensor? tensor)
    {
        if (tensor is not null)
        {
            var size = tensor.DType.Size();
            plan.Add(first + Start(tensor), size, tensor.Layout.Sizes, tensor.Layout.Strides);
        }
    }
}
