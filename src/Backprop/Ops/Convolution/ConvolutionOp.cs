using Backprop.Kernels.Convolutions;

namespace Backprop.Ops;

/// <summary>
/// What the convolution and its two gradients share. Each is linear in both of its inputs, and each one's gradients are the other two, so the three
/// are closed
/// under differentiation and every order exists.
/// </summary>
internal abstract class ConvolutionOp(ConvolutionShape shape, int axes) : Op
{
    public ConvolutionShape Shape => shape;

    public int Axes => axes;

    public override string Describe()
    {
        var parts = new List<string>();
        Tell("stride", shape.Stride, 1);
        Tell("padding", shape.Padding, 0);
        Tell("dilation", shape.Dilation, 1);
        if (shape.Groups != 1)
        {
            parts.Add(FormattableString.Invariant($"groups={shape.Groups}"));
        }

        return parts.Count == 0 ? Name : $"{Name}({string.Join(", ", parts)})";

        void Tell(string name, int[] three, int usual)
        {
            var numbers = three[^axes..];
            if (numbers.Any(number => number != usual))
            {
                parts.Add($"{name}={PerAxis.Create(numbers.All(number => number == numbers[0]) ? [numbers[0]] : numbers)}");
            }
        }
    }

    internal sealed override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) =>
        2.0 * shape.Batch * shape.Groups * shape.Outputs * shape.OutputPlane * shape.Inputs * shape.Taps;

    /// <summary>A bias has a sum for its gradient, not a product.</summary>
    internal sealed override double CountGradientFlops(int input, ReadOnlySpan<Layout?> inputs, Layout output) =>
        input == 2 ? output.Count : CountFlops(inputs, output);

    protected internal override Saved Saves(int needs) =>
        ((needs & 1) != 0 ? Saved.Input1 : 0) | ((needs & 2) != 0 ? Saved.Input0 : 0);

    /// <summary>[batch, groups · channels, sizes].</summary>
    protected ResultSpec Images(int channels, int[] sizes, DType dtype) =>
        new(Layout.Contiguous(Name, [shape.Batch, shape.Groups * channels, .. sizes[^axes..]]), dtype);

    /// <summary>The gradient of a bias: the sum over images and positions.</summary>
    protected static Tensor BiasGradient(Tensor g)
    {
        var (batch, channels) = (g.Shape[0], g.Shape[1]);
        return g.Reshape(batch, channels, Layout.CheckedCount("conv", g.Shape[2..])).Sum(2).Sum(0);
    }
}
