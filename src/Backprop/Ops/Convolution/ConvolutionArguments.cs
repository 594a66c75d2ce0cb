using Backprop.Kernels.Convolutions;

namespace Backprop.Ops;

/// <summary>Checks the arguments of convolutions of every kind and turns them into the sizes that kernels work with.</summary>
internal sealed class ConvolutionArguments(
    string operation, int axes, PerAxis stride, Padding padding, PerAxis dilation, int groups, PerAxis outputPadding = default)
{
    private int[] strides = [];
    private int[] dilations = [];
    private int[] before = [];
    private int[] after = [];
    private int[] extra = [];

    /// <summary>A convolution of x [batch, channels, …] with weights [outputs, channels / groups, …].</summary>
    public ConvolutionShape Of(Tensor x, Tensor weight, Tensor? bias)
    {
        Check(x, weight, "[out, in / groups, kernel …]");
        var (channels, outputs) = (x.Shape[1], weight.Shape[0]);
        Divides("the input's channels", channels, x);
        Divides("the weight's outputs", outputs, weight);
        if (weight.Shape[1] != channels / groups)
        {
            throw Error.Shape(operation, FormattableString.Invariant(
                $"the weight {Error.Text(weight.Shape)} takes {weight.Shape[1]} channels per group, but the input {Error.Text(x.Shape)} has ")
                + FormattableString.Invariant($"{channels} / {groups} = {channels / groups}."));
        }

        CheckBias(bias, x, outputs);
        var kernel = weight.Shape[2..].ToArray();
        Resolve(kernel);
        var sizes = new int[axes];
        for (var axis = 0; axis < axes; axis++)
        {
            var size = x.Shape[axis + 2];
            var room = (long)size + before[axis] + after[axis] - ((long)dilations[axis] * (kernel[axis] - 1)) - 1;
            if (room < 0 || size == 0)
            {
                throw Error.Shape(operation, FormattableString.Invariant(
                    $"the kernel does not fit into axis {axis + 2} of the input {Error.Text(x.Shape)}: {size} + {(long)before[axis] + after[axis]} (padding) ")
                    + FormattableString.Invariant($"is less than {dilations[axis]} · ({kernel[axis]} − 1) + 1 = ")
                    + FormattableString.Invariant($"{((long)dilations[axis] * (kernel[axis] - 1)) + 1} (dilation · (kernel − 1) + 1), or empty."));
            }

            sizes[axis] = Fits((room / strides[axis]) + 1, axis);
        }

        return Shape(x.Shape[0], channels / groups, outputs / groups, x.Shape[2..].ToArray(), sizes, kernel);
    }

    /// <summary>
    /// A transposed convolution of x [batch, channels, …] with weights [channels, outputs / groups, …]: x is what a convolution would give.
    /// </summary>
    public ConvolutionShape Transposed(Tensor x, Tensor weight, Tensor? bias)
    {
        Check(x, weight, "[in, out / groups, kernel …]");
        var channels = x.Shape[1];
        Divides("the input's channels", channels, x);
        if (weight.Shape[0] != channels)
        {
            throw Error.Shape(operation, FormattableString.Invariant(
                $"the weight {Error.Text(weight.Shape)} takes {weight.Shape[0]} channels, but the input {Error.Text(x.Shape)} has {channels}."));
        }

        var kernel = weight.Shape[2..].ToArray();
        CheckBias(bias, x, Layout.CheckedCount(operation, [weight.Shape[1], groups]));
        Resolve(kernel);
        var sizes = new int[axes];
        for (var axis = 0; axis < axes; axis++)
        {
            if (extra[axis] >= Math.Max(strides[axis], dilations[axis]))
            {
                throw Error.Range(operation, "outputPadding", extra[axis], FormattableString.Invariant(
                    $"less than the stride or the dilation ({strides[axis]}, {dilations[axis]})"));
            }

            var input = x.Shape[axis + 2];
            var size = ((input - 1L) * strides[axis]) - before[axis] - after[axis] + ((long)dilations[axis] * (kernel[axis] - 1)) + extra[axis] + 1;
            if (size < 1 || input == 0)
            {
                throw Error.Shape(operation, FormattableString.Invariant(
                    $"nothing is left of axis {axis + 2} of the input {Error.Text(x.Shape)}: ({input} − 1) · {strides[axis]} (stride) − ")
                    + FormattableString.Invariant($"{(long)before[axis] + after[axis]} (padding) + {dilations[axis]} · ({kernel[axis]} − 1) ")
                    + FormattableString.Invariant($"(dilation · (kernel − 1)) + {extra[axis]} (output padding) + 1 = {size}."));
            }

            sizes[axis] = Fits(size, axis);
        }

        return Shape(x.Shape[0], weight.Shape[1], channels / groups, sizes, x.Shape[2..].ToArray(), kernel);
    }

    private ConvolutionShape Shape(int batch, int inputs, int outputs, int[] inputSizes, int[] outputSizes, int[] kernel) => new()
    {
        Batch = batch,
        Groups = groups,
        Inputs = inputs,
        Outputs = outputs,
        InputSizes = Three(inputSizes, 1),
        OutputSizes = Three(outputSizes, 1),
        Kernel = Three(kernel, 1),
        Stride = Three(strides, 1),
        Dilation = Three(dilations, 1),
        Padding = Three(before, 0),
    };

    private static int[] Three(int[] numbers, int filler) =>
        [.. Enumerable.Repeat(filler, 3 - numbers.Length), .. numbers];

    private void Check(Tensor x, Tensor weight, string order)
    {
        if (x.DType != weight.DType)
        {
            throw Error.DTypesDiffer(operation, x.DType, weight.DType);
        }

        if (!x.DType.IsFloating())
        {
            throw Error.DType(operation, x.DType, "convert with To(DType.Float32) first.");
        }

        if (x.Rank != axes + 2)
        {
            throw Error.Shape(operation, FormattableString.Invariant(
                $"the input {Error.Text(x.Shape)} must have {axes + 2} axes, [batch, channels, {Names()}], or {axes + 1} without the batch."));
        }

        if (weight.Rank != axes + 2)
        {
            throw Error.Shape(operation, FormattableString.Invariant(
                $"the weight {Error.Text(weight.Shape)} must have {axes + 2} axes: {order}."));
        }

        foreach (var size in weight.Shape[2..])
        {
            if (size < 1)
            {
                throw Error.Shape(operation, $"the kernel of the weight {Error.Text(weight.Shape)} is empty; its sizes must be at least 1.");
            }
        }

        if (groups < 1)
        {
            throw Error.Range(operation, nameof(groups), groups, "at least 1");
        }
    }

    private string Names() => axes switch { 1 => "length", 2 => "height, width", _ => "depth, height, width" };

    private void Divides(string what, int channels, Tensor tensor)
    {
        if (channels % groups != 0)
        {
            throw Error.Shape(operation, FormattableString.Invariant(
                $"{what} do not divide into groups: {channels} of {Error.Text(tensor.Shape)} is no multiple of {groups}."));
        }
    }

    private void CheckBias(Tensor? bias, Tensor x, int outputs)
    {
        if (bias is null)
        {
            return;
        }

        if (bias.DType != x.DType)
        {
            throw Error.DTypesDiffer(operation, x.DType, bias.DType);
        }

        if (!bias.Layout.HasShape([outputs]))
        {
            throw Error.Shape(operation, FormattableString.Invariant(
                $"the bias {Error.Text(bias.Shape)} must have shape [{outputs}], one per output channel."));
        }
    }

    private void Resolve(int[] kernel)
    {
        strides = stride.Resolve(operation, nameof(stride), axes, 1, 1);
        dilations = dilation.Resolve(operation, nameof(dilation), axes, 1, 1);
        extra = outputPadding.Resolve(operation, nameof(outputPadding), axes, 0, 0);
        before = after = padding.Numbers.Resolve(operation, nameof(padding), axes, 0, 0);
        if (!padding.IsSame)
        {
            return;
        }

        (before, after) = (new int[axes], new int[axes]);
        for (var axis = 0; axis < axes; axis++)
        {
            if (strides[axis] != 1)
            {
                throw Error.Range(operation, nameof(stride), stride, "1 where the padding is same");
            }

            var total = (long)dilations[axis] * (kernel[axis] - 1);
            (before[axis], after[axis]) = (Fits(total / 2, axis), Fits(total - (total / 2), axis));
        }
    }

    private int Fits(long size, int axis) => size <= Layout.MaxBytes
        ? (int)size
        : throw Error.Shape(operation, FormattableString.Invariant(
            $"axis {axis + 2} of the result would have {size} positions; the limit is {Layout.MaxBytes}."));
}
