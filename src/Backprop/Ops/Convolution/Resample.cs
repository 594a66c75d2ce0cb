using Backprop.Kernels;

namespace Backprop.Ops;

/// <summary>A sparse matrix along one axis: y[…, r, …] = Σ weight[r, s] x[…, s, …]. The gradient is the transposed matrix along the same axis.</summary>
internal sealed unsafe class Resample(SparseRows rows, int axis) : Op
{
    public override string Name => "interpolate";

    public override string Describe() => FormattableString.Invariant($"{Name}(axis={axis}, {rows.Size} → {rows.Count})");

    protected internal override ResultSpec Infer(in Operands inputs)
    {
        var sizes = inputs[0].Shape.ToArray();
        sizes[axis] = rows.Count;
        return new ResultSpec(Layout.Contiguous(Name, sizes), inputs[0].DType);
    }

    protected internal override void Compute(in Operands inputs, Tensor output)
    {
        var x = inputs[0].Dense();
        if (output.Count == 0)
        {
            return;
        }

        nint outer = 1, inner = 1;
        for (var i = 0; i < x.Rank; i++)
        {
            (outer, inner) = (outer * (i < axis ? x.Shape[i] : 1), inner * (i > axis ? x.Shape[i] : 1));
        }

        fixed (byte* from = x.Bytes(), to = output.Bytes())
        {
            if (output.DType == DType.Float32)
            {
                Resampling.Apply(rows, (float*)from, (float*)to, outer, inner);
            }
            else
            {
                Resampling.Apply(rows, (double*)from, (double*)to, outer, inner);
            }
        }
    }

    protected internal override Saved Saves(int needs) => Saved.None;

    protected internal override void Differentiate(Adjoint adjoint) =>
        adjoint.Give(0, new Resample(rows.Transpose(), axis).Run(new Operands(adjoint.Gradient)));

    internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) =>
        2.0 * output.Count * rows.Index.Length / Math.Max(rows.Count, 1);
}
