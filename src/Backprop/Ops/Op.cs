namespace Backprop;

/// <summary>Shape and element type of a result.</summary>
public readonly struct ResultSpec : IEquatable<ResultSpec>
{
    /// <summary>A result of the given shape and element type.</summary>
    /// <exception cref="ShapeException">A negative size, too many axes, or too many elements.</exception>
    public ResultSpec(ReadOnlySpan<int> shape, DType dtype)
        : this(Layout.Contiguous("result", shape), dtype.Check())
    {
    }

    internal ResultSpec(Layout layout, DType dtype)
    {
        Layout = layout;
        DType = dtype;
    }

    /// <summary>The sizes of the axes.</summary>
    public ReadOnlySpan<int> Shape => Layout.Sizes;

    /// <summary>The element type.</summary>
    public DType DType { get; }

    internal Layout Layout { get; }

    /// <summary>A result like <paramref name="tensor"/> in shape and element type.</summary>
    public static ResultSpec Like(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return new ResultSpec(tensor.Layout.Dense(), tensor.DType);
    }

    /// <summary>A result like <paramref name="tensor"/> that also keeps its elements channels last where they lie like that.</summary>
    internal static ResultSpec InOrder(Tensor tensor) => new(tensor.Layout.DenseInOrder(), tensor.DType);

    /// <inheritdoc/>
    public bool Equals(ResultSpec other) => DType == other.DType && Layout.HasShape(other.Layout.Sizes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ResultSpec other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(DType, Layout.Count, Layout.Rank);

    /// <summary>Equal shape and element type.</summary>
    public static bool operator ==(ResultSpec left, ResultSpec right) => left.Equals(right);

    /// <summary>Different shape or element type.</summary>
    public static bool operator !=(ResultSpec left, ResultSpec right) => !left.Equals(right);
}

/// <summary>What a node keeps for its gradient.</summary>
[Flags]
public enum Saved
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The first input.</summary>
    Input0 = 1,

    /// <summary>The second input.</summary>
    Input1 = 2,

    /// <summary>The third input.</summary>
    Input2 = 4,

    /// <summary>Every input.</summary>
    Inputs = 0x3FFFFFFF,

    /// <summary>The result.</summary>
    Output = 0x40000000,

    /// <summary>Every input and the result.</summary>
    All = Inputs | Output,
}

/// <summary>
/// An operation: its shape rule, its kernel, and its gradient rule. Derive from it to write your own; recording, broadcasting of gradients,
/// memory and checks then come by themselves.
/// </summary>
/// <remarks>
/// A gradient rule written with tensor operations is itself recorded when a gradient of a gradient is asked for, so every order exists.
/// An operation has one result; its parameters are its fields, and it must not change once applied.
/// </remarks>
/// <example><code>
/// sealed class Cube : Op
/// {
///     public override string Name => "cube";
///     protected override ResultSpec Infer(in Operands inputs) => ResultSpec.Like(inputs[0]);
///     protected override void Compute(in Operands inputs, Tensor output)
///     {
///         var x = inputs[0].Contiguous().AsSpan&lt;float&gt;();
///         var y = output.AsWritableSpan&lt;float&gt;();
///         for (var i = 0; i &lt; x.Length; i++) y[i] = x[i] * x[i] * x[i];
///     }
///     protected override void Differentiate(Adjoint adjoint) =>
///         adjoint.Add(0, adjoint.Gradient * 3 * adjoint.Input(0) * adjoint.Input(0));
/// }
/// var y = new Cube().Apply(x);
/// </code></example>
public abstract class Op
{
    /// <summary>The operation's name in messages and on the tape, in lower case with underscores.</summary>
    public abstract string Name { get; }

    /// <summary>Records and computes the operation.</summary>
    /// <param name="inputs">At least one.</param>
    /// <exception cref="ArgumentException">There are no inputs.</exception>
    /// <exception cref="InvalidOperationException"><see cref="Infer"/> returned default(ResultSpec).</exception>
    public Tensor Apply(params ReadOnlySpan<Tensor> inputs)
    {
        foreach (var input in inputs)
        {
            ArgumentNullException.ThrowIfNull(input, nameof(inputs));
        }

        return inputs.Length switch
        {
            0 => throw new ArgumentException($"{Name}: an operation needs at least one input.", nameof(inputs)),
            1 => Run(new Operands(inputs[0])),
            2 => Run(new Operands(inputs[0], inputs[1])),
            3 => Run(new Operands(inputs[0], inputs[1], inputs[2])),
            _ => Run(new Operands(inputs)),
        };
    }

    /// <summary>The operation with its parameters, for listings.</summary>
    public virtual string Describe() => Name;

    /// <summary>The result's shape and element type, or an exception that says why the inputs don't fit.</summary>
    protected internal abstract ResultSpec Infer(in Operands inputs);

    /// <summary>Computes the result into <paramref name="output"/>, which is contiguous and not initialised.</summary>
    /// <remarks>
    /// Inputs lie as they lie: take Contiguous() before their span. Tensor operations in here would be recorded as anywhere else: pause the
    /// <see cref="Recording"/> around them.
    /// </remarks>
    protected internal abstract void Compute(in Operands inputs, Tensor output);

    /// <summary>Adds the contributions to the gradients of the inputs, in terms of tensor operations.</summary>
    protected internal abstract void Differentiate(Adjoint adjoint);

    /// <summary>
    /// Adds the contributions to the gradients of the inputs for many losses at once, one per sample; refuses unless overridden. Every override is exact:
    /// it calls an input one that has the samples along an axis only where a sample's part of the result depends on no other sample's part of the input.
    /// </summary>
    internal virtual void DifferentiatePerSample(SampleAdjoint adjoint) => throw adjoint.Refuse(
        "has no rule for gradients per sample. Those of a FusedOp follow from its definition; or take Gradient.Of for one loss at a time.");

    /// <summary>What the gradient rule uses. Everything, unless overridden.</summary>
    /// <param name="needs">Bit i is set where a gradient of input i may be wanted.</param>
    protected internal virtual Saved Saves(int needs) => Saved.All;

    /// <summary>
    /// About how many floating point operations the value takes, for listings; one per element of the result unless overridden. NaN where that can't
    /// be told from what is known.
    /// </summary>
    /// <param name="inputs">The inputs' layouts; null where a tape no longer knows one.</param>
    /// <param name="output">The result's layout.</param>
    internal virtual double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => output.Count;

    /// <summary>About how many floating point operations the gradient by one input takes; as many as the value unless overridden.</summary>
    internal virtual double CountGradientFlops(int input, ReadOnlySpan<Layout?> inputs, Layout output) => CountFlops(inputs, output);

    internal virtual Tensor Run(in Operands inputs)
    {
        ResultSpec spec;
        if (Memory.Ledger.IsOn)
        {
            spec = InferNoted(inputs);
        }
        else
        {
            spec = Infer(inputs);
            CheckElements(inputs);
        }

        if (spec.Layout is null)
        {
            throw new InvalidOperationException(
                $"{Name}: Infer returned default(ResultSpec), which has no shape; return new ResultSpec(shape, dtype) or ResultSpec.Like(inputs[0]).");
        }

        var output = Allocate(inputs, spec);
        Execute(inputs, output);
        Record(inputs, output);
        return output;
    }

    /// <summary>Refuses elements that the operation can't take, where that has to come before anything is computed.</summary>
    internal virtual void CheckElements(in Operands inputs)
    {
    }

    /// <summary>
    /// What looks at elements is done again at replays. Where another shape follows from them then, the step can't be replayed, and is run anew.
    /// </summary>
    private ResultSpec InferNoted(Operands inputs)
    {
        ResultSpec spec = default;
        var ledger = Memory.Ledger.Current!;
        ledger.Perform(() =>
        {
            var found = Infer(inputs);
            if (spec.Layout is null)
            {
                spec = found;
            }
            else if (found != spec)
            {
                throw new Memory.CourseException(
                    $"the shape of the result of '{Name}', {Error.Text(found.Shape)}, depends on the values of its inputs, and was {Error.Text(spec.Shape)} "
                    + "when the step was captured");
            }
        }, ifUsing: true);
        ledger.Perform(() => CheckElements(inputs), ifUsing: true);
        return spec;
    }

    /// <summary>Computes the result, whatever the inputs' element types, and tells those who look on.</summary>
    internal void Execute(in Operands inputs, Tensor output)
    {
        if (Ops.Sixteen.Any(inputs) && !TakesSixteen)
        {
            RunWidened(inputs, output);
        }
        else if (Devices.Watch.IsOn)
        {
            RunWatched(inputs, output, widen: false);
        }
        else
        {
            Devices.Device.Current.Run(this, inputs, output);
        }
    }

    /// <summary>Whether this is the library's own operation, whose rule keeps nothing of the gradient that it is given.</summary>
    internal bool IsBuiltIn => GetType().Assembly == typeof(Op).Assembly;

    /// <summary>Whether the node stands for something that has no value and no gradient of its own.</summary>
    internal virtual bool IsPlaceholder => false;

    /// <summary>Whether the kernel takes 16-bit elements as they are; others are given float32.</summary>
    internal virtual bool TakesSixteen => false;

    /// <summary>
    /// Whether the result may be written over an input that lies like it: each element is computed from the elements at its own place only, which are read
    /// before it is written.
    /// </summary>
    internal virtual bool WritesInPlace => false;

    /// <summary>
    /// Whether the gradient rule, while it doesn't record, has kernels of its own that write to gradients, and is more than operations on tensors.
    /// </summary>
    internal virtual bool HasGradientKernels => false;

    private void RunWidened(in Operands inputs, Tensor output)
    {
        if (Devices.Watch.IsOn)
        {
            RunWatched(inputs, output, widen: true);
        }
        else
        {
            ComputeWidened(inputs, output);
        }
    }

    private void ComputeWidened(in Operands inputs, Tensor output)
    {
        var wide = Ops.Sixteen.Widen(inputs);
        var result = output.DType.IsSixteen() ? Tensor.Allocate(output.Layout, DType.Float32) : output;
        Devices.Device.Current.Run(this, wide, result);
        if (!ReferenceEquals(result, output))
        {
            Ops.Sixteen.Narrow(result, output);
        }
    }

    /// <summary>Runs while somebody looks on.</summary>
    private void RunWatched(in Operands inputs, Tensor output, bool widen)
    {
        try
        {
            Devices.Watch.TellComputing(this, inputs);
            if (widen)
            {
                ComputeWidened(inputs, output);
            }
            else
            {
                Devices.Device.Current.Run(this, inputs, output);
            }

            Devices.Watch.TellComputed(this, inputs, output);
        }
        finally
        {
            Devices.Watch.Leave();
        }
    }

    /// <summary>Memory for the result, which may have room for more behind it.</summary>
    private protected virtual Tensor Allocate(in Operands inputs, in ResultSpec spec) => Tensor.Allocate(spec.Layout, spec.DType);

    /// <summary>Whether the operation goes on the tape: an input needs a gradient, and recording is on.</summary>
    private protected static bool IsRecorded(in Operands inputs)
    {
        for (var i = 0; i < inputs.Count && Recording.IsOn; i++)
        {
            if (inputs[i].Node is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Puts the operation on the tape, if an input needs a gradient and recording is on.</summary>
    internal void Record(in Operands inputs, Tensor output)
    {
        if (!Recording.IsOn || !output.DType.IsFloating())
        {
            return;
        }

        var needs = 0;
        for (var i = 0; i < inputs.Count; i++)
        {
            if (inputs[i].Node is not null)
            {
                needs |= 1 << Math.Min(i, 29);
            }
        }

        if (needs == 0)
        {
            return;
        }

        var node = new Node(this, output.Layout.Dense(), output.DType, inputs.Count);
        var saves = Saves(needs);
        for (var i = 0; i < inputs.Count; i++)
        {
            node.SetInput(i, inputs[i].Node);
            if (((int)saves & (1 << Math.Min(i, 29))) != 0)
            {
                node.Save(i, inputs[i]);
            }
        }

        output.Node = node;
        if ((saves & Saved.Output) != 0)
        {
            node.SaveOutput(output);
        }

        if (Devices.Watch.IsOn)
        {
            Devices.Watch.TellRecorded(node);
        }
    }
}
