using System.Runtime.Intrinsics;
using Backprop.Kernels;

namespace Backprop.Ops;

/// <summary>A comparison of two broadcast inputs; the result is bool and has no gradient.</summary>
internal sealed class ComparisonOp<TRule> : Op
    where TRule : struct, IComparisonRule
{
    public static readonly ComparisonOp<TRule> Default = new();

    public override string Name => TRule.Name;

    protected internal override ResultSpec Infer(in Operands inputs)
    {
        var (x, y) = (inputs[0], inputs[1]);
        if (x.DType != y.DType)
        {
            throw Error.DTypesDiffer(Name, x.DType, y.DType);
        }

        return new ResultSpec(Broadcasting.ResultLayout(Name, x, y), DType.Bool);
    }

    protected internal override void Compute(in Operands inputs, Tensor output)
    {
        var (x, y) = (inputs[0], inputs[1]);
        switch (x.DType)
        {
            case DType.Float32 when Vector512.IsHardwareAccelerated:
                Launch.Run(default(ComparisonRun<TRule, Lanes512<float>, float>), output, x, y);
                break;
            case DType.Float32:
                Launch.Run(default(ComparisonRun<TRule, Lanes256<float>, float>), output, x, y);
                break;
            case DType.Float64 when Vector512.IsHardwareAccelerated:
                Launch.Run(default(ComparisonRun<TRule, Lanes512<double>, double>), output, x, y);
                break;
            case DType.Float64:
                Launch.Run(default(ComparisonRun<TRule, Lanes256<double>, double>), output, x, y);
                break;
            case DType.Int32:
                Launch.Run(default(ComparisonRun<TRule, Integer<int>, int>), output, x, y);
                break;
            case DType.Int64:
                Launch.Run(default(ComparisonRun<TRule, Integer<long>, long>), output, x, y);
                break;
            default:
                Launch.Run(default(ComparisonRun<TRule, Integer<byte>, byte>), output, x, y);
                break;
        }
    }

    protected internal override Saved Saves(int needs) => Saved.None;

    protected internal override void Differentiate(Adjoint adjoint) =>
        throw new InvalidOperationException($"{Name}: a comparison has no gradient.");
}
