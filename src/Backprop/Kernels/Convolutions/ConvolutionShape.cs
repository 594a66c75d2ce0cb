namespace Backprop.Kernels.Convolutions;

/// <summary>
/// The sizes of a convolution y[n, o, p] = Σ x[n, c, p · stride + k · dilation − padding] w[o, c, k]. Lists have three entries: depth, height, width; fewer
/// spatial axes are told by sizes of 1. Results fit in memory, whatever the parameters.
/// </summary>
internal sealed class ConvolutionShape : IEquatable<ConvolutionShape>
{
    private ConvolutionPlans? plans;

    /// <summary>Images.</summary>
    public required int Batch { get; init; }

    /// <summary>Groups of channels that see nothing of each other.</summary>
    public required int Groups { get; init; }

    /// <summary>Channels of x in a group.</summary>
    public required int Inputs { get; init; }

    /// <summary>Channels of y in a group.</summary>
    public required int Outputs { get; init; }

    /// <summary>The spatial sizes of x.</summary>
    public required int[] InputSizes { get; init; }

    /// <summary>The spatial sizes of y.</summary>
    public required int[] OutputSizes { get; init; }

    /// <summary>The spatial sizes of w.</summary>
    public required int[] Kernel { get; init; }

    public required int[] Stride { get; init; }

    public required int[] Dilation { get; init; }

    /// <summary>Zeros before the first position of x. Those behind the last one follow from the sizes.</summary>
    public required int[] Padding { get; init; }

    public int InputPlane => InputSizes[0] * InputSizes[1] * InputSizes[2];

    public int OutputPlane => OutputSizes[0] * OutputSizes[1] * OutputSizes[2];

    public int Taps => Kernel[0] * Kernel[1] * Kernel[2];

    /// <summary>How convolutions of this shape are computed.</summary>
    public ConvolutionPlans Plans => plans ??= ConvolutionPlans.Of(this);

    public bool Equals(ConvolutionShape? other) =>
        other is not null && (Batch, Groups, Inputs, Outputs) == (other.Batch, other.Groups, other.Inputs, other.Outputs)
        && InputSizes.AsSpan().SequenceEqual(other.InputSizes) && OutputSizes.AsSpan().SequenceEqual(other.OutputSizes)
        && Kernel.AsSpan().SequenceEqual(other.Kernel) && Stride.AsSpan().SequenceEqual(other.Stride)
        && Dilation.AsSpan().SequenceEqual(other.Dilation) && Padding.AsSpan().SequenceEqual(other.Padding);

    public override bool Equals(object? obj) => Equals(obj as ConvolutionShape);

    public override int GetHashCode()
    {
        var hash = HashCode.Combine(Batch, Groups, Inputs, Outputs);
        for (var axis = 0; axis < 3; axis++)
        {
            hash = HashCode.Combine(
                hash, InputSizes[axis], OutputSizes[axis], Kernel[axis], Stride[axis], Dilation[axis], Padding[axis]);
        }

        return hash;
    }
}
