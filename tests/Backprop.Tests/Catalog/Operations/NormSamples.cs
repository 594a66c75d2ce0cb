namespace Backprop.Tests.Catalog.Operations;

/// <summary>Normalisations.</summary>
internal sealed class NormSamples : ICatalogEntry
{
    private static readonly Type shape = typeof(ShapeException);
    private static readonly Type type = typeof(DTypeException);
    private static readonly Type range = typeof(ArgumentOutOfRangeException);

    public IEnumerable<Sample> Samples() =>
    [
        new("layer_norm", "weight and bias", [Values.Reals(3, 5), Values.Positives(5), Values.Others(5)], t => t[0].LayerNorm(t[0].Shape[^1..], t[1], t[2]))
        {
            Large = () => [Values.Reals(300, 150), Values.Positives(150), Values.Others(150)],
        },
        new("layer_norm", "two axes, weight alone", [Values.Reals(2, 3, 4), Values.Positives(3, 4)], t => t[0].LayerNorm([3, 4], t[1])),
        new("layer_norm", "bias alone", [Values.Reals(3, 4), Values.Others(4)], t => t[0].LayerNorm([4], bias: t[1], epsilon: 0.1)),
        new("layer_norm", "neither, longer than a register", [Values.Reals(2, 19)], t => t[0].LayerNorm([19])),
        new("rms_norm", "with a weight", [Values.Reals(3, 5), Values.Positives(5)], t => t[0].RmsNorm(t[0].Shape[^1..], t[1], 1e-3))
        {
            Large = () => [Values.Reals(300, 150), Values.Positives(150)],
        },
        new("rms_norm", "two axes, without a weight", [Values.Reals(2, 3, 4)], t => t[0].RmsNorm([3, 4], epsilon: 1e-6)),
        new("group_norm", "weight and bias", [Values.Reals(2, 4, 3), Values.Positives(4), Values.Others(4)], t => t[0].GroupNorm(2, t[1], t[2]))
        {
            Large = () => [Values.Reals(9, 12, 20, 21), Values.Positives(12), Values.Others(12)],
        },
        new("group_norm", "no further axes, bias alone", [Values.Reals(3, 6), Values.Others(6)], t => t[0].GroupNorm(2, bias: t[1])),
        new("group_norm", "one group", [Values.Reals(2, 2, 2, 3)], t => t[0].GroupNorm(1, epsilon: 0.01)),
        new("instance_norm", "weight and bias", [Values.Reals(2, 2, 5), Values.Positives(2), Values.Others(2)], t => t[0].InstanceNorm(t[1], t[2]))
        {
            Large = () => [Values.Reals(9, 12, 20, 21), Values.Positives(12), Values.Others(12)],
        },
        new("instance_norm_by_running", "evaluation", [Values.Reals(2, 2, 3), Values.Reals(2), Values.Positives(2)],
            t => t[0].InstanceNorm(runningMean: t[1], runningVariance: t[2], useInputStatistics: false))
        {
            IsComposite = true,
            Constants = [1, 2],
        },
        new("batch_norm", "training", [Values.Reals(3, 2, 4), Values.Positives(2), Values.Others(2)],
            t => t[0].BatchNorm(null, null, t[1], t[2], training: true))
        {
            Large = () => [Values.Reals(9, 12, 20, 21), Values.Positives(12), Values.Others(12)],
        },
        new("batch_norm", "training, no further axes", [Values.Reals(5, 3), Values.Positives(3)], t => t[0].BatchNorm(null, null, t[1], training: true))
        {
            Large = () => [Values.Reals(300, 120), Values.Positives(120)],
        },
        new("batch_norm", "training, running statistics", [Values.Reals(2, 2, 2, 3), Values.Others(2)],
            t => t[0].BatchNorm(
                Tensor.Zeros([2], t[0].DType), Tensor.Ones([2], t[0].DType), bias: t[1], training: true, momentum: 0.3, epsilon: 1e-3)),
        new("batch_norm_relu", "with everything", [Values.Reals(2, 2, 3), Values.Positives(2), Values.Others(2), Values.Others(2, 2, 3)],
            t => t[0].BatchNormRelu(null, null, t[1], t[2], t[3], training: true))
        {
            Large = () => [Values.Reals(9, 12, 20, 21), Values.Positives(12), Values.Others(12), Values.Others(9, 12, 20, 21)],
        },
        new("batch_norm_relu", "weight and bias, beyond a register", [Values.Reals(1, 2, 19), Values.Positives(2), Values.Others(2)],
            t => t[0].BatchNormRelu(null, null, t[1], t[2], training: true))
        {
            Large = () => [Values.Reals(3, 12, 50, 51), Values.Positives(12), Values.Others(12)],
        },
        new("batch_norm_relu", "bias alone, running statistics", [Values.Reals(2, 2, 2, 2), Values.Others(2)],
            t => t[0].BatchNormRelu(
                Tensor.Zeros([2], t[0].DType), Tensor.Ones([2], t[0].DType), bias: t[1], training: true, momentum: 0.3, epsilon: 1e-3)),
        new("batch_norm_relu", "a residual alone", [Values.Reals(2, 2, 3), Values.Others(2, 2, 3)],
            t => t[0].BatchNormRelu(null, null, residual: t[1], training: true)),
        new("batch_norm_relu", "added to itself", [Values.Reals(2, 2, 3), Values.Positives(2)],
            t => t[0].BatchNormRelu(null, null, t[1], residual: t[0], training: true)),
        new("batch_norm_relu", "no further axes", [Values.Reals(5, 3), Values.Positives(3), Values.Others(5, 3)],
            t => t[0].BatchNormRelu(null, null, t[1], residual: t[2], training: true))
        {
            Large = () => [Values.Reals(300, 120), Values.Positives(120), Values.Others(300, 120)],
        },
        new("batch_norm_relu", "evaluation", [Values.Reals(2, 2, 3), Values.Reals(2), Values.Positives(2), Values.Others(2, 2, 3)],
            t => t[0].BatchNormRelu(t[1], t[2], residual: t[3])) { IsComposite = true },
        new("norm_statistics", "of a batch", [Values.Reals(2, 2, 3)], t => t[0].BatchNorm(null, null, training: true)),
        new("batch_norm", "training, columns beyond a register", [Values.Reals(3, 19)], t => t[0].BatchNorm(null, null, training: true)),
        new("channel_affine", "evaluation", [Values.Reals(3, 2, 2), Values.Reals(2), Values.Positives(2), Values.Others(2), Values.Reals(2)],
            t => t[0].BatchNorm(t[1], t[2], t[3], t[4]))
        {
            Large = () => [Values.Reals(9, 12, 20, 21), Values.Reals(12), Values.Positives(12), Values.Others(12), Values.Reals(12)],
        },
        new("channel_affine", "evaluation, no further axes", [Values.Reals(3, 4), Values.Reals(4), Values.Positives(4)], t => t[0].BatchNorm(t[1], t[2]))
        {
            Large = () => [Values.Reals(400, 119), Values.Reals(119), Values.Positives(119)],
        },
        new("normalize", "length 1", [Values.Reals(3, 4)], t => t[0].Normalize()) { IsComposite = true },
        new("normalize", "p = 3 along the first axis", [Values.Reals(3, 4)], t => t[0].Normalize(3, 0)) { IsComposite = true },
        new("normalize", "p = 1", [Values.Reals(2, 3)], t => t[0].Normalize(1, -1)) { IsComposite = true },
        new("normalize", "the largest magnitude", [Values.Reals(2, 3)], t => t[0].Normalize(double.PositiveInfinity)) { IsComposite = true },
        new("normalize", "a norm below ε", [Values.Reals(2, 3)], t => t[0].Normalize(epsilon: 100)) { IsComposite = true },
        new("local_response_norm", "an even size", [Values.Reals(2, 4, 3)], t => t[0].LocalResponseNorm(2, 0.5)) { IsComposite = true },
        new("local_response_norm", "more than the channels", [Values.Reals(1, 3, 2, 2)], t => t[0].LocalResponseNorm(7, 1, 0.5, 2)) { IsComposite = true },
    ];

    public IEnumerable<ErrorCase> Errors() =>
    [
        new("layer_norm", "another shape", shape, [Values.Reals(2, 3)], t => t[0].LayerNorm([2]), ["[2]", "[2, 3]"]),
        new("layer_norm", "no shape", shape, [Values.Reals(2, 3)], t => t[0].LayerNorm([]), ["[]", "[2, 3]"]),
        new("layer_norm", "a weight of another shape", shape, [Values.Reals(2, 3), Values.Reals(2)], t => t[0].LayerNorm([3], t[1]), ["weight [2]", "[3]"]),
        new("layer_norm", "a bias of another dtype", type, [Values.Reals(2, 3), Tensor.Ones([3])], t => t[0].LayerNorm([3], null, t[1]), ["float64", "float32"]),
        new("layer_norm", "integers", type, [Values.Positions(9, 2, 3)], t => t[0].LayerNorm([3]), ["int64", "To(DType.Float32)"]),
        new("layer_norm", "a negative ε", range, [Values.Reals(2, 3)], t => t[0].LayerNorm([3], epsilon: -1), ["epsilon", "-1", "at least 0"]),
        new("rms_norm", "more axes than there are", shape, [Values.Reals(3)], t => t[0].RmsNorm([2, 3]), ["[2, 3]", "[3]"]),
        new("group_norm", "groups that don't divide the channels", range, [Values.Reals(2, 4, 3)], t => t[0].GroupNorm(3), ["groups", "3", "4 channels"]),
        new("group_norm", "no groups", range, [Values.Reals(2, 4, 3)], t => t[0].GroupNorm(0), ["groups", "0"]),
        new("group_norm", "no channels", shape, [Values.Reals(4)], t => t[0].GroupNorm(1), ["[4]", "[N, C, …]"]),
        new("instance_norm", "one element", shape, [Values.Reals(2, 3, 1)], t => t[0].InstanceNorm(), ["[2, 3, 1]", "one element"]),
        new("instance_norm", "no further axes", shape, [Values.Reals(2, 3)], t => t[0].InstanceNorm(), ["[2, 3]", "[N, C, L, …]"]),
        new("batch_norm", "one value per channel", shape, [Values.Reals(1, 3)], t => t[0].BatchNorm(null, null, training: true), ["[1, 3]", "one element"]),
        new("batch_norm", "evaluation without statistics", typeof(ArgumentException), [Values.Reals(2, 3)], t => t[0].BatchNorm(null, null), ["runningMean"]),
        new("batch_norm", "a running mean of another shape", shape, [Values.Reals(2, 3), Values.Reals(2), Values.Reals(3)],
            t => t[0].BatchNorm(t[1], t[2]), ["running mean [2]", "[3]"]),
        new("batch_norm", "a momentum above 1", range, [Values.Reals(2, 3)], t => t[0].BatchNorm(null, null, training: true, momentum: 2), ["momentum", "2", "0 to 1"]),
        new("batch_norm", "integers", type, [Values.Positions(9, 2, 3)], t => t[0].BatchNorm(null, null, training: true), ["int64"]),
        new("batch_norm_relu", "one value per channel", shape, [Values.Reals(1, 3)], t => t[0].BatchNormRelu(null, null, training: true), ["[1, 3]", "one element"]),
        new("batch_norm_relu", "a residual of another shape", shape, [Values.Reals(2, 3, 4), Values.Reals(2, 3, 1)],
            t => t[0].BatchNormRelu(null, null, residual: t[1], training: true), ["residual [2, 3, 1]", "[2, 3, 4]"]),
        new("batch_norm_relu", "a residual of another dtype", type, [Values.Reals(2, 3, 4), Tensor.Ones([2, 3, 4])],
            t => t[0].BatchNormRelu(null, null, residual: t[1], training: true), ["float64", "float32"]),
        new("batch_norm_relu", "evaluation without statistics", typeof(ArgumentException), [Values.Reals(2, 3)],
            t => t[0].BatchNormRelu(null, null), ["runningMean"]),
        new("batch_norm_relu", "a negative ε", range, [Values.Reals(2, 3)], t => t[0].BatchNormRelu(null, null, training: true, epsilon: -1), ["epsilon", "-1"]),
        new("batch_norm_relu", "integers", type, [Values.Positions(9, 2, 3)], t => t[0].BatchNormRelu(null, null, training: true), ["int64"]),
        new("normalize", "an axis that isn't there", range, [Values.Reals(2, 3)], t => t[0].Normalize(axis: 2), ["axis 2"]),
        new("normalize", "p = 0", range, [Values.Reals(2, 3)], t => t[0].Normalize(0), ["p", "0", "positive"]),
        new("normalize", "ε of 0", range, [Values.Reals(2, 3)], t => t[0].Normalize(epsilon: 0), ["epsilon", "0", "positive"]),
        new("local_response_norm", "a size of 0", range, [Values.Reals(2, 3, 2)], t => t[0].LocalResponseNorm(0), ["size", "0", "at least 1"]),
        new("local_response_norm", "a matrix", shape, [Values.Reals(2, 3)], t => t[0].LocalResponseNorm(2), ["[2, 3]"]),
    ];
}
