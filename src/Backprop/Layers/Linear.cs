namespace Backprop.Layers;

/// <summary>An affine map of the last axis: y = x Wᵀ + b. Also called a dense or fully connected layer.</summary>
/// <remarks>
/// The weight is [out, in], the bias [out]. Both start uniform in ±1/√in, as PyTorch's do. Any number of leading axes: [..., in] gives [..., out].
/// </remarks>
public sealed class Linear : Module
{
    /// <summary>A layer with random weights.</summary>
    /// <param name="inFeatures">The size of the last axis of the input; at least 1.</param>
    /// <param name="outFeatures">The size of the last axis of the result; at least 1.</param>
    /// <param name="bias">Whether a bias is added.</param>
    /// <param name="generator">Where the first weights come from; <see cref="Generator.Default"/> if not given.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public Linear(int inFeatures, int outFeatures, bool bias = true, Generator? generator = null, DType dtype = DType.Float32)
    {
        if (inFeatures < 1)
        {
            throw Error.Range("linear", nameof(inFeatures), inFeatures, "at least 1");
        }

        if (outFeatures < 1)
        {
            throw Error.Range("linear", nameof(outFeatures), outFeatures, "at least 1");
        }

        Weight = Initialize.UniformByFan(Parameter([outFeatures, inFeatures], dtype), inFeatures, generator);
        Bias = bias ? Initialize.UniformByFan(Parameter([outFeatures], dtype), inFeatures, generator) : null;
    }

    /// <summary>W, [out, in].</summary>
    public Tensor Weight { get; }

    /// <summary>b, [out]; null where there is none.</summary>
    public Tensor? Bias { get; }

    /// <summary>The size of the last axis of the input.</summary>
    public int InFeatures => Weight.Shape[1];

    /// <summary>The size of the last axis of the result.</summary>
    public int OutFeatures => Weight.Shape[0];

    /// <inheritdoc/>
    protected override string Settings => $"{InFeatures} → {OutFeatures}{(Bias is null ? ", no bias" : "")}";

    /// <summary>x Wᵀ + b.</summary>
    /// <param name="x">[..., in].</param>
    /// <returns>[..., out].</returns>
    /// <exception cref="ShapeException">The last axis has another size.</exception>
    /// <exception cref="DTypeException">The dtype is not the weight's.</exception>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        if (x.Rank == 0)
        {
            throw new ShapeException($"linear: a scalar has no features; the input must be [..., {InFeatures}], in {Location}");
        }

        if (x.Shape[^1] != InFeatures)
        {
            throw new ShapeException(
                $"matmul: inner dimensions differ: {Error.Text(x.Shape)} × [{InFeatures}, {OutFeatures}] ({x.Shape[^1]} ≠ {InFeatures})"
                + $"{Advice(x.Shape)}, in {Location}");
        }

        if (x.DType != Weight.DType)
        {
            throw new DTypeException($"{Error.DTypesDiffer("linear", x.DType, Weight.DType).Message} In {Location}");
        }

        return Tensor.Linear(x, Weight, Bias);
    }

    /// <summary>Images are often meant to come as one row of pixels each: says so where that would fit.</summary>
    private string Advice(ReadOnlySpan<int> shape)
    {
        long size = shape[^1];
        var from = 0;
        for (var axis = shape.Length - 2; axis > 0; axis--)
        {
            size *= shape[axis];
            from = size == InFeatures ? axis : from;
        }

        return from == 0 ? "" : $"; Flatten({from})? It gives {Error.Text([.. shape[..from], InFeatures])}";
    }
}
