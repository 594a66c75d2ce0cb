namespace Backprop;

/// <summary>An operation that shows the same elements under another layout: nothing is copied.</summary>
public abstract class ViewOp : Op
{
    private protected ViewOp()
    {
    }

    /// <summary>The layout of the view, or an exception that says why the input doesn't fit.</summary>
    internal abstract Layout View(Tensor input);

    /// <summary>Whether what is added to the same view of a gradient is what the rule would add: no element is there twice, none is changed.</summary>
    internal virtual bool PassesOn => false;

    /// <inheritdoc/>
    protected internal override Saved Saves(int needs) => Saved.None;

    /// <inheritdoc/>
    protected internal sealed override ResultSpec Infer(in Operands inputs) => new(View(inputs[0]), inputs[0].DType);

    /// <inheritdoc/>
    protected internal sealed override void Compute(in Operands inputs, Tensor output) =>
        output.Overwrite(new Tensor(inputs[0].Storage, View(inputs[0]), inputs[0].DType), Name);

    internal sealed override bool TakesSixteen => true;

    internal sealed override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => 0;

    internal sealed override Tensor Run(in Operands inputs)
    {
        var input = inputs[0];
        input.CheckAlive();
        var output = new Tensor(input.Storage, View(input), input.DType);
        if (Devices.Watch.IsOn)
        {
            try
            {
                Devices.Watch.TellComputing(this, inputs);
                Devices.Watch.TellComputed(this, inputs, output);
            }
            finally
            {
                Devices.Watch.Leave();
            }
        }

        Record(inputs, output);
        return output;
    }
}
