using System.Runtime.Intrinsics;
using Backprop.Kernels;

namespace Backprop.Ops;

/// <summary>An elementwise operation of two arguments that broadcast against each other, made from a rule.</summary>
internal sealed class BinaryOp<TRule> : Op
    where TRule : struct, IBinaryRule
{
    public static readonly BinaryOp<TRule> Default = new();

    private static readonly Probe X = Probe.Input(0);
    private static readonly Probe Y = Probe.Input(1);
    private static readonly Probe Z = Probe.Input(2);
    private static readonly int SlopeXInputs = TRule.SlopeX(X, Y, Z).Inputs;
    private static readonly int SlopeYInputs = TRule.SlopeY(X, Y, Z).Inputs;
    private static readonly bool NeedsReals = TRule.Value(X, Y).NeedsReals;

    public override string Name => TRule.Name;

    protected internal override ResultSpec Infer(in Operands inputs) => Broadcasting.Infer(Name, inputs[0], inputs[1], NeedsReals);

    protected internal override void Compute(in Operands inputs, Tensor output)
    {
        var (x, y) = (inputs[0], inputs[1]);
        switch (output.DType)
        {
            case DType.Float32 when Vector512.IsHardwareAccelerated:
                Launch.Run(default(BinaryRun<TRule, Lanes512<float>, float>), output, x, y);
                break;
            case DType.Float32:
                Launch.Run(default(BinaryRun<TRule, Lanes256<float>, float>), output, x, y);
                break;
            case DType.Float64 when Vector512.IsHardwareAccelerated:
                Launch.Run(default(BinaryRun<TRule, Lanes512<double>, double>), output, x, y);
                break;
            case DType.Float64:
                Launch.Run(default(BinaryRun<TRule, Lanes256<double>, double>), output, x, y);
                break;
            case DType.Int32:
                Launch.Run(default(BinaryRun<TRule, Integer<int>, int>), output, x, y);
                break;
            default:
                Launch.Run(default(BinaryRun<TRule, Integer<long>, long>), output, x, y);
                break;
        }
    }

    protected internal override Saved Saves(int needs)
    {
        var used = ((needs & 1) != 0 ? SlopeXInputs : 0) | ((needs & 2) != 0 ? SlopeYInputs : 0);
        return (Saved)(used & 3) | ((used & 4) != 0 ? Saved.Output : 0);
    }

    internal override void DifferentiatePerSample(SampleAdjoint adjoint) => adjoint.Broadcast();

    internal override bool WritesInPlace => true;

    internal override bool HasGradientKernels => SlopeXInputs != 0 || SlopeYInputs != 0;

    protected internal override void Differentiate(Adjoint adjoint)
    {
        Differentiate(adjoint, 0, SlopeXInputs);
        Differentiate(adjoint, 1, SlopeYInputs);
    }

    private static void Differentiate(Adjoint adjoint, int index, int uses)
    {
        if (!adjoint.Needs(index))
        {
            return;
        }

        var g = adjoint.Gradient;
        if (uses == 0)
        {
            var slope = (index == 0 ? TRule.SlopeX<Dual>(0, 0, 0) : TRule.SlopeY<Dual>(0, 0, 0)).Value;
            adjoint.Add(index, slope == 1 ? g : g * slope);
            return;
        }

        if (Recording.IsOn)
        {
            Expression x = (uses & 1) != 0 ? new Expression(adjoint.Input(0)) : 0;
            Expression y = (uses & 2) != 0 ? new Expression(adjoint.Input(1)) : 0;
            Expression z = (uses & 4) != 0 ? new Expression(adjoint.Output) : 0;
            var slope = index == 0 ? TRule.SlopeX(x, y, z) : TRule.SlopeY(x, y, z);
            adjoint.Add(index, (new Expression(g) * slope).ToTensor(g));
            return;
        }

        // A broadcast input gets its sum from the frontier; others are written where they belong.
        var direct = adjoint.LayoutOf(index).HasShape(g.Shape);
        var accumulate = false;
        var target = direct ? adjoint.BufferInOrder(index, g.Layout, out accumulate) : Tensor.Allocate(g.Layout.DenseInOrder(), g.DType);
        var a = (uses & 1) != 0 ? adjoint.Input(0) : g;
        var b = (uses & 2) != 0 ? adjoint.Input(1) : g;
        var c = (uses & 4) != 0 ? adjoint.Output : g;
        var second = index == 1;
        switch (g.DType)
        {
            case DType.Float32 when Vector512.IsHardwareAccelerated:
                Launch.Run(new BinaryGradientRun<TRule, Lanes512<float>, float>(second, accumulate), target, g, a, b, c);
                break;
            case DType.Float32:
                Launch.Run(new BinaryGradientRun<TRule, Lanes256<float>, float>(second, accumulate), target, g, a, b, c);
                break;
            case DType.Float64 when Vector512.IsHardwareAccelerated:
                Launch.Run(new BinaryGradientRun<TRule, Lanes512<double>, double>(second, accumulate), target, g, a, b, c);
                break;
            default:
                Launch.Run(new BinaryGradientRun<TRule, Lanes256<double>, double>(second, accumulate), target, g, a, b, c);
                break;
        }

        if (!direct)
        {
            adjoint.Give(index, target);
        }
    }
}
