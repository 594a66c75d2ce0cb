using Backprop.Memory;

namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>Whether operations on this tensor are recorded: it is a leaf that requires a gradient, or was computed from one.</summary>
    public bool RequiresGradient => Node is not null;

    /// <summary>Whether the tensor was made by the user and not by a recorded operation. Only leaves get a <see cref="Gradient"/>.</summary>
    public bool IsLeaf => Node is null or Leaf;

    /// <summary>
    /// The gradient accumulated by <see cref="Backward"/>; null where there is none. Later walks add to this very tensor;
    /// <see cref="Clone"/> it to keep a value.
    /// </summary>
    /// <remarks>Of an intermediate result only after <see cref="RetainGradient"/>.</remarks>
    /// <exception cref="InvalidOperationException">Set on a tensor that is not a leaf requiring a gradient.</exception>
    /// <exception cref="ShapeException">Set to a tensor of another shape or dtype.</exception>
    public Tensor? Gradient
    {
        get => Node is Leaf leaf ? leaf.Gradient : Node?.RetainedGradient;
        set
        {
            if (Node is not Leaf leaf)
            {
                throw new InvalidOperationException($"gradient: {Describe()} is not a leaf that requires a gradient.");
            }

            if (value is not null && (!value.Layout.HasShape(Shape) || value.DType != DType))
            {
                throw new ShapeException($"gradient: {value.Describe()} can't be the gradient of {Describe()}; shape and dtype must be the same.");
            }

            leaf.Set(value);
        }
    }

    /// <summary>Whether this was a leaf that required a gradient, until RequireGradient(false). A module still lists it as a parameter.</summary>
    public bool IsFrozen => rare?.Frozen is not null;

    /// <summary>
    /// Asks for gradients with respect to this tensor, or no longer. Returns it, so that it can be chained to its creation.
    /// </summary>
    /// <param name="required">
    /// Whether a gradient is wanted. If not, operations from now on take the leaf as a constant, and its <see cref="Gradient"/> is forgotten: it is frozen,
    /// and optimizers leave it alone. What was recorded before keeps it.
    /// </param>
    /// <remarks>A tensor made inside a <see cref="TensorScope"/> is taken out of it, as <see cref="TensorScope.Keep"/> does: parameters live on.</remarks>
    /// <exception cref="DTypeException">Integers and truth values have no gradients.</exception>
    /// <exception cref="InvalidOperationException">
    /// <paramref name="required"/> is false, and this is the result of a recorded operation: <see cref="Detach"/> it.
    /// </exception>
    public Tensor RequireGradient(bool required = true)
    {
        if (!required)
        {
            Freeze();
            return this;
        }

        if (!DType.IsFloating())
        {
            throw Error.DType("require_gradient", DType, "gradients exist for floating point types; convert with To(DType.Float32).");
        }

        CheckAlive();
        if (Node is null)
        {
            // A parameter outlives the step it was made in.
            TensorScope.Release(Storage);
            Node = rare?.Frozen ?? new Leaf(this);
            if (rare is not null)
            {
                rare.Frozen = null;
            }
        }

        return this;
    }

    private void Freeze()
    {
        CheckAlive();
        if (Node is Leaf leaf)
        {
            leaf.Clear();
            (rare ??= new RareFacts()).Frozen = leaf;
            Node = null;
        }
        else if (Node is not null)
        {
            throw new InvalidOperationException($"require_gradient: {Describe()} is the result of a recorded operation; Detach() gives it as a constant.");
        }
    }

    /// <summary>Asks that the gradient of this intermediate result be kept in <see cref="Gradient"/> by the next walk.</summary>
    /// <exception cref="InvalidOperationException">The tensor is not recorded.</exception>
    public Tensor RetainGradient()
    {
        if (Node is null)
        {
            throw new InvalidOperationException($"retain_gradient: {Describe()} was not recorded.");
        }

        Node.RetainsGradient = true;
        return this;
    }

    /// <summary>Forgets the gradient, so that the next walk begins afresh.</summary>
    public void ZeroGradient()
    {
        if (Node is Leaf leaf)
        {
            leaf.Clear();
        }
        else if (Node is not null)
        {
            Node.RetainedGradient = null;
        }
    }

    /// <summary>The same elements (shared), cut off from the tape.</summary>
    public Tensor Detach() => new(Storage, Layout, DType) { Name = Name };

    /// <summary>
    /// Computes the gradients of this tensor with respect to every leaf it was computed from, and adds them to the leaves' <see cref="Gradient"/>.
    /// </summary>
    /// <param name="seed">The gradient of this tensor itself, in its shape; 1 for a scalar.</param>
    /// <param name="keepTape">Whether to keep what was saved on the way, so that the stretch can be walked again.</param>
    /// <param name="record">
    /// Whether to record the computation of the gradients, so that they can be differentiated. Implies <paramref name="keepTape"/>.
    /// </param>
    /// <param name="inputs">The leaves to accumulate to, at least one; all of them where this is null. Work for others is saved.</param>
    /// <exception cref="InvalidOperationException">
    /// The tensor was not recorded or is not a scalar (and no seed was given); what was saved has been dropped by an earlier walk or was changed in place.
    /// Nothing has been computed then.
    /// </exception>
    /// <exception cref="ArgumentException"><paramref name="inputs"/> is empty.</exception>
    public void Backward(Tensor? seed = null, bool keepTape = false, bool record = false, IReadOnlyList<Tensor>? inputs = null)
    {
        var (root, start) = Backprop.Gradient.Seed("backward", this, seed);
        if (seed is not null && !record)
        {
            // It may be one of the gradients that the walk writes to.
            using (Recording.Pause())
            {
                start = start.Clone();
            }
        }

        Node[]? only = null;
        if (inputs is { Count: 0 })
        {
            throw new ArgumentException("backward: inputs is empty, so there is nothing to compute; pass null for all leaves.", nameof(inputs));
        }

        if (inputs is not null)
        {
            only = new Node[inputs.Count];
            for (var i = 0; i < only.Length; i++)
            {
                only[i] = inputs[i]?.Node as Leaf ?? throw new InvalidOperationException(
                    $"backward: input {i} is not a leaf that requires a gradient; call RequireGradient() on it before computing with it.");
            }
        }

        Walk.ToLeaves(root, start, keepTape || record, record, only);
    }

    /// <summary>Lets gradients of this parameter live as long as the process, whatever scope it was made in.</summary>
    internal static Tensor AllocateOutside(Layout layout, DType dtype) => new(Buffers.AllocateOutside(layout.Count, dtype), layout, dtype);
}
