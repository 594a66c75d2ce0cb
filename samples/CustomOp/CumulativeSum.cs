using System.Numerics;
using Backprop;

namespace CustomOp;

/// <summary>
/// An operation that is not elementwise: y₁ = x₁, y₂ = x₁ + x₂, … along the last axis. x₁ is in every y, x₂ in all but the first, so the
/// gradient of x is the sum of y's gradients from the end: the same operation on the flipped tensor. Being made of operations,
/// the gradient has a gradient.
/// </summary>
public sealed class CumulativeSum : Op
{
    private static readonly CumulativeSum instance = new();

    public override string Name => "cumulative_sum";

    public static Tensor Of(Tensor x) => instance.Apply(x);

    /// <summary>What comes out, and the error where the input doesn't fit.</summary>
    protected override ResultSpec Infer(in Operands inputs)
    {
        var x = inputs[0];
        if (x.Rank == 0)
        {
            throw new ShapeException("cumulative_sum: a scalar has no axis to sum along; the input must be [..., n].");
        }

        if (x.DType is not (DType.Float32 or DType.Float64))
        {
            throw new DTypeException($"cumulative_sum: the input is {x.DType}; it must be Float32 or Float64.");
        }

        return ResultSpec.Like(x);
    }

    protected override void Compute(in Operands inputs, Tensor output)
    {
        var x = inputs[0].Contiguous();
        if (x.DType == DType.Float32)
        {
            Sum(x.AsSpan<float>(), output.AsWritableSpan<float>(), x.Shape[^1]);
        }
        else
        {
            Sum(x.AsSpan<double>(), output.AsWritableSpan<double>(), x.Shape[^1]);
        }
    }

    protected override void Differentiate(Adjoint adjoint) => adjoint.Add(0, Of(adjoint.Gradient.Flip(-1)).Flip(-1));

    /// <summary>The gradient rule looks at neither input nor result: neither needs to be kept.</summary>
    protected override Saved Saves(int needs) => Saved.None;

    private static void Sum<T>(ReadOnlySpan<T> x, Span<T> y, int columns)
        where T : INumber<T>
    {
        for (var i = 0; i < x.Length; i++)
        {
            y[i] = i % columns == 0 ? x[i] : y[i - 1] + x[i];
        }
    }
}
