namespace Backprop.Ops;

/// <summary>A fused operation from rows of the last axis to rows of the same length, whose gradient is a matter of result and upstream gradient.</summary>
internal abstract unsafe class RowOp : FusedOp
{
    protected internal sealed override ResultSpec Infer(in Operands inputs)
    {
        LastAxis.Check(Name, inputs[0]);
        return ResultSpec.Like(inputs[0]);
    }

    protected internal sealed override void Compute(in Operands inputs, Tensor output)
    {
        var (rows, columns) = LastAxis.Rows(output);
        fixed (byte* x = inputs[0].Dense().Bytes(), y = output.Bytes())
        {
            if (output.DType == DType.Float32)
            {
                Forward((float*)x, (float*)y, rows, columns);
            }
            else
            {
                Forward((double*)x, (double*)y, rows, columns);
            }
        }
    }

    protected internal sealed override Saved Saves(int needs) => Saved.Input0 | Saved.Output;

    protected internal sealed override void ComputeGradients(Adjoint adjoint)
    {
        var g = adjoint.Gradient.Dense();
        var (rows, columns) = LastAxis.Rows(g);
        var target = adjoint.Buffer(0, out var accumulate);
        fixed (byte* y = adjoint.Output.Bytes(), pg = g.Bytes(), dx = target.Bytes())
        {
            if (g.DType == DType.Float32)
            {
                Backward((float*)y, (float*)pg, (float*)dx, rows, columns, accumulate);
            }
            else
            {
                Backward((double*)y, (double*)pg, (double*)dx, rows, columns, accumulate);
            }
        }
    }

    internal sealed override void DifferentiatePerSample(SampleAdjoint adjoint)
    {
        if (adjoint.IsAlong(adjoint.Gradient.Rank - 1, out var axis))
        {
            adjoint.Along(axis);
        }
        else
        {
            base.DifferentiatePerSample(adjoint);
        }
    }

    /// <summary>y from x, both [rows, columns].</summary>
    protected abstract void Forward<T>(T* x, T* y, int rows, int columns)
        where T : unmanaged;

    /// <summary>dx (+)= what y and its gradient g make of it.</summary>
    protected abstract void Backward<T>(T* y, T* g, T* dx, int rows, int columns, bool accumulate)
        where T : unmanaged;
}
