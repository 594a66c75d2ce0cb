using Backprop.Kernels;

namespace Backprop.Ops;

/// <summary>A normalisation of rows, which are some last axes merged, with a weight and a bias in the shape of a row that may be missing.</summary>
internal abstract unsafe class RowNorm(int axes, double epsilon, bool hasWeight, bool hasBias, bool centered) : FusedOp
{
    /// <summary>Added to the variance or the mean square.</summary>
    protected double Epsilon => epsilon;

    public sealed override string Describe() => FormattableString.Invariant($"{Name}(axes {axes}, ε {epsilon})");

    protected internal sealed override Tensor Definition(in Operands inputs)
    {
        var last = new int[axes];
        for (var i = 0; i < axes; i++)
        {
            last[i] = i - axes;
        }

        var y = Normalized(inputs[0], last);
        y = hasWeight ? y * inputs[1] : y;
        return hasBias ? y + inputs[^1] : y;
    }

    /// <summary>x normalised over some axes, from ordinary operations.</summary>
    protected abstract Tensor Normalized(Tensor x, int[] over);

    protected internal sealed override ResultSpec Infer(in Operands inputs)
    {
        var x = inputs[0];
        NormChecks.Type(Name, x);
        for (var i = 1; i < inputs.Count; i++)
        {
            NormChecks.Companion(Name, i == 1 && hasWeight ? "weight" : "bias", x, inputs[i], x.Shape[^axes..]);
        }

        return ResultSpec.Like(x);
    }

    protected internal sealed override void Compute(in Operands inputs, Tensor output)
    {
        if (output.Count == 0)
        {
            return;
        }

        var weight = hasWeight ? inputs[1].Dense() : null;
        var bias = hasBias ? inputs[^1].Dense() : null;
        fixed (byte* x = inputs[0].Dense().Bytes(), w = BytesOf(weight), b = BytesOf(bias), y = output.Bytes())
        {
            var operands = Shaped(output) with { X = x, Weight = w, Bias = b, Y = y };
            Widest.Run(new RowNormForward(operands), output.DType == DType.Float32);
        }
    }

    internal sealed override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => (centered ? 8.0 : 5.0) * output.Count;

    protected internal sealed override Saved Saves(int needs) => Saved.Inputs;

    protected internal sealed override void ComputeGradients(Adjoint adjoint)
    {
        var g = adjoint.Gradient.Dense();
        var (weightAt, biasAt) = (1, adjoint.InputCount - 1);
        bool addX = false, addWeight = false, addBias = false;
        var dx = adjoint.Needs(0) ? adjoint.Buffer(0, out addX) : null;
        var dw = hasWeight && adjoint.Needs(weightAt) ? adjoint.Buffer(weightAt, out addWeight) : null;
        var db = hasBias && adjoint.Needs(biasAt) ? adjoint.Buffer(biasAt, out addBias) : null;
        if (g.Count == 0)
        {
            Clear(dw, addWeight);
            Clear(db, addBias);
            return;
        }

        var weight = hasWeight ? adjoint.Input(1).Dense() : null;
        fixed (byte* x = adjoint.Input(0).Dense().Bytes(), w = BytesOf(weight), pg = g.Bytes(), px = BytesOf(dx), pw = BytesOf(dw), pb = BytesOf(db))
        {
            var operands = Shaped(g) with
            {
                X = x,
                Weight = w,
                G = pg,
                Dx = px,
                DWeight = pw,
                DBias = pb,
                Accumulate = addX,
                AccumulateWeight = addWeight,
                AccumulateBias = addBias,
            };
            Widest.Run(new RowNormGradient(operands), g.DType == DType.Float32);
        }
    }

    /// <summary>Refuses row shapes that are not the last axes of x.</summary>
    public static void CheckShape(string operation, Tensor x, ReadOnlySpan<int> shape, double epsilon)
    {
        NormChecks.Type(operation, x);
        NormChecks.Epsilon(operation, epsilon);
        if (shape.IsEmpty || shape.Length > x.Rank || !x.Shape[^shape.Length..].SequenceEqual(shape))
        {
            throw Error.Shape(operation, $"the normalised shape {Error.Text(shape)} must be the last axes of x {Error.Text(x.Shape)}.");
        }
    }

    private static void Clear(Tensor? buffer, bool accumulate)
    {
        if (buffer is not null && !accumulate)
        {
            buffer.Bytes().Clear();
        }
    }

    private static Span<byte> BytesOf(Tensor? tensor) => tensor is null ? [] : tensor.Bytes();

    private RowNormOperands Shaped(Tensor like)
    {
        var columns = Layout.CheckedCount(Name, like.Shape[^axes..]);
        return new RowNormOperands(like.Count / columns, columns, epsilon, centered);
    }
}
