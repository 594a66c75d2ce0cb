namespace Backprop.Layers;

/// <summary>What <see cref="ConvTranspose1d"/>, <see cref="ConvTranspose2d"/> and <see cref="ConvTranspose3d"/> share: the size of the result.</summary>
public abstract class TransposedConvolution : ConvolutionLayer
{
    private readonly string operation;
    private readonly int[] extra;

    private protected TransposedConvolution(in ConvolutionSettings settings)
        : base(settings)
    {
        operation = settings.Operation;
        extra = settings.OutputPadding.Resolve(operation, "outputPadding", settings.Axes, 0, 0);
        for (var axis = 0; axis < extra.Length; axis++)
        {
            if (extra[axis] >= Math.Max(Strides[axis], Dilations[axis]))
            {
                throw Error.Range(operation, "outputPadding", settings.OutputPadding, FormattableString.Invariant(
                    $"less than the stride {Strides[axis]} or the dilation {Dilations[axis]}"));
            }
        }
    }

    /// <summary>The transposed convolution of an input, to a size that is asked for: several have the same convolution.</summary>
    /// <param name="x">[batch, in, …], or [in, …] for a single one.</param>
    /// <param name="outputSize">The sizes of the result's spatial axes, which stand in for the output padding: one number, or one per axis.</param>
    /// <returns>[batch, out, outputSize].</returns>
    /// <exception cref="ShapeException">Another number of axes or channels.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A size that no output padding gives.</exception>
    /// <exception cref="DTypeException">The dtype is not the weight's.</exception>
    public Tensor Forward(Tensor x, PerAxis outputSize)
    {
        using var region = Enter();
        CheckInput(x);
        var sizes = outputSize.Resolve(operation, nameof(outputSize), extra.Length, 1, 0);
        var needed = new int[extra.Length];
        for (var axis = 0; axis < needed.Length; axis++)
        {
            var least = ((x.Shape[axis - needed.Length + x.Rank] - 1L) * Strides[axis]) - (2L * Paddings[axis].Before)
                + ((long)Dilations[axis] * (Weight.Shape[axis + 2] - 1)) + 1;
            var most = least + Math.Max(Strides[axis], Dilations[axis]) - 1;
            if (sizes[axis] < least || sizes[axis] > most)
            {
                throw Error.Range(operation, nameof(outputSize), sizes[axis], FormattableString.Invariant(
                    $"from {least} to {most} on axis {axis + 2} of the result, for an input {Error.Text(x.Shape)}"));
            }

            needed[axis] = (int)(sizes[axis] - least);
        }

        try
        {
            return Convolve(x, Before, needed);
        }
        catch (ShapeException exception)
        {
            throw Located(exception);
        }
    }

    /// <summary>The transposed convolution of an input.</summary>
    private protected abstract Tensor Convolve(Tensor x, PerAxis padding, PerAxis outputPadding);

    private protected sealed override Tensor Apply(Tensor x) => Convolve(x, Before, extra);

    private int[] Before => Array.ConvertAll(Paddings, pair => pair.Before);
}
