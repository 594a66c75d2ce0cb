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
}
