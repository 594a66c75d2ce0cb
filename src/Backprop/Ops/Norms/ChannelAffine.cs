using Backprop.Kernels;

namespace Backprop.Ops;

/// <summary>y = x · scale + shift for x [N, C, …], with a scale and a shift [C]: what a normalisation by running statistics comes down to.</summary>
internal sealed class ChannelAffine : FusedOp
{
    public static readonly ChannelAffine Instance = new();

    public override string Name => "channel_affine";

    protected internal override Tensor Definition(in Operands inputs) =>
        (inputs[0] * NormChecks.Spread(inputs[1], inputs[0].Rank)) + NormChecks.Spread(inputs[2], inputs[0].Rank);

    protected internal override ResultSpec Infer(in Operands inputs) => ResultSpec.InOrder(inputs[0]);

    protected internal override void Compute(in Operands inputs, Tensor output)
    {
        if (output.Count == 0)
        {
            return;
        }

        var segments = new Segments(output, mayJoinSamples: true);
        var scale = NormChecks.Doubles(inputs[1], segments.Channels, 1);
        var shift = NormChecks.Doubles(inputs[2], segments.Channels, 0);
        var numbers = new SegmentAffine.Numbers[segments.Count];
        for (var i = 0; i < numbers.Length; i++)
        {
            var channel = segments.Channel(i);
            numbers[i] = new SegmentAffine.Numbers(0, scale[channel], shift[channel]);
        }

        segments.Affine(inputs[0], numbers, output);
    }

    internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => 2.0 * output.Count;

    protected internal override Saved Saves(int needs) => Saved.Inputs;

    protected internal override void ComputeGradients(Adjoint adjoint)
    {
        var gradient = adjoint.Gradient;
        if (adjoint.Needs(0))
        {
            adjoint.Add(0, Run(new Operands(gradient, adjoint.Input(1), Tensor.Zeros([gradient.Shape[1]], gradient.DType))));
        }

        if (!adjoint.Needs(1) && !adjoint.Needs(2))
        {
            return;
        }

        var (scales, shifts) = (new double[gradient.Shape[1]], new double[gradient.Shape[1]]);
        if (gradient.Count > 0)
        {
            var segments = new Segments(adjoint.Input(0), mayJoinSamples: true);
            var sums = segments.Products(gradient, adjoint.Input(0), new double[segments.Count]);
            for (var i = 0; i < sums.Length; i++)
            {
                shifts[segments.Channel(i)] += sums[i].Sum;
                scales[segments.Channel(i)] += sums[i].Product;
            }
        }

        adjoint.Add(1, Tensor.From(scales).To(gradient.DType));
        adjoint.Add(2, Tensor.From(shifts).To(gradient.DType));
    }
}
