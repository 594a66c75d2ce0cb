using Backprop.Ops;

namespace Backprop.Tests.Catalog.Operations;

/// <summary>Convolutions of one to three axes; their gradients come along as operations of their own.</summary>
internal sealed class ConvolutionSamples : ICatalogEntry
{
    public IEnumerable<Sample> Samples() =>
    [
        new("conv1d", "a bias, padding and a stride", [Values.Reals(2, 2, 6), Values.Others(3, 2, 3), Values.Reals(3)],
            t => Tensor.Conv1d(t[0], t[1], t[2], stride: 2, padding: 1))
        {
            Large = () => [Values.Reals(5, 6, 3000), Values.Others(9, 6, 5), Values.Reals(9)],
        },
        new("conv1d", "one signal, dilated", [Values.Reals(2, 7), Values.Others(2, 2, 3)], t => Tensor.Conv1d(t[0], t[1], dilation: 2)),
        new("conv1d", "same padding of an even kernel", [Values.Reals(1, 1, 5), Values.Others(2, 1, 4)], t => Tensor.Conv1d(t[0], t[1], padding: Padding.Same)),
        new("conv2d", "padding and a bias", [Values.Reals(1, 2, 4, 4), Values.Others(2, 2, 3, 2), Values.Reals(2)],
            t => Tensor.Conv2d(t[0], t[1], t[2], padding: 1))
        {
            Large = () => [Values.Reals(4, 5, 40, 37), Values.Others(20, 5, 3, 2), Values.Reals(20)],
        },
        new("conv2d", "strides larger than the kernel", [Values.Reals(1, 1, 7, 6), Values.Others(2, 1, 2, 2)], t => Tensor.Conv2d(t[0], t[1], stride: [3, 4]))
        {
            Large = () => [Values.Reals(4, 5, 50, 61), Values.Others(20, 5, 2, 2)],
        },
        new("conv2d", "one channel, an image", [Values.Reals(1, 5, 5), Values.Others(1, 1, 3, 3)], t => Tensor.Conv2d(t[0], t[1])),
        new("conv2d", "kernels of one element", [Values.Reals(2, 3, 2, 3), Values.Others(4, 3, 1, 1), Values.Reals(4)], t => Tensor.Conv2d(t[0], t[1], t[2]))
        {
            Large = () => [Values.Reals(6, 33, 15, 17), Values.Others(20, 33, 1, 1), Values.Reals(20)],
        },
        new("conv2d", "kernels of one element, a stride", [Values.Reals(1, 2, 5, 4), Values.Others(3, 2, 1, 1)], t => Tensor.Conv2d(t[0], t[1], stride: 2)),
        new("conv2d", "depthwise", [Values.Reals(1, 3, 4, 3), Values.Others(3, 1, 3, 2), Values.Reals(3)], t => Tensor.Conv2d(t[0], t[1], t[2], padding: 1, groups: 3))
        {
            Large = () => [Values.Reals(5, 3, 91, 92), Values.Others(3, 1, 3, 2), Values.Reals(3)],
        },
        new("conv2d", "depthwise with a stride, two outputs a channel", [Values.Reals(1, 2, 5, 4), Values.Others(4, 1, 2, 2)],
            t => Tensor.Conv2d(t[0], t[1], stride: 2, padding: 1, groups: 2)),
        new("conv2d", "a kernel larger than the image", [Values.Reals(2, 1, 2, 2), Values.Others(2, 1, 5, 4)], t => Tensor.Conv2d(t[0], t[1], padding: [2, 1])),
        new("conv2d", "taps that meet nothing but padding", [Values.Reals(1, 2, 2, 3), Values.Others(2, 2, 3, 3), Values.Reals(2)],
            t => Tensor.Conv2d(t[0], t[1], t[2], padding: 5, dilation: 5, stride: [1, 3])),
        new("conv2d", "no images", [Values.Reals(0, 2, 4, 4), Values.Others(3, 2, 3, 3), Values.Reals(3)], t => Tensor.Conv2d(t[0], t[1], t[2], padding: 1)),
        new("conv3d", "a stride and padding for each axis", [Values.Reals(1, 2, 3, 3, 2), Values.Others(2, 2, 2, 2, 1), Values.Reals(2)],
            t => Tensor.Conv3d(t[0], t[1], t[2], stride: [1, 2, 1], padding: [1, 0, 1]))
        {
            Large = () => [Values.Reals(2, 3, 20, 21, 22), Values.Others(17, 3, 2, 2, 1), Values.Reals(17)],
        },
        new("conv3d", "one volume", [Values.Reals(1, 3, 2, 3), Values.Others(1, 1, 2, 2, 2)], t => Tensor.Conv3d(t[0], t[1])),
        new("conv_transpose1d", "a stride, padding, a bias", [Values.Reals(2, 2, 4), Values.Others(2, 3, 3), Values.Reals(3)],
            t => Tensor.ConvTranspose1d(t[0], t[1], t[2], stride: 2, padding: 1, outputPadding: 1))
        {
            Large = () => [Values.Reals(4, 7, 900), Values.Others(7, 6, 3), Values.Reals(6)],
        },
        new("conv_transpose1d", "one signal, a stride beyond the kernel", [Values.Reals(2, 3), Values.Others(2, 1, 2), Values.Reals(1)],
            t => Tensor.ConvTranspose1d(t[0], t[1], t[2], stride: 4)),
        new("conv_transpose2d", "groups and dilation", [Values.Reals(1, 4, 3, 2), Values.Others(4, 2, 2, 2), Values.Reals(4)],
            t => Tensor.ConvTranspose2d(t[0], t[1], t[2], padding: [1, 0], groups: 2, dilation: 2))
        {
            Large = () => [Values.Reals(4, 12, 20, 21), Values.Others(12, 10, 2, 2), Values.Reals(20)],
        },
        new("conv_transpose2d", "strides and output padding", [Values.Reals(1, 2, 2, 3), Values.Others(2, 1, 3, 2)],
            t => Tensor.ConvTranspose2d(t[0], t[1], stride: [3, 2], padding: 1, outputPadding: [2, 0])),
        new("conv_transpose2d", "output padding beyond the stride", [Values.Reals(1, 1, 3, 3), Values.Others(1, 2, 2, 2), Values.Reals(2)],
            t => Tensor.ConvTranspose2d(t[0], t[1], t[2], stride: 1, dilation: 3, outputPadding: 2)),
        new("conv_transpose3d", "a stride", [Values.Reals(1, 1, 2, 2, 2), Values.Others(1, 2, 2, 1, 2), Values.Reals(2)],
            t => Tensor.ConvTranspose3d(t[0], t[1], t[2], stride: [2, 1, 2]))
        {
            Large = () => [Values.Reals(2, 3, 12, 13, 14), Values.Others(3, 12, 2, 1, 2), Values.Reals(12)],
        },
        new("conv1d", "no channels to sum over", [Values.Reals(2, 0, 4), Values.Others(3, 0, 2), Values.Reals(3)], t => Tensor.Conv1d(t[0], t[1], t[2])),
        new("conv1d", "no tap inside, by a dilation", [Values.Reals(1, 3, 1), Values.Others(2, 3, 4), Values.Reals(2)],
            t => Tensor.Conv1d(t[0], t[1], t[2], padding: Padding.Same, dilation: 2)),
        new("conv1d", "no tap inside, by a stride", [Values.Reals(1, 2, 1), Values.Others(2, 2, 1), Values.Reals(2)],
            t => Tensor.Conv1d(t[0], t[1], t[2], padding: 1, stride: 2)),
        new("conv1d", "no tap inside, one output", [Values.Reals(2, 2, 1), Values.Others(1, 2, 2), Values.Reals(1)],
            t => Tensor.Conv1d(t[0], t[1], t[2], padding: 1, dilation: 2)),
        new("conv2d", "no tap inside", [Values.Reals(1, 3, 1, 1), Values.Others(2, 3, 2, 2), Values.Reals(2)],
            t => Tensor.Conv2d(t[0], t[1], t[2], padding: 1, dilation: 2)),
        new("conv_transpose1d", "no outputs", [Values.Reals(1, 2, 3), Values.Others(2, 0, 2)], t => Tensor.ConvTranspose1d(t[0], t[1])),
        new("conv1d_weight_gradient", "of one axis", [Values.Reals(2, 2, 4), Values.Others(2, 2, 2)], t => WeightGradient(1, t, 2, 2, 3))
        {
            Large = () => [Values.Reals(9, 2, 3002), Values.Others(9, 2, 3000)],
        },
        new("conv2d_weight_gradient", "of two axes", [Values.Reals(1, 2, 3, 4), Values.Others(1, 2, 2, 3)], t => WeightGradient(2, t, 2, 2, 2, 2))
        {
            Large = () => [Values.Reals(20, 2, 20, 31), Values.Others(20, 2, 19, 30)],
        },
        new("conv3d_weight_gradient", "of three axes", [Values.Reals(1, 1, 2, 3, 3), Values.Others(1, 2, 1, 2, 2)], t => WeightGradient(3, t, 2, 1, 2, 2, 2))
        {
            Large = () => [Values.Reals(5, 1, 20, 21, 22), Values.Others(5, 2, 19, 20, 21)],
        },
    ];

    public IEnumerable<ErrorCase> Errors() =>
    [
        Wrong("conv1d_weight_gradient", "another channel", typeof(ShapeException), [Tensor.Zeros([2, 2, 4]), Tensor.Zeros([2, 3, 2])],
            t => WeightGradient(1, t, 2, 2, 3), "[2, 3, 2]", "[2, 2, 2]"),
        Wrong("conv2d_weight_gradient", "another plane", typeof(ShapeException), [Tensor.Zeros([1, 2, 3, 4]), Tensor.Zeros([1, 2, 2, 9])],
            t => WeightGradient(2, t, 2, 2, 2, 2), "[1, 2, 2, 9]", "[1, 2, 2, 3]"),
        Wrong("conv3d_weight_gradient", "another precision", typeof(DTypeException),
            [Tensor.Zeros([1, 1, 2, 3, 3]), Tensor.Zeros([1, 2, 1, 2, 2], DType.Float64)],
            t => WeightGradient(3, t, 2, 1, 2, 2, 2), "float32", "float64"),
        Wrong("conv2d", "too few axes", typeof(ShapeException), [Tensor.Zeros([4, 4]), Tensor.Zeros([1, 1, 3, 3])], t => Tensor.Conv2d(t[0], t[1]),
            "[4, 4]", "4 axes", "3 without the batch"),
        Wrong("conv2d", "a flat weight", typeof(ShapeException), [Tensor.Zeros([1, 1, 4, 4]), Tensor.Zeros([1, 9])], t => Tensor.Conv2d(t[0], t[1]),
            "[1, 9]", "[out, in / groups, kernel …]"),
        Wrong("conv2d", "other channels", typeof(ShapeException), [Tensor.Zeros([1, 3, 4, 4]), Tensor.Zeros([8, 4, 3, 3])], t => Tensor.Conv2d(t[0], t[1]),
            "[8, 4, 3, 3]", "takes 4 channels", "[1, 3, 4, 4]"),
        Wrong("conv2d", "channels that do not divide", typeof(ShapeException), [Tensor.Zeros([1, 3, 4, 4]), Tensor.Zeros([4, 1, 3, 3])],
            t => Tensor.Conv2d(t[0], t[1], groups: 2), "3 of [1, 3, 4, 4]", "multiple of 2"),
        Wrong("conv2d", "no groups", typeof(ArgumentOutOfRangeException), [Tensor.Zeros([1, 3, 4, 4]), Tensor.Zeros([4, 1, 3, 3])],
            t => Tensor.Conv2d(t[0], t[1], groups: 0), "groups is 0", "at least 1"),
        Wrong("conv2d", "a kernel that does not fit", typeof(ShapeException), [Tensor.Zeros([1, 1, 4, 4]), Tensor.Zeros([1, 1, 3, 3])],
            t => Tensor.Conv2d(t[0], t[1], dilation: 4, padding: [3, 1]), "axis 3", "4 + 2 (padding)", "4 · (3 − 1) + 1 = 9"),
        Wrong("conv2d", "an empty kernel", typeof(ShapeException), [Tensor.Zeros([1, 1, 4, 4]), Tensor.Zeros([1, 1, 0, 3])], t => Tensor.Conv2d(t[0], t[1]),
            "[1, 1, 0, 3]", "at least 1"),
        Wrong("conv2d", "an empty image", typeof(ShapeException), [Tensor.Zeros([1, 1, 0, 4]), Tensor.Zeros([1, 1, 1, 1])],
            t => Tensor.Conv2d(t[0], t[1], padding: 1), "axis 2", "[1, 1, 0, 4]"),
        Wrong("conv2d", "a bias of another size", typeof(ShapeException), [Tensor.Zeros([1, 1, 4, 4]), Tensor.Zeros([2, 1, 3, 3]), Tensor.Zeros([3])],
            t => Tensor.Conv2d(t[0], t[1], t[2]), "the bias [3]", "[2]"),
        Wrong("conv2d", "a stride of 0", typeof(ArgumentOutOfRangeException), [Tensor.Zeros([1, 1, 4, 4]), Tensor.Zeros([2, 1, 3, 3])],
            t => Tensor.Conv2d(t[0], t[1], stride: [1, 0]), "stride is [1, 0]", "at least 1"),
        Wrong("conv2d", "negative padding", typeof(ArgumentOutOfRangeException), [Tensor.Zeros([1, 1, 4, 4]), Tensor.Zeros([2, 1, 3, 3])],
            t => Tensor.Conv2d(t[0], t[1], padding: -1), "padding is -1", "at least 0"),
        Wrong("conv2d", "a dilation of 0", typeof(ArgumentOutOfRangeException), [Tensor.Zeros([1, 1, 4, 4]), Tensor.Zeros([2, 1, 3, 3])],
            t => Tensor.Conv2d(t[0], t[1], dilation: 0), "dilation is 0", "at least 1"),
        Wrong("conv2d", "three strides for two axes", typeof(ArgumentOutOfRangeException), [Tensor.Zeros([1, 1, 4, 4]), Tensor.Zeros([2, 1, 3, 3])],
            t => Tensor.Conv2d(t[0], t[1], stride: [1, 1, 1]), "[1, 1, 1]", "one number, or one for each of 2 axes"),
        Wrong("conv2d", "same padding with a stride", typeof(ArgumentOutOfRangeException), [Tensor.Zeros([1, 1, 4, 4]), Tensor.Zeros([2, 1, 3, 3])],
            t => Tensor.Conv2d(t[0], t[1], stride: 2, padding: Padding.Same), "stride is 2", "1 where the padding is same"),
        Wrong("conv2d", "too large a result", typeof(ShapeException), [Tensor.Zeros([1, 1, 4, 4]), Tensor.Zeros([2, 1, 3, 3])],
            t => Tensor.Conv2d(t[0], t[1], padding: int.MaxValue), "axis 2", "4294967296"),
        Wrong("conv2d", "whole numbers", typeof(DTypeException), [Tensor.Zeros([1, 1, 4, 4], DType.Int64), Tensor.Zeros([2, 1, 3, 3], DType.Int64)],
            t => Tensor.Conv2d(t[0], t[1]), "int64", "To(DType.Float32)"),
        Wrong("conv2d", "two precisions", typeof(DTypeException), [Tensor.Zeros([1, 1, 4, 4], DType.Float64), Tensor.Zeros([2, 1, 3, 3])],
            t => Tensor.Conv2d(t[0], t[1]), "float64", "float32"),
        Wrong("conv1d", "too many axes", typeof(ShapeException), [Tensor.Zeros([1, 1, 4, 4]), Tensor.Zeros([1, 1, 3])], t => Tensor.Conv1d(t[0], t[1]),
            "[1, 1, 4, 4]", "3 axes"),
        Wrong("conv3d", "a kernel that does not fit", typeof(ShapeException), [Tensor.Zeros([1, 1, 4, 4, 2]), Tensor.Zeros([1, 1, 3, 3, 3])],
            t => Tensor.Conv3d(t[0], t[1]), "axis 4", "2 + 0 (padding)"),
        Wrong("conv_transpose1d", "a weight for other channels", typeof(ShapeException), [Tensor.Zeros([1, 3, 4]), Tensor.Zeros([2, 3, 3])],
            t => Tensor.ConvTranspose1d(t[0], t[1]), "takes 2 channels", "has 3"),
        Wrong("conv_transpose2d", "nothing left", typeof(ShapeException), [Tensor.Zeros([1, 1, 2, 2]), Tensor.Zeros([1, 1, 3, 3])],
            t => Tensor.ConvTranspose2d(t[0], t[1], stride: 2, padding: 3), "(2 − 1) · 2 (stride) − 6 (padding)", "= -1"),
        Wrong("conv_transpose2d", "too much output padding", typeof(ArgumentOutOfRangeException), [Tensor.Zeros([1, 1, 2, 2]), Tensor.Zeros([1, 1, 3, 3])],
            t => Tensor.ConvTranspose2d(t[0], t[1], stride: 2, outputPadding: 2), "outputPadding is 2", "less than the stride or the dilation (2, 1)"),
        Wrong("conv_transpose3d", "too large a result", typeof(ShapeException), [Tensor.Zeros([1, 1, 9, 9, 9]), Tensor.Zeros([1, 1, 3, 3, 3])],
            t => Tensor.ConvTranspose3d(t[0], t[1], stride: int.MaxValue), "axis 2", "17179869179"),
    ];

    private static ErrorCase Wrong(string operation, string situation, Type exception, Tensor[] operands, Func<Tensor[], Tensor> call, params string[] says) =>
        new(operation, situation, exception, operands, t => call(t), says);

    /// <summary>The gradient of weights of the given shape as a function of the images and of what comes back.</summary>
    private static Tensor WeightGradient(int axes, Tensor[] t, params int[] weights)
    {
        var shape = new ConvolutionArguments("conv", axes, default, Padding.Valid, default, 1).Of(t[0], Tensor.Zeros(weights, t[0].DType), null);
        return new ConvolutionWeightGradient(shape, axes).Apply(t[0], t[1]);
    }
}
