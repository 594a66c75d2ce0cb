namespace Backprop.Devices;

/// <summary>
/// Where operations run. Thin on purpose: it doesn't grow with the operations, since each brings its own kernel for the processor.
/// </summary>
internal abstract class Device
{
    /// <summary>The device of every tensor.</summary>
    public static Device Current { get; } = new CpuDevice();

    /// <summary>Computes an operation's result.</summary>
    public abstract void Run(Op op, in Operands inputs, Tensor output);

    /// <summary>The same for what a captured step does again: the step has made sure that the inputs are there.</summary>
    public abstract void Rerun(Op op, in Operands inputs, Tensor output);

    /// <summary>One step of an optimizer, in place. Everything has been checked; states are contiguous, null where the rule has none.</summary>
    public abstract void Update<TRule>(TRule rule, Tensor parameter, Tensor gradient, Tensor? state0, Tensor? state1, Tensor? state2)
        where TRule : struct, IUpdateRule;
}
