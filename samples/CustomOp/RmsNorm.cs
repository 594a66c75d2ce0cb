using System.Numerics;
using Backprop;

namespace CustomOp;

/// <summary>
/// A fused operation: y = x / √(mean x² + ε) along the last axis (Zhang and Sennrich, Root mean square layer normalization, 2019).
/// The definition says what it is, in tensor operations; the kernels say it again for speed, in one pass without intermediate tensors.
/// First derivatives come from the kernel, higher ones from the definition, and the gradient check holds the one against the other.
/// </summary>
public sealed class RmsNorm : FusedOp
{
    private const double Epsilon = 1e-5;

    private static readonly RmsNorm instance = new();

    public override string Name => "rms_norm";

    public static Tensor Of(Tensor x) => instance.Apply(x);

    protected override Tensor Definition(in Operands inputs)
    {
        var x = inputs[0];
        return x / (x.Square().Mean(axis: -1, keepDimensions: true) + Epsilon).Sqrt();
    }

    protected override ResultSpec Infer(in Operands inputs)
    {
        var x = inputs[0];
        if (x.Rank == 0)
        {
            throw new ShapeException("rms_norm: a scalar has no axis to normalize; the input must be [..., n].");
        }

        if (x.DType is not (DType.Float32 or DType.Float64))
        {
            throw new DTypeException($"rms_norm: the input is {x.DType}; it must be Float32 or Float64.");
        }

        return ResultSpec.Like(x);
    }

    protected override void Compute(in Operands inputs, Tensor output)
    {
        var x = inputs[0].Contiguous();
        if (x.DType == DType.Float32)
        {
            Normalize(x.AsSpan<float>(), output.AsWritableSpan<float>(), x.Shape[^1]);
        }
        else
        {
            Normalize(x.AsSpan<double>(), output.AsWritableSpan<double>(), x.Shape[^1]);
        }
    }

    protected override Saved Saves(int needs) => Saved.Input0;

    protected override void ComputeGradients(Adjoint adjoint)
    {
        var (x, gradient) = (adjoint.Input(0).Contiguous(), adjoint.Gradient.Contiguous());
        var result = Tensor.ZerosLike(x);
        if (x.DType == DType.Float32)
        {
            NormalizeGradient(x.AsSpan<float>(), gradient.AsSpan<float>(), result.AsWritableSpan<float>(), x.Shape[^1]);
        }
        else
        {
            NormalizeGradient(x.AsSpan<double>(), gradient.AsSpan<double>(), result.AsWritableSpan<double>(), x.Shape[^1]);
        }

        adjoint.Add(0, result);
    }

    private static void Normalize<T>(ReadOnlySpan<T> x, Span<T> y, int columns)
        where T : IFloatingPointIeee754<T>
    {
        for (; !x.IsEmpty; x = x[columns..], y = y[columns..])
        {
            var scale = Scale(x[..columns]);
            for (var i = 0; i < columns; i++)
            {
                y[i] = x[i] * scale;
            }
        }
    }

    /// <summary>With r = 1 / √(mean x² + ε) and y = r x: dx = r (dy − y mean(y dy)).</summary>
    private static void NormalizeGradient<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> dy, Span<T> dx, int columns)
        where T : IFloatingPointIeee754<T>
    {
        for (; !x.IsEmpty; x = x[columns..], dy = dy[columns..], dx = dx[columns..])
        {
            var scale = Scale(x[..columns]);
            var mean = scale * Dot(x[..columns], dy[..columns]) / T.CreateChecked(columns);
            for (var i = 0; i < columns; i++)
            {
                dx[i] = scale * (dy[i] - (scale * x[i] * mean));
            }
        }
    }

    private static T Scale<T>(ReadOnlySpan<T> row)
        where T : IFloatingPointIeee754<T> => T.One / T.Sqrt((Dot(row, row) / T.CreateChecked(row.Length)) + T.CreateChecked(Epsilon));

    private static T Dot<T>(ReadOnlySpan<T> a, ReadOnlySpan<T> b)
        where T : IFloatingPointIeee754<T>
    {
        var sum = T.Zero;
        for (var i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
