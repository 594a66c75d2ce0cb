using Backprop.Memory;

namespace Backprop;

/// <content>What happens to a leaf's gradient in a step that is being captured, so that replays leave it as the step itself would.</content>
internal sealed partial class Leaf
{
    /// <summary>The gradient that the step found must be found by replays too, where it is used; one of the step's own leaves begins without.</summary>
    private void Met(Ledger ledger)
    {
        if (ledger.IsInside || !ledger.Meets(this))
        {
            return;
        }

        if (ledger.IsOfStep(Position))
        {
            ledger.Reset(ClearNow);
            return;
        }

        var (had, found) = (hasGradient, gradient);
        ledger.Require(
            () => hasGradient == had && (!had || ReferenceEquals(gradient, found)),
            $"the gradient of {Tensor.Describe()} is there, or is gone, or is another tensor");
    }

    private Tensor NotedBuffer(Ledger ledger, out bool accumulate)
    {
        ledger.StepAside();
        try
        {
            Met(ledger);
            var buffer = BufferNow(out accumulate);
            ledger.Perform(() => Resume(buffer));
            return buffer;
        }
        finally
        {
            ledger.Return();
        }
    }

    private void NoteSet(Ledger ledger, Tensor? value) => ledger.Perform(() => SetNow(value));

    /// <summary>Has the gradient in the very buffer that a captured step writes to.</summary>
    private void Resume(Tensor buffer)
    {
        (gradient, hasGradient, owned) = (buffer, true, true);
        buffer.NoteChange("backward");
    }
}
