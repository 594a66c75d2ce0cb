using System.Numerics;
using Backprop.Kernels.Convolutions;

namespace Backprop.Ops;

/// <summary>What unfold and fold share: the windows of images, and their sizes. Each one's gradient is the other.</summary>
internal abstract unsafe class WindowColumns(ConvolutionShape shape) : Op
{
    protected ConvolutionShape Shape => shape;

    /// <summary>Checks the windows that a kernel takes of an image of the given size.</summary>
    public static ConvolutionShape Of(
        string operation, int batch, int channels, int[] sizes, PerAxis kernelSize, PerAxis dilation, PerAxis padding, PerAxis stride)
    {
        var kernel = kernelSize.Resolve(operation, nameof(kernelSize), 2, 1, 0);
        var dilations = dilation.Resolve(operation, nameof(dilation), 2, 1, 1);
        var paddings = padding.Resolve(operation, nameof(padding), 2, 0, 0);
        var strides = stride.Resolve(operation, nameof(stride), 2, 1, 1);
        var positions = new int[2];
        for (var axis = 0; axis < 2; axis++)
        {
            var (size, reach) = (sizes[axis] + (2L * paddings[axis]), ((long)dilations[axis] * (kernel[axis] - 1)) + 1);
            if (size < reach || sizes[axis] == 0)
            {
                throw Error.Shape(operation, FormattableString.Invariant(
                    $"the kernel does not fit into images of {Error.Text(sizes)}: {sizes[axis]} + 2 · {paddings[axis]} (padding) is less than ")
                    + FormattableString.Invariant($"{dilations[axis]} · ({kernel[axis]} − 1) + 1 = {reach} (dilation · (kernel − 1) + 1), or empty."));
            }

            var count = ((size - reach) / strides[axis]) + 1;
            positions[axis] = count <= int.MaxValue ? (int)count
                : throw Error.Shape(operation, FormattableString.Invariant($"axis {axis + 2} would have {count} windows; the limit is {int.MaxValue}."));
        }

        return new ConvolutionShape
        {
            Batch = batch,
            Groups = 1,
            Inputs = channels,
            Outputs = 1,
            InputSizes = [1, .. sizes],
            OutputSizes = [1, .. positions],
            Kernel = [1, .. kernel],
            Stride = [1, .. strides],
            Dilation = [1, .. dilations],
            Padding = [0, .. paddings],
        };
    }

    public static void CheckDType(string operation, DType dtype)
    {
        if (dtype == DType.Bool)
        {
            throw Error.DType(operation, dtype, "convert with To(DType.Int32) first.");
        }
    }

    public override string Describe()
    {
        var text = FormattableString.Invariant($"{Name}(kernel={Error.Text(shape.Kernel[1..])}, stride={Error.Text(shape.Stride[1..])}, ");
        return text + $"padding={Error.Text(shape.Padding[1..])}, dilation={Error.Text(shape.Dilation[1..])})";
    }

    protected internal override Saved Saves(int needs) => Saved.None;

    protected internal override void Compute(in Operands inputs, Tensor output)
    {
        switch (output.DType)
        {
            case DType.Float32: Compute<float>(inputs[0].Dense(), output); break;
            case DType.Float64: Compute<double>(inputs[0].Dense(), output); break;
            case DType.Int32: Compute<int>(inputs[0].Dense(), output); break;
            default: Compute<long>(inputs[0].Dense(), output); break;
        }
    }

    protected abstract void Compute<T>(Tensor input, Tensor output)
        where T : unmanaged, INumberBase<T>;

    /// <summary>The number of windows; refused where it is too large to count.</summary>
    protected static int Windows(string operation, ConvolutionShape shape) => Layout.CheckedCount(operation, shape.OutputSizes);

    /// <summary>[batch, channels · kernel, windows].</summary>
    protected ResultSpec ColumnSpec(DType dtype) => new(
        Layout.Contiguous(Name, [shape.Batch, Layout.CheckedCount(Name, [shape.Inputs, .. shape.Kernel]), Windows(Name, shape)]), dtype);

    /// <summary>[batch, channels, height, width].</summary>
    protected ResultSpec ImageSpec(DType dtype) =>
        new(Layout.Contiguous(Name, [shape.Batch, shape.Inputs, .. shape.InputSizes[1..]]), dtype);
}
