using System.Runtime.Intrinsics;
using Backprop.Kernels;
using Backprop.Ops;

namespace Backprop.Devices;

/// <summary>The processor: calls the operation's own kernel.</summary>
internal sealed class CpuDevice : Device
{
    public override void Run(Op op, in Operands inputs, Tensor output)
    {
        for (var i = 0; i < inputs.Count; i++)
        {
            inputs[i].CheckAlive();
        }

        op.Compute(inputs, output);
    }

    public override void Rerun(Op op, in Operands inputs, Tensor output) => op.Compute(inputs, output);

    public override void Update<TRule>(TRule rule, Tensor parameter, Tensor gradient, Tensor? state0, Tensor? state1, Tensor? state2)
    {
        switch (parameter.DType)
        {
            case DType.Float32 when Vector512.IsHardwareAccelerated:
                Launch.Run(new UpdateRun<TRule, Lanes512<float>, float>(rule), parameter, gradient, state0, state1, state2);
                break;
            case DType.Float32:
                Launch.Run(new UpdateRun<TRule, Lanes256<float>, float>(rule), parameter, gradient, state0, state1, state2);
                break;
            case DType.Float64 when Vector512.IsHardwareAccelerated:
                Launch.Run(new UpdateRun<TRule, Lanes512<double>, double>(rule), parameter, gradient, state0, state1, state2);
                break;
            default:
                Launch.Run(new UpdateRun<TRule, Lanes256<double>, double>(rule), parameter, gradient, state0, state1, state2);
                break;
        }
    }
}
