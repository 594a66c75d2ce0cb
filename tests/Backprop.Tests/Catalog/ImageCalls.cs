namespace Backprop.Tests.Catalog;

/// <summary>Calls on images [N, C, H, W] and volumes, for <see cref="SampleLayoutTests"/>: many samples of the catalog have fewer axes.</summary>
internal static class ImageCalls
{
    private static Tensor X => Values.Reals(2, 3, 2, 4);

    private static Tensor Y => Values.Others(2, 3, 2, 4);

    private static Tensor Positive => Values.Positives(2, 3, 2, 4);

    private static Tensor Mask => Values.Mask(2, 3, 2, 4);

    public static IReadOnlyList<Sample> All { get; } =
        [.. Rules(), .. Elementwise(), .. Reductions(), .. Movement(), .. Indexing(), .. Windows(), .. Norms(), .. Products()];

    private static IEnumerable<Sample> Rules()
    {
        foreach (var entry in RuleCatalog.Unary)
        {
            yield return Of($"rule {RuleCatalog.NameOf(entry.Rule)}", [At(entry.Points)], t => entry.Apply(t[0]));
        }

        foreach (var entry in RuleCatalog.Binary)
        {
            var name = $"rule {RuleCatalog.NameOf(entry.Rule)}";
            yield return Of($"{name} of two", [At(entry.Xs), At(entry.Ys)], t => entry.Apply(t[0], t[1]));
            yield return Of($"{name}, the second broadcast", [At(entry.Xs), At(entry.Ys).Narrow(1, 0, 1).Clone()], t => entry.Apply(t[0], t[1]));
            yield return Of($"{name}, the first per channel", [At(entry.Xs, 3, 1, 1), At(entry.Ys)], t => entry.Apply(t[0], t[1]));
        }
    }

    private static IEnumerable<Sample> Elementwise() =>
    [
        Of("where", [X, Y], t => Tensor.Where(Mask, t[0], t[1])),
        Of("where a number", [X], t => Tensor.Where(Mask, t[0], 0.5)),
        Of("where of two orders", [X, Y], t => Tensor.Where(t[0].Detach() > 0, t[0], t[1].Contiguous())),
        Of("clamp between tensors", [X, Y, Y + 1.5], t => t[0].Clamp(t[1], t[2])),
        Of("lerp by tensors", [X, Y, Positive], t => t[0].Lerp(t[1], t[2])),
        Of("lerp", [X, Y], t => t[0].Lerp(t[1], 0.3)),
        Of("masked fill", [X], t => t[0].MaskedFill(Mask, 0.5)),
        Of("to float32 and back", [X], t => t[0].To(DType.Float32).To(DType.Float64), tolerance: 1e-6),
        Of("added in place", [X, Y], t => t[0].Detach().ChannelsLast().MultiplyInPlace(2).AddInPlace(t[1].Detach()), order: 0),
        Of("glu along channels", [Values.Reals(2, 4, 2, 3)], t => t[0].Glu(1)),
        Of("mean squared error", [X, Y], t => (t[0] - t[1]).Square().Mean()),
        Of("used twice", [X], t => (t[0] * t[0]) + t[0].Relu()),
        Of("volumes", [Values.Reals(2, 3, 2, 2, 2), Values.Others(2, 3, 2, 2, 2)], t => (t[0] * t[1]).Tanh()),
        Of("prelu per channel", [X, Values.Positives(3)], t => t[0].PRelu(t[1])),
    ];

    private static IEnumerable<Sample> Reductions()
    {
        int[][] axes = [[0], [1], [2], [3], [2, 3], [0, 2, 3], [0, 1], [1, 3], [1, 2, 3], []];
        foreach (var over in axes)
        {
            var text = Error.Text(over);
            yield return Of($"sum {text}", [X], t => t[0].Sum(over));
            yield return Of($"mean {text}, kept", [X], t => t[0].Mean(over, keepDimensions: true));
            yield return Of($"max {text}", [X], t => t[0].Max(over));
            yield return Of($"variance {text}", [X], t => t[0].Variance(over, 0));
            yield return Of($"norm {text}", [X], t => t[0].Norm(2, over));
            yield return Of($"product {text}", [X], t => t[0].Product(over));
            yield return Of($"log sum exp {text}", [X], t => t[0].LogSumExp(over));
        }

        yield return Of("sum to channels", [X, Values.Others(3, 1, 1)], t => t[0] + t[1]);
        yield return Of("sum of a volume", [Values.Reals(2, 3, 2, 2, 2)], t => t[0].Sum([2, 3, 4]));
        for (var axis = 0; axis < 4; axis++)
        {
            var along = axis;
            yield return Of($"softmax {axis}", [X], t => t[0].Softmax(along));
            yield return Of($"log softmax {axis}", [X], t => t[0].LogSoftmax(along));
            yield return Of($"cumulative sum {axis}", [X], t => t[0].CumSum(along));
            yield return Of($"cumulative product {axis}", [X], t => t[0].CumProd(along));
            yield return Of($"sort {axis}", [X], t => t[0].Sort(along).Values);
            yield return Of($"median {axis}", [X], t => t[0].Median(along).Values);
        }
    }

    private static IEnumerable<Sample> Movement() =>
    [
        Of("flatten", [X], t => t[0].Flatten(1)),
        Of("reshape to rows", [X], t => t[0].Reshape([6, 8])),
        Of("reshape of channels", [Values.Reals(2, 4, 2, 3)], t => t[0].Reshape([2, 2, 2, 2, 3])),
        Of("permute", [X], t => t[0].Permute([0, 2, 3, 1])),
        Of("permute and copy", [X], t => t[0].Permute([0, 2, 3, 1]).Contiguous()),
        Of("contiguous", [X], t => t[0].Contiguous()),
        Of("clone", [X], t => t[0].Clone()),
        Of("transpose", [X], t => t[0].Transpose(1, 2)),
        Of("slice", [X], t => t[0][.., 1.., .., 1..3]),
        Of("strided slice", [Values.Reals(2, 3, 4, 4)], t => t[0][.., .., TensorIndex.Every(.., 2), TensorIndex.Every(.., 2)]),
        Of("strided slice and padded channels", [Values.Reals(2, 2, 4, 4)], t => t[0][.., .., TensorIndex.Every(.., 2), TensorIndex.Every(.., 2)].Pad(1, 1, 1)),
        Of("select", [X], t => t[0].Select(1, 1)),
        Of("pad zeros", [X], t => t[0].Pad([(0, 0), (0, 0), (1, 2), (1, 0)])),
        Of("pad channels", [X], t => t[0].Pad([(0, 0), (1, 2), (0, 0), (0, 0)])),
        Of("crop", [X], t => t[0].Pad([(0, 0), (-1, 0), (1, 0), (-1, -1)])),
        Of("concatenate channels", [X, Values.Others(2, 1, 2, 4)], t => Tensor.Concatenate([t[0], t[1], t[0]], 1)),
        Of("concatenate rows", [X, Y], t => Tensor.Concatenate([t[0], t[1]], 2)),
        Of("stack", [X, Y], t => Tensor.Stack([t[0], t[1]], 1)),
        Of("flip", [X], t => t[0].Flip([1, 3])),
        Of("roll", [X], t => t[0].Roll(1, 1)),
        Of("tile", [X], t => t[0].Tile([1, 2, 1, 2])),
        Of("repeat interleave", [X], t => t[0].RepeatInterleave(2, 1)),
        Of("expand", [Values.Reals(2, 3, 2, 2)], t => t[0].Unsqueeze(0).Expand([2, 2, 3, 2, 2])),
        Of("chunks of channels", [Values.Reals(2, 4, 2, 2)], t => t[0].Chunk(2, 1).ToArray()),
        Of("unbind", [X], t => t[0].Unbind(1).ToArray()),
        Of("pixel shuffle", [Values.Reals(1, 8, 2, 2)], t => t[0].PixelShuffle(2)),
        Of("pixel unshuffle", [Values.Reals(1, 2, 4, 4)], t => t[0].PixelUnshuffle(2)),
        Of("triangle", [X], t => t[0].LowerTriangle()),
        Of("squeeze", [Values.Reals(2, 3, 1, 4)], t => t[0].Squeeze(2)),
        Of("windows", [X], t => t[0].SlidingWindows(3, 2, 1)),
    ];

    private static IEnumerable<Sample> Indexing() =>
    [
        Of("gather", [X], t => t[0].Gather(1, Values.Positions(3, 2, 2, 2, 4))),
        Of("take along the last axis", [X], t => t[0].Gather(3, Values.Positions(4, 2, 3, 2, 2))),
        Of("index select", [X], t => t[0].IndexSelect(Tensor.From([2L, 0, 2]), 1)),
        Of("scatter add", [X, Y], t => t[0].ScatterAdd(1, Values.Positions(3, 2, 3, 2, 4), t[1])),
        Of("index add", [X, Y], t => t[0].IndexAdd(Tensor.From([2L, 0, 2]), t[1], 1)),
        Of("masked select", [X], t => t[0].MaskedSelect(Mask)),
        Of("cross entropy of pixels", [X], t => Tensor.SoftmaxCrossEntropy(t[0].Permute([0, 2, 3, 1]).Reshape([16, 3]), Values.Positions(3, 16))),
    ];

    private static IEnumerable<Sample> Windows()
    {
        var (image, volume) = (Values.Reals(2, 3, 5, 6), Values.Reals(1, 2, 3, 4, 3));
        return
        [
            Of("max pool", [image], t => t[0].MaxPool2d(2)),
            Of("max pool that overlaps", [image], t => t[0].MaxPool2d(3, 2, 1)),
            Of("max pool, dilated", [image], t => t[0].MaxPool2d(2, 1, 0, 2)),
            Of("max pool of ties", [(image * 2).Round()], t => t[0].MaxPool2d(2), order: 1),
            Of("max pool, adaptive", [image], t => t[0].AdaptiveMaxPool2d(2)),
            Of("max pool of a volume", [volume], t => t[0].MaxPool3d(2, 1)),
            Of("max pool with indices", [image], t => t[0].MaxPool2dWithIndices(2).Values),
            Of("mean pool", [image], t => t[0].AvgPool2d(2)),
            Of("mean pool that overlaps", [image], t => t[0].AvgPool2d(3, 2, 1)),
            Of("mean pool without padding", [image], t => t[0].AvgPool2d(3, 2, 1, true, false)),
            Of("mean pool, adaptive", [image], t => t[0].AdaptiveAvgPool2d(2)),
            Of("mean pool to one", [image], t => t[0].AdaptiveAvgPool2d(1)),
            Of("mean pool of a volume", [volume], t => t[0].AvgPool3d(2, 1)),
            Of("lp pool", [image], t => t[0].LpPool2d(3, 2)),
            Of("nearest", [X], t => t[0].InterpolateBy(2)),
            Of("nearest to a size", [X], t => t[0].Interpolate([3, 5])),
            Of("linear", [X], t => t[0].Interpolate([3, 7], InterpolationMode.Linear)),
            Of("linear, aligned", [X], t => t[0].Interpolate([3, 7], InterpolationMode.Linear, alignCorners: true)),
            Of("linear of a volume", [volume], t => t[0].Interpolate([2, 5, 4], InterpolationMode.Linear)),
            Of("cubic", [X], t => t[0].Interpolate([3, 7], InterpolationMode.Cubic)),
            Of("unfold", [image], t => t[0].Unfold(2)),
        ];
    }

    private static IEnumerable<Sample> Norms()
    {
        var (weight, bias) = (Values.Positives(3), Values.Others(3));
        var (mean, variance) = (Values.Reals(3), Values.Positives(3));
        return
        [
            Of("batch norm", [X, weight, bias], t => t[0].BatchNorm(null, null, t[1], t[2], training: true)),
            Of("batch norm, neither", [X], t => t[0].BatchNorm(null, null, training: true)),
            Of("batch norm of a volume", [Values.Reals(2, 2, 2, 2, 2)], t => t[0].BatchNorm(null, null, training: true)),
            Of("batch norm of many channels", [Values.Reals(2, 37, 2, 1)], t => t[0].BatchNorm(null, null, training: true), order: 1),
            Of("batch norm, evaluation", [X, weight, bias], t => t[0].BatchNorm(mean.To(t[0].DType), variance.To(t[0].DType), t[1], t[2])),
            Of("rectified batch norm", [X, weight, bias], t => t[0].BatchNormRelu(null, null, t[1], t[2], training: true)),
            Of("rectified batch norm of many channels", [Values.Reals(2, 37, 2, 1), Values.Others(2, 37, 2, 1)],
                t => t[0].BatchNormRelu(null, null, residual: t[1], training: true), order: 1),
            Of("rectified batch norm and residual", [X, weight, bias, Y], t => t[0].BatchNormRelu(null, null, t[1], t[2], t[3], training: true)),
            Of("rectified batch norm and itself", [X, weight], t => t[0].BatchNormRelu(null, null, t[1], null, t[0], training: true)),
            Of("rectified batch norm and a residual of the other order", [X, weight, bias, Y],
                t => t[0].BatchNormRelu(null, null, t[1], t[2], t[3].Contiguous(), training: true)),
            Of("rectified batch norm, evaluation", [X, weight, bias, Y], t => t[0].BatchNormRelu(mean.To(t[0].DType), variance.To(t[0].DType), t[1], t[2], t[3])),
            Of("group norm", [Values.Reals(2, 4, 2, 2), Values.Positives(4)], t => t[0].GroupNorm(2, t[1])),
            Of("instance norm", [X, weight, bias], t => t[0].InstanceNorm(t[1], t[2])),
            Of("layer norm", [X], t => t[0].LayerNorm([2, 4])),
            Of("layer norm of everything", [X], t => t[0].LayerNorm([3, 2, 4])),
            Of("local response norm", [X], t => t[0].LocalResponseNorm(3, 0.5)),
            Of("normalize channels", [X], t => t[0].Normalize(2, 1)),
        ];
    }

    private static IEnumerable<Sample> Products() =>
    [
        Of("conv", [X, Values.Others(4, 3, 2, 2), Values.Reals(4)], t => Tensor.Conv2d(t[0], t[1], t[2])),
        Of("conv of one tap", [X, Values.Others(4, 3, 1, 1)], t => Tensor.Conv2d(t[0], t[1])),
        Of("conv, strided and padded", [Values.Reals(2, 2, 4, 5), Values.Others(3, 2, 3, 3)], t => Tensor.Conv2d(t[0], t[1], stride: 2, padding: 1)),
        Of("conv in groups", [Values.Reals(2, 4, 3, 3), Values.Others(4, 2, 2, 2)], t => Tensor.Conv2d(t[0], t[1], groups: 2)),
        Of("conv of each channel", [Values.Reals(2, 4, 3, 3), Values.Others(4, 1, 2, 2)], t => Tensor.Conv2d(t[0], t[1], groups: 4)),
        Of("conv of a volume", [Values.Reals(1, 2, 3, 3, 2), Values.Others(2, 2, 2, 2, 2)], t => Tensor.Conv3d(t[0], t[1])),
        Of("transposed conv", [X, Values.Others(3, 2, 2, 2)], t => Tensor.ConvTranspose2d(t[0], t[1], stride: 2)),
        Of("two convs and a pool", [Values.Reals(1, 2, 5, 5), Values.Others(3, 2, 2, 2), Values.Reals(2, 3, 2, 2)],
            t => Tensor.Conv2d(Tensor.Conv2d(t[0], t[1]).MaxPool2d(2), t[2])),
        Of("matrices", [X, Values.Others(2, 3, 4, 3)], t => t[0].MatMul(t[1])),
        Of("linear layer", [X, Values.Others(5, 4)], t => Tensor.Linear(t[0], t[1])),
        Of("einsum", [X, Y], t => Tensor.Einsum("nchw,nchv->nwv", t[0], t[1])),
        Of("attention", [X, Y, X * Y], t => Tensor.ScaledDotProductAttention(t[0], t[1], t[2])),
    ];

    private static Tensor At(double[] points, params ReadOnlySpan<int> shape)
    {
        int[] sizes = shape.IsEmpty ? [2, 3, 2, 4] : shape.ToArray();
        var values = new double[sizes.Aggregate((a, b) => a * b)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = points[i * 5 % points.Length] * (1 + (1e-4 * i));
        }

        return Tensor.From(values).Reshape(sizes);
    }

    private static Sample Of(string name, Tensor[] inputs, Func<Tensor[], Tensor> call, int order = 2, double tolerance = 2e-5) =>
        Of(name, inputs, t => new[] { call(t) }, order, tolerance);

    private static Sample Of(string name, Tensor[] inputs, Func<Tensor[], Tensor[]> call, int order = 2, double tolerance = 2e-5) =>
        new("images", name, inputs, call) { Order = order, SingleTolerance = tolerance };
}
