using Backprop.Layers;

namespace Backprop.Tests.Replay;

/// <summary>Operations of users' own are replayed like the library's.</summary>
public sealed class CapturedUserOpTests
{
    private readonly Generator generator = new(8);

    public static TheoryData<bool, bool> Cases() => new() { { false, false }, { false, true }, { true, false }, { true, true } };

    [Theory]
    [MemberData(nameof(Cases))]
    public void AnOperationThatWritesThroughASpanOrByTensors(bool isFused, bool isBehindConvolution)
    {
        var layer = isBehindConvolution ? (Module)new Conv2d(2, 16, 3, generator: generator) : new Linear(6, 5, generator: generator);
        var x = Tensor.Normal(isBehindConvolution ? [2, 2, 6, 6] : [3, 6], generator: generator);
        Tensor Step()
        {
            var y = layer.Forward(x);
            var loss = (isFused ? new FusedCube().Apply(y) : new Cube().Apply(y)).Square().Mean();
            layer.ZeroGradients();
            loss.Backward();
            return loss;
        }

        var step = CapturedStep.Capture(Step);
        for (var i = 0; i < 3; i++)
        {
            x.CopyFrom(Tensor.Normal(x.Shape, generator: generator));
            var replayed = step.Replay().Item();
            float[][] gradients = [.. layer.Parameters().Select(parameter => parameter.Gradient!.ToArray<float>())];
            Assert.Equal(Step().Item(), replayed);
            Assert.Equal(layer.Parameters().Select(parameter => parameter.Gradient!.ToArray<float>()), gradients);
        }

        Assert.Equal((1, null), (step.Captures, step.LastReason));
    }

    private sealed class Cube : Op
    {
        public override string Name => "cube";

        protected internal override ResultSpec Infer(in Operands inputs) => ResultSpec.Like(inputs[0]);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var x = inputs[0].Contiguous().AsSpan<float>();
            var y = output.AsWritableSpan<float>();
            for (var i = 0; i < x.Length; i++)
            {
                y[i] = x[i] * x[i] * x[i];
            }
        }

        protected internal override void Differentiate(Adjoint adjoint) => adjoint.Add(0, adjoint.Gradient * 3 * adjoint.Input(0) * adjoint.Input(0));
    }

    private sealed class FusedCube : FusedOp
    {
        public override string Name => "fused_cube";

        protected internal override Tensor Definition(in Operands inputs) => inputs[0] * inputs[0] * inputs[0];

        protected internal override ResultSpec Infer(in Operands inputs) => ResultSpec.Like(inputs[0]);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            using (Recording.Pause())
            {
                output.CopyFrom(inputs[0] * inputs[0] * inputs[0]);
            }
        }

        protected internal override void ComputeGradients(Adjoint adjoint) => adjoint.Add(0, adjoint.Gradient * adjoint.Input(0).Square() * 3);
    }
}
