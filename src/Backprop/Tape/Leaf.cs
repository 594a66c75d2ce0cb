using Backprop.Memory;

namespace Backprop;

/// <summary>The node of a tensor that the user wants a gradient for. It has no operation; gradients accumulate here.</summary>
internal sealed partial class Leaf : Node
{
    private Tensor? gradient;
    private bool hasGradient;

    /// <summary>Whether this leaf made the buffer: one that was set may belong to others as well.</summary>
    private bool owned;

    public Leaf(Tensor tensor, bool isVariable = false)
        : base(null, tensor.Layout.Dense(), tensor.DType, 0)
    {
        Tensor = tensor;
        IsVariable = isVariable;
    }

    /// <summary>Whether this stands for the argument of a function that is differentiated there, and not for something of the user's.</summary>
    public bool IsVariable { get; }

    public Tensor Tensor { get; }

    /// <summary>Not where a tape has saved the elements: it is to find them as they were.</summary>
    private bool MayWrite => owned && gradient is { Storage.IsSaved: false };

    public override string Label => Tensor.Name ?? "leaf";

    internal override string Reference => Tensor.Name ?? $"#{Position}";

    /// <summary>The gradient accumulated so far; null where there is none.</summary>
    public Tensor? Gradient
    {
        get
        {
            if (Ledger.IsOn)
            {
                Met(Ledger.Current!);
            }

            return hasGradient ? gradient : null;
        }
    }

    public override string ToString() => $"#{Position} {Label} → {DType.Label()} {Error.Text(Shape)}";

    /// <summary>Forgets the gradient; a buffer of this leaf's own is kept for the next one.</summary>
    public void Clear()
    {
        if (Ledger.IsOn)
        {
            Ledger.Current!.Meets(this);
            Ledger.Current.Perform(ClearNow);
            return;
        }

        ClearNow();
    }

    public void Set(Tensor? value)
    {
        if (Ledger.IsOn)
        {
            Ledger.Current!.Meets(this);
            NoteSet(Ledger.Current, value);
            return;
        }

        SetNow(value);
    }

    /// <summary>A buffer outside every scope to write the gradient to, or to add it to where <paramref name="accumulate"/>.</summary>
    public Tensor Buffer(out bool accumulate) => Ledger.IsOn ? NotedBuffer(Ledger.Current!, out accumulate) : BufferNow(out accumulate);

    private void ClearNow()
    {
        hasGradient = false;
        gradient = MayWrite ? gradient : null;
    }

    private void SetNow(Tensor? value)
    {
        gradient = value;
        hasGradient = value is not null;
        owned = false;
    }

    private Tensor BufferNow(out bool accumulate)
    {
        accumulate = hasGradient;
        if (!MayWrite)
        {
            var fresh = new Tensor(Buffers.AllocateOutside(Layout.Count, DType), Layout, DType);
            if (hasGradient)
            {
                fresh.Overwrite(gradient!, "backward");
            }

            gradient = fresh;
            owned = true;
        }

        hasGradient = true;
        gradient!.NoteChange("backward");
        return gradient;
    }

    /// <summary>Adds to the gradient, in place.</summary>
    public void Add(Tensor contribution)
    {
        var buffer = Buffer(out var accumulate);
        if (accumulate)
        {
            buffer.Accumulate(contribution);
        }
        else
        {
            buffer.CopyElements(contribution);
        }
    }
}
