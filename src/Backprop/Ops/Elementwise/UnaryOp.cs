using System.Runtime.Intrinsics;
using Backprop.Kernels;

namespace Backprop.Ops;

/// <summary>An elementwise operation of one argument, made from a rule.</summary>
internal sealed class UnaryOp<TRule>(TRule rule) : Op
    where TRule : struct, IParametricUnaryRule
{
    /// <summary>The operation of a rule without parameters.</summary>
    public static readonly UnaryOp<TRule> Default = new(default);

    /// <summary>What the slope is made of; the same for all parameters.</summary>
    private static readonly int SlopeInputs = default(TRule).Slope(Probe.Input(0), Probe.Input(1)).Inputs;

    public override string Name => rule.Name;

    protected internal override ResultSpec Infer(in Operands inputs)
    {
        var x = inputs[0];
        if (!x.DType.IsFloating() && (x.DType == DType.Bool || rule.Value(Probe.Input(0)).NeedsReals))
        {
            throw Broadcasting.NeedsReals(Name, x.DType);
        }

        return ResultSpec.InOrder(x);
    }

    protected internal override void Compute(in Operands inputs, Tensor output)
    {
        switch (output.DType)
        {
            case DType.Float32 when Vector512.IsHardwareAccelerated:
                Launch.Run(new UnaryRun<TRule, Lanes512<float>, float>(rule), output, inputs[0]);
                break;
            case DType.Float32:
                Launch.Run(new UnaryRun<TRule, Lanes256<float>, float>(rule), output, inputs[0]);
                break;
            case DType.Float64 when Vector512.IsHardwareAccelerated:
                Launch.Run(new UnaryRun<TRule, Lanes512<double>, double>(rule), output, inputs[0]);
                break;
            case DType.Float64:
                Launch.Run(new UnaryRun<TRule, Lanes256<double>, double>(rule), output, inputs[0]);
                break;
            case DType.Int32:
                Launch.Run(new UnaryRun<TRule, Integer<int>, int>(rule), output, inputs[0]);
                break;
            default:
                Launch.Run(new UnaryRun<TRule, Integer<long>, long>(rule), output, inputs[0]);
                break;
        }
    }

    protected internal override Saved Saves(int needs) =>
        ((SlopeInputs & 1) != 0 ? Saved.Input0 : 0) | ((SlopeInputs & 2) != 0 ? Saved.Output : 0);

    internal override void DifferentiatePerSample(SampleAdjoint adjoint) => adjoint.Broadcast();

    internal override bool WritesInPlace => true;

    internal override bool HasGradientKernels => SlopeInputs != 0;

    protected internal override void Differentiate(Adjoint adjoint)
    {
        var usesX = (SlopeInputs & 1) != 0;
        var usesY = (SlopeInputs & 2) != 0;
        if (SlopeInputs == 0)
        {
            // A constant slope; taken from the rule in exact arithmetic.
            var slope = rule.Slope<Dual>(0, 0).Value;
            adjoint.Add(0, slope == 1 ? adjoint.Gradient : adjoint.Gradient * slope);
            return;
        }

        if (Recording.IsOn)
        {
            Expression x = usesX ? new Expression(adjoint.Input(0)) : 0;
            Expression y = usesY ? new Expression(adjoint.Output) : 0;
            adjoint.Add(0, (new Expression(adjoint.Gradient) * rule.Slope(x, y)).ToTensor(adjoint.Gradient));
            return;
        }

        var g = adjoint.Gradient;
        var from = usesX ? adjoint.Input(0) : g;
        var to = usesY ? adjoint.Output : g;
        var buffer = adjoint.BufferInPlaceInOrder(0, (usesY ? to : from).Layout, out var accumulate);
        switch (g.DType)
        {
            case DType.Float32 when Vector512.IsHardwareAccelerated:
                Launch.Run(new UnaryGradientRun<TRule, Lanes512<float>, float>(rule, accumulate), buffer, g, from, to);
                break;
            case DType.Float32:
                Launch.Run(new UnaryGradientRun<TRule, Lanes256<float>, float>(rule, accumulate), buffer, g, from, to);
                break;
            case DType.Float64 when Vector512.IsHardwareAccelerated:
                Launch.Run(new UnaryGradientRun<TRule, Lanes512<double>, double>(rule, accumulate), buffer, g, from, to);
                break;
            default:
                Launch.Run(new UnaryGradientRun<TRule, Lanes256<double>, double>(rule, accumulate), buffer, g, from, to);
                break;
        }
    }
}
