namespace Backprop;

/// <summary>
/// An operation with hand-written kernels for value and gradient, beside a definition in ordinary tensor operations. The definition is its
/// documentation, its derivatives of higher order (a recording walk differentiates it), and what its kernels are tested against.
/// </summary>
public abstract class FusedOp : Op
{
    /// <summary>The same function, written with tensor operations.</summary>
    protected internal abstract Tensor Definition(in Operands inputs);

    /// <summary>The gradient kernels: adds contributions for the inputs that are needed. Nothing is recorded.</summary>
    protected internal abstract void ComputeGradients(Adjoint adjoint);

    internal sealed override bool HasGradientKernels => true;

    /// <inheritdoc/>
    protected internal sealed override void Differentiate(Adjoint adjoint)
    {
        if (!Recording.IsOn)
        {
            ComputeGradients(adjoint);
            return;
        }

        // Fresh aliases make every input a target of its own, also where one tensor is passed twice.
        var aliases = new Tensor[adjoint.InputCount];
        var targets = new List<Tensor>();
        var indices = new List<int>();
        for (var i = 0; i < aliases.Length; i++)
        {
            aliases[i] = adjoint.Input(i);
            if (adjoint.Needs(i))
            {
                aliases[i] = Ops.Alias.Instance.Apply(aliases[i]);
                targets.Add(aliases[i]);
                indices.Add(i);
            }
        }

        var value = Definition(new Operands(aliases));
        var gradients = Gradient.OrNull(value, targets.ToArray(), adjoint.Gradient, record: true);
        for (var i = 0; i < gradients.Length; i++)
        {
            if (gradients[i] is { } gradient)
            {
                adjoint.Add(indices[i], gradient);
            }
        }
    }

    /// <summary>By way of the definition.</summary>
    internal override void DifferentiatePerSample(SampleAdjoint adjoint)
    {
        var aliases = new Tensor[adjoint.InputCount];
        var indices = new List<int>();
        Tensor value;
        using (Recording.Set(true))
        {
            for (var i = 0; i < aliases.Length; i++)
            {
                aliases[i] = adjoint.Input(i);
                if (adjoint.Needs(i))
                {
                    aliases[i] = Ops.Alias.Instance.Apply(aliases[i]);
                    indices.Add(i);
                }
            }

            value = Definition(new Operands(aliases));
        }

        var found = adjoint.Through(value, [.. indices.Select(index => aliases[index])]);
        for (var i = 0; i < found.Length; i++)
        {
            if (found[i] is { } gradient)
            {
                adjoint.Add(indices[i], gradient);
            }
        }
    }
}
