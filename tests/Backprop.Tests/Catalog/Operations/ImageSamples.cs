namespace Backprop.Tests.Catalog.Operations;

/// <summary>Windows as columns and back, images in another size, pixels and channels.</summary>
internal sealed class ImageSamples : ICatalogEntry
{
    public IEnumerable<Sample> Samples() =>
    [
        new("unfold", "padding and a stride", [Values.Reals(1, 2, 4, 5)], t => t[0].Unfold([3, 2], padding: [1, 0], stride: [2, 1]))
        {
            Large = () => [Values.Reals(3, 8, 60, 61)],
        },
        new("unfold", "one image, dilated", [Values.Reals(2, 4, 4)], t => t[0].Unfold(2, dilation: 2)),
        new("fold", "windows that overlap", [Values.Reals(1, 8, 6)], t => t[0].Fold([4, 3], 2))
        {
            Large = () => [Values.Reals(2, 4 * 2000, 6)],
        },
        new("fold", "a stride and padding", [Values.Reals(4, 4)], t => t[0].Fold(3, 2, padding: 1, stride: 2)),
        new("fold", "windows apart", [Values.Reals(2, 2, 2)], t => t[0].Fold([3, 2], [1, 2], stride: 2)),
        new("interpolate", "the nearest, larger and smaller", [Values.Reals(1, 2, 3, 4)], t => t[0].Interpolate([7, 3])),
        new("interpolate", "between two neighbours", [Values.Reals(2, 1, 5)], t => t[0].Interpolate(8, InterpolationMode.Linear)),
        new("interpolate", "through four neighbours", [Values.Reals(1, 1, 4, 3)], t => t[0].Interpolate([3, 7], InterpolationMode.Cubic))
        {
            Large = () => [Values.Reals(4, 50, 101, 53)],
        },
        new("interpolate", "a volume, the corners stay", [Values.Reals(1, 1, 2, 3, 2)],
            t => t[0].Interpolate([3, 2, 4], InterpolationMode.Linear, alignCorners: true)),
        new("interpolate", "cubic, the corners stay", [Values.Reals(1, 1, 4, 3)], t => t[0].Interpolate([5, 1], InterpolationMode.Cubic, alignCorners: true)),
        new("interpolate", "means of areas", [Values.Reals(1, 2, 5, 4)], t => t[0].Interpolate([2, 3], InterpolationMode.Area)),
        new("interpolate_by", "the nearest centre", [Values.Reals(1, 2, 3, 4)], t => t[0].InterpolateBy([1.7, 0.6], InterpolationMode.NearestExact))
        {
            IsComposite = true,
        },
        new("interpolate_by", "a scale for all axes", [Values.Reals(1, 1, 3, 4)], t => t[0].InterpolateBy(1.5, InterpolationMode.Linear)) { IsComposite = true },
        new("pixel_shuffle", "two images", [Values.Reals(2, 8, 2, 3)], t => t[0].PixelShuffle(2)) { IsComposite = true },
        new("pixel_shuffle", "no batch", [Values.Reals(9, 1, 2)], t => t[0].PixelShuffle(3)) { IsComposite = true },
        new("pixel_shuffle", "a factor of 1", [Values.Reals(1, 2, 2)], t => t[0].PixelShuffle(1)) { IsComposite = true },
        new("pixel_unshuffle", "a factor of 1", [Values.Reals(1, 2, 2)], t => t[0].PixelUnshuffle(1)) { IsComposite = true },
        new("pixel_unshuffle", "two images", [Values.Reals(2, 1, 4, 6)], t => t[0].PixelUnshuffle(2)) { IsComposite = true },
    ];

    public IEnumerable<ErrorCase> Errors() =>
    [
        Wrong("unfold", "a matrix", typeof(ShapeException), [Tensor.Zeros([4, 4])], t => t[0].Unfold(2), "[4, 4]", "4 axes"),
        Wrong("unfold", "a kernel that does not fit", typeof(ShapeException), [Tensor.Zeros([1, 1, 4, 4])], t => t[0].Unfold(3, dilation: 3, padding: 1),
            "[4, 4]", "4 + 2 · 1 (padding)", "3 · (3 − 1) + 1 = 7"),
        Wrong("unfold", "no kernel", typeof(ArgumentOutOfRangeException), [Tensor.Zeros([1, 1, 4, 4])], t => t[0].Unfold(0), "kernelSize is 0", "at least 1"),
        Wrong("unfold", "three strides", typeof(ArgumentOutOfRangeException), [Tensor.Zeros([1, 1, 4, 4])], t => t[0].Unfold(2, stride: [1, 2, 3]),
            "stride is [1, 2, 3]", "2 axes"),
        Wrong("unfold", "truth values", typeof(DTypeException), [Tensor.Zeros([1, 1, 4, 4], DType.Bool)], t => t[0].Unfold(2), "bool", "To(DType.Int32)"),
        Wrong("fold", "too many axes", typeof(ShapeException), [Tensor.Zeros([1, 1, 4, 4])], t => t[0].Fold(4, 2), "[1, 1, 4, 4]", "3 axes"),
        Wrong("fold", "channels that don't divide", typeof(ShapeException), [Tensor.Zeros([1, 6, 9])], t => t[0].Fold(4, 2), "[1, 6, 9]", "2 · 2 = 4"),
        Wrong("fold", "another number of windows", typeof(ShapeException), [Tensor.Zeros([1, 8, 8])], t => t[0].Fold(4, 2), "[1, 8, 8]", "[1, 8, 9]", "3 · 3 = 9"),
        Wrong("fold", "no output", typeof(ArgumentOutOfRangeException), [Tensor.Zeros([1, 8, 8])], t => t[0].Fold([0, 4], 2), "outputSize is [0, 4]", "at least 1"),
        Wrong("interpolate", "no spatial axis", typeof(ShapeException), [Tensor.Zeros([3, 4])], t => t[0].Interpolate(2), "[3, 4]", "3 to 5 axes"),
        Wrong("interpolate", "an empty axis", typeof(ShapeException), [Tensor.Zeros([3, 4, 0])], t => t[0].Interpolate(2), "axis 2", "[3, 4, 0]"),
        Wrong("interpolate", "a size of 0", typeof(ArgumentOutOfRangeException), [Tensor.Zeros([1, 1, 4])], t => t[0].Interpolate(0), "size is 0", "at least 1"),
        Wrong("interpolate", "too large a size", typeof(ShapeException), [Tensor.Zeros([1, 3, 4, 4])], t => t[0].Interpolate([int.MaxValue, 2]), "too many elements"),
        Wrong("interpolate", "no such mode", typeof(ArgumentOutOfRangeException), [Tensor.Zeros([1, 1, 4])], t => t[0].Interpolate(2, (InterpolationMode)9),
            "mode is 9", "Cubic or Area"),
        Wrong("interpolate", "corners of a mode without them", typeof(ArgumentOutOfRangeException), [Tensor.Zeros([1, 1, 4])],
            t => t[0].Interpolate(2, InterpolationMode.Area, alignCorners: true), "alignCorners is True", "Area"),
        Wrong("interpolate", "whole numbers", typeof(DTypeException), [Tensor.Zeros([1, 1, 4], DType.Int64)], t => t[0].Interpolate(2), "int64", "To(DType.Float32)"),
        Wrong("interpolate_by", "a scale that leaves nothing", typeof(ArgumentOutOfRangeException), [Tensor.Zeros([1, 1, 4])], t => t[0].InterpolateBy(0.1),
            "scale is 0.1", "⌊4 · scale⌋"),
        Wrong("interpolate_by", "no number", typeof(ArgumentOutOfRangeException), [Tensor.Zeros([1, 1, 4])], t => t[0].InterpolateBy(double.NaN), "scale is NaN"),
        Wrong("interpolate_by", "three scales for two axes", typeof(ArgumentOutOfRangeException), [Tensor.Zeros([1, 1, 4, 4])], t => t[0].InterpolateBy([1, 2, 3]),
            "3 numbers", "2 axes"),
        Wrong("pixel_shuffle", "a matrix", typeof(ShapeException), [Tensor.Zeros([4, 4])], t => t[0].PixelShuffle(2), "[4, 4]", "3 to 14 axes"),
        Wrong("pixel_shuffle", "channels that don't divide", typeof(ShapeException), [Tensor.Zeros([1, 6, 2, 2])], t => t[0].PixelShuffle(2), "6 channels", "2² = 4"),
        Wrong("pixel_shuffle", "a factor of 0", typeof(ArgumentOutOfRangeException), [Tensor.Zeros([1, 6, 2, 2])], t => t[0].PixelShuffle(0), "factor is 0"),
        Wrong("pixel_unshuffle", "a height that doesn't divide", typeof(ShapeException), [Tensor.Zeros([1, 6, 3, 2])], t => t[0].PixelUnshuffle(2),
            "[1, 6, 3, 2]", "factor 2"),
    ];

    private static ErrorCase Wrong(string operation, string situation, Type exception, Tensor[] operands, Func<Tensor[], Tensor> call, params string[] says) =>
        new(operation, situation, exception, operands, t => call(t), says);
}
