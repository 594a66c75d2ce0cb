using Backprop.Layers;

namespace Backprop.Tests.Catalog;

/// <summary>Wrong shapes, dtypes, axes and numbers for each operation.</summary>
internal static class ErrorCases
{
    private static readonly Type shape = typeof(ShapeException);
    private static readonly Type type = typeof(DTypeException);
    private static readonly Type range = typeof(ArgumentOutOfRangeException);
    private static readonly Type state = typeof(InvalidOperationException);

    public static IEnumerable<ErrorCase> All() =>
    [
        .. Elementwise(), .. Reductions(), .. Products(), .. Movement(), .. Indexing(), .. InPlace(), .. Gradients(), .. LossCases(),
        .. SampleCatalog.Entries.SelectMany(entry => entry.Errors()),
    ];

    private static IEnumerable<ErrorCase> Elementwise() =>
    [
        new("add", "shapes that don't broadcast", shape, [F(2, 3), F(4)], t => _ = t[0] + t[1], ["[2, 3]", "[4]", "broadcast"]),
        new("multiply", "dtypes that differ", type, [F(2), D(2)], t => _ = t[0] * t[1], ["float32", "float64", "To(DType.Float64)"]),
        new("add", "truth values", type, [B(2), B(2)], t => _ = t[0] + t[1], ["bool", "To("]),
        new("divide", "integers", type, [I(2), I(2)], t => _ = t[0] / t[1], ["int64", "To(DType.Float32)"]),
        new("multiply", "a fraction with integers", range, [I(2)], t => _ = t[0] * 0.5, ["0.5", "int64"]),
        new("pow", "integers", type, [I(2), I(2)], t => t[0].Pow(t[1]), ["int64"]),
        new("exp", "integers", type, [I(3)], t => t[0].Exp(), ["int64", "To(DType.Float32)"]),
        new("tanh", "truth values", type, [B(3)], t => t[0].Tanh(), ["bool"]),
        new("maximum", "shapes that don't broadcast", shape, [F(2), F(3)], t => t[0].Maximum(t[1]), ["[2]", "[3]"]),
        new("greater", "dtypes that differ", type, [F(2), I(2)], t => _ = t[0] > t[1], ["float32", "int64"]),
        new("greater_or_equal", "shapes that don't broadcast", shape, [F(2), F(3)], t => _ = t[0] >= t[1], ["[2]", "[3]"]),
        new("less", "dtypes that differ", type, [F(2), D(2)], t => _ = t[0] < t[1], ["float32", "float64"]),
        new("less_or_equal", "shapes that don't broadcast", shape, [F(2), F(3)], t => _ = t[0] <= t[1], ["[2]", "[3]"]),
        new("equal", "dtypes that differ", type, [I(2), B(2)], t => t[0].EqualTo(t[1]), ["int64", "bool"]),
        new("not_equal", "shapes that don't broadcast", shape, [F(2, 2), F(3)], t => t[0].NotEqualTo(t[1]), ["[2, 2]", "[3]"]),
        new("or", "numbers", type, [F(2), F(2)], t => _ = t[0] | t[1], ["float32", "bool"]),
        new("xor", "shapes that don't broadcast", shape, [B(2), B(3)], t => _ = t[0] ^ t[1], ["[2]", "[3]"]),
        new("and", "numbers", type, [F(2), B(2)], t => _ = t[0] & t[1], ["float32", "bool"]),
        new("clamp", "bounds in the wrong order", range, [F(2)], t => t[0].Clamp(2, -1), ["2", "-1"]),
        new("clamp", "a bound that no integer reaches", range, [I(2)], t => t[0].Clamp(double.PositiveInfinity), ["Infinity", "int64"]),
        new("clamp", "truth values", type, [B(2)], t => t[0].Clamp(0, 1), ["bool", "To("]),
        new("clamp", "a fraction with integers", range, [I(2)], t => t[0].Clamp(0.5, 2), ["0.5", "int64"]),
        new("softplus", "a sharpness of 0", range, [F(2)], t => t[0].Softplus(0), ["beta", "0"]),
        new("celu", "a limit of 0", range, [F(2)], t => t[0].Celu(0), ["alpha", "positive"]),
        new("hardshrink", "a negative threshold", range, [F(2)], t => t[0].Hardshrink(-1), ["threshold", "-1", "at least 0"]),
        new("softshrink", "a threshold of NaN", range, [F(2)], t => t[0].Softshrink(double.NaN), ["threshold", "NaN"]),
        new("hardtanh", "equal bounds", range, [F(2)], t => t[0].Hardtanh(1, 1), ["low", "1"]),
        new("prelu", "neither one weight nor one per channel", shape, [F(2, 3), F(2)], t => t[0].PRelu(t[1]), ["[2]", "3", "[2, 3]"]),
        new("where", "a condition that is no truth value", type, [F(2), F(2)], t => Tensor.Where(t[0], t[1], t[1]), ["float32", "bool"]),
        new("where", "branches of different dtypes", type, [B(2), F(2), D(2)], t => Tensor.Where(t[0], t[1], t[2]), ["float32", "float64"]),
        new("where", "shapes that don't broadcast", shape, [B(2), F(3), F(3)], t => Tensor.Where(t[0], t[1], t[2]), ["[2]", "[3]"]),
    ];

    private static IEnumerable<ErrorCase> Reductions() =>
    [
        new("sum", "an axis that isn't there", range, [F(2, 3)], t => t[0].Sum(2), ["axis 2", "-2", "1"]),
        new("sum", "an axis of a scalar", range, [F()], t => t[0].Sum(0), ["axis 0", "scalar"]),
        new("sum", "an axis named twice", shape, [F(2, 3)], t => t[0].Sum([1, -1]), ["-1", "twice"]),
        new("mean", "integers", type, [I(3)], t => t[0].Mean(), ["int64", "To(DType.Float32)"]),
        new("mean", "an axis that isn't there", range, [F(2, 3)], t => t[0].Mean(-3), ["axis -3"]),
        new("variance", "integers", type, [I(3)], t => t[0].Variance(), ["int64"]),
        new("max", "no elements", shape, [F(0, 3)], t => t[0].Max(0), ["[0, 3]", "no elements"]),
        new("min", "truth values", type, [B(3)], t => t[0].Min(), ["bool"]),
        new("arg_max", "no elements", shape, [F(0)], t => t[0].ArgMax(), ["[0]"]),
        new("arg_min", "an axis that isn't there", range, [F(2)], t => t[0].ArgMin(1), ["axis 1"]),
        new("softmax", "integers", type, [I(3)], t => t[0].Softmax(), ["int64"]),
        new("softmax", "an axis that isn't there", range, [F(2, 3)], t => t[0].Softmax(5), ["axis 5"]),
        new("log_softmax", "an axis of a scalar", range, [F()], t => t[0].LogSoftmax(1), ["axis 1", "scalar"]),
        new("log_sum_exp", "truth values", type, [B(3)], t => t[0].LogSumExp(), ["bool"]),
    ];

    private static IEnumerable<ErrorCase> Products() =>
    [
        new("matmul", "inner dimensions that differ", shape, [F(64, 784), F(128, 10)], t => t[0].MatMul(t[1]), ["[64, 784]", "[128, 10]", "784 ≠ 128"]),
        new("matmul", "vectors of different lengths", shape, [F(3), F(4)], t => t[0].MatMul(t[1]), ["[3]", "[4]", "3 ≠ 4"]),
        new("matmul", "a scalar", shape, [F(), F(2)], t => t[0].MatMul(t[1]), ["scalar", "[2]", "*"]),
        new("matmul", "batches that don't broadcast", shape, [F(2, 3, 4), F(5, 4, 3)], t => t[0].MatMul(t[1]), ["[2, 3, 4]", "[5, 4, 3]"]),
        new("matmul", "dtypes that differ", type, [F(2, 2), D(2, 2)], t => t[0].MatMul(t[1]), ["float32", "float64"]),
        new("matmul", "truth values", type, [B(2, 2), B(2, 2)], t => t[0].MatMul(t[1]), ["bool"]),
        new("linear", "another input size", shape, [F(5, 3), F(2, 4)], t => Tensor.Linear(t[0], t[1]), ["[5, 3]", "[2, 4]"]),
        new("linear", "a weight that is no matrix", shape, [F(5, 3), F(3)], t => Tensor.Linear(t[0], t[1]), ["[3]", "two"]),
        new("linear", "a bias of another size", shape, [F(5, 3), F(2, 3), F(3)], t => Tensor.Linear(t[0], t[1], t[2]), ["[3]", "[2]"]),
        new("linear", "dtypes that differ", type, [F(5, 3), D(2, 3)], t => Tensor.Linear(t[0], t[1]), ["float32", "float64"]),
        new("softmax_cross_entropy", "a label that is no class", range, [F(2, 3), L(0, 3)], t => Tensor.SoftmaxCrossEntropy(t[0], t[1]), ["3", "0 to 2", "sample 1"]),
        new("softmax_cross_entropy", "labels for other samples", shape, [F(2, 3), L(0, 1, 2)], t => Tensor.SoftmaxCrossEntropy(t[0], t[1]), ["[2, 3]", "[3]"]),
        new("mean_cross_entropy", "a label that is no class", range, [F(2, 3), L(0, 3)], t => Tensor.MeanCrossEntropy(t[0], t[1]), ["3", "0 to 2", "sample 1"]),
        new("mean_cross_entropy", "labels for other samples", shape, [F(2, 3), L(0, 1, 2)], t => Tensor.MeanCrossEntropy(t[0], t[1]), ["[2, 3]", "[3]"]),
        new("mean_cross_entropy", "labels that are no numbers of classes", type, [F(2, 3), F(2)], t => Tensor.MeanCrossEntropy(t[0], t[1]), ["float32", "int64"]),
    ];

    private static IEnumerable<ErrorCase> Movement() =>
    [
        new("reshape", "another number of elements", shape, [F(2, 3)], t => t[0].Reshape(4, 2), ["6", "[2, 3]", "[4, 2]"]),
        new("reshape", "two sizes to be found", shape, [F(2, 3)], t => t[0].Reshape(-1, -1), ["[-1, -1]"]),
        new("reshape", "a size that can't be found", shape, [F(2, 3)], t => t[0].Reshape(-1, 4), ["[-1, 4]"]),
        new("flatten", "axes in the wrong order", range, [F(2, 3)], t => t[0].Flatten(1, 0), ["first", "1", "0"]),
        new("permute", "too few axes", shape, [F(2, 3)], t => t[0].Permute(1), ["[1]", "[2, 3]"]),
        new("permute", "an axis named twice", shape, [F(2, 3)], t => t[0].Permute(1, 1), ["[1, 1]", "permutation"]),
        new("permute", "an axis that isn't there", range, [F(2, 3)], t => t[0].Permute(0, 2), ["axis 2"]),
        new("transpose", "a vector", range, [F(3)], t => t[0].Transpose(), ["axis -2"]),
        new("transpose", "T of a vector", shape, [F(3)], t => _ = t[0].T, ["[3]", "rank 1"]),
        new("expand", "a size that is not 1", shape, [F(2, 3)], t => t[0].Expand(2, 4), ["[2, 3]", "[2, 4]"]),
        new("squeeze", "a size that is not 1", shape, [F(2, 3)], t => t[0].Squeeze(1), ["axis 1", "[2, 3]", "3"]),
        new("unsqueeze", "an axis too far", range, [F(2)], t => t[0].Unsqueeze(2), ["axis 2"]),
        new("flip", "an axis that isn't there", range, [F(2)], t => t[0].Flip(1), ["axis 1"]),
        new("narrow", "a start outside", range, [F(4)], t => t[0].Narrow(0, 5, 1), ["start", "5", "-4 to 4"]),
        new("narrow", "too many", range, [F(4)], t => t[0].Narrow(0, 3, 2), ["length", "2", "0 to 1"]),
        new("concatenate", "sizes that differ elsewhere", shape, [F(2, 3), F(2, 4)], t => Tensor.Concatenate(t, 0), ["[2, 3]", "[2, 4]", "number 1"]),
        new("concatenate", "dtypes that differ", type, [F(2), D(2)], t => Tensor.Concatenate(t), ["float32", "float64"]),
        new("concatenate", "nothing", shape, [], t => Tensor.Concatenate(t), ["at least one"]),
        new("concatenate", "scalars", range, [F(), F()], t => Tensor.Concatenate(t), ["axis 0", "scalar"]),
        new("stack", "shapes that differ", shape, [F(2), F(3)], t => Tensor.Stack(t), ["[2]", "[3]", "number 1"]),
        new("stack", "nothing", shape, [], t => Tensor.Stack(t), ["at least one"]),
        new("split", "pieces of size 0", range, [F(4)], t => t[0].Split(0), ["size", "0", "at least 1"]),
        new("split", "sizes that don't add up", shape, [F(4)], t => t[0].Split([1, 2]), ["[1, 2]", "3", "4"]),
        new("split", "a negative size", range, [F(4)], t => t[0].Split([5, -1]), ["-1", "at least 0"]),
    ];

    private static IEnumerable<ErrorCase> Indexing() =>
    [
        new("index", "a position outside", range, [F(2, 3)], t => _ = t[0][2], ["2", "-2 to 1", "axis 0"]),
        new("index", "a range outside", range, [F(2, 3)], t => _ = t[0][.., 1..5], ["1..5", "0..3", "axis 1"]),
        new("index", "too many items", shape, [F(2)], t => _ = t[0][0, 0], ["2 items", "[2]", "1 axes"]),
        new("index", "two ellipses", shape, [F(2, 3)], t => _ = t[0][TensorIndex.Ellipsis, TensorIndex.Ellipsis], ["ellipsis"]),
        new("select", "a position outside", range, [F(2, 3)], t => t[0].Select(1, 3), ["3", "-3 to 2"]),
        new("gather", "positions that are no integers", type, [F(2, 3), F(2, 3)], t => t[0].Gather(1, t[1]), ["float32", "int64"]),
        new("gather", "a position outside", range, [F(3), L(0, 3)], t => t[0].Gather(0, t[1]), ["3", "-3 to 2"]),
        new("gather", "an index of another rank", shape, [F(2, 3), L(0, 1)], t => t[0].Gather(1, t[1]), ["[2]", "[2, 3]"]),
        new("index", "the lowest position", range, [F(3, 2)], t => _ = t[0][int.MinValue], ["-3 to 2", "axis 0"]),
        new("index_select", "a position outside", range, [F(3, 2), L(0, -4)], t => t[0].IndexSelect(t[1]), ["-4", "-3 to 2"]),
        new("index_select", "positions that are no vector", shape, [F(3, 2), I(2, 2)], t => t[0].IndexSelect(t[1]), ["[2, 2]", "vector"]),
        new("index_select", "positions that are no integers", type, [F(3, 2), F(2)], t => t[0].IndexSelect(t[1]), ["float32"]),
    ];

    private static IEnumerable<ErrorCase> InPlace() =>
    [
        new("add_in_place", "a source that doesn't fit", shape, [F(2, 3), F(2)], t => t[0].AddInPlace(t[1]), ["[2]", "[2, 3]"]),
        new("multiply_in_place", "dtypes that differ", type, [F(2), D(2)], t => t[0].MultiplyInPlace(t[1]), ["float32", "float64"]),
        new("divide_in_place", "a leaf while recording", state, [F(2).RequireGradient()], t => t[0].DivideInPlace(2), ["leaf", "Recording.Pause()"]),
        new("subtract_in_place", "an expanded view", state, [F(1, 3).Expand(2, 3)], t => t[0].SubtractInPlace(1), ["expanded", "Clone()"]),
        new("copy_from", "a source that doesn't fit", shape, [F(2), F(3)], t => t[0].CopyFrom(t[1]), ["[3]", "[2]"]),
        new("copy_from", "too many values", shape, [F(2)], t => t[0].CopyFrom([1f, 2f, 3f]), ["3 values", "2 elements"]),
    ];

    private static IEnumerable<ErrorCase> Gradients() =>
    [
        new("backward", "no scalar and no seed", state, [F(2).RequireGradient()], t => (t[0] * 2).Backward(), ["[2]", "Sum()", "seed"]),
        new("backward", "nothing was recorded", state, [F()], t => (t[0] * 2).Backward(), ["not recorded"]),
        new("backward", "a seed of another shape", shape, [F(2).RequireGradient()], t => (t[0] * 2).Backward(F(3)), ["[3]", "[2]"]),
        new("backward", "a second walk", state, [F(2).RequireGradient()], WalkTwice, ["keepTape"]),
        new("gradient", "no dependence", state, [F().RequireGradient(), F().RequireGradient()], t => Gradient.Of(t[0] * 2, t[1]), ["depend", "OrNull"]),
        new("require_gradient", "integers", type, [I(2)], t => t[0].RequireGradient(), ["int64", "To(DType.Float32)"]),
    ];

    private static IEnumerable<ErrorCase> LossCases() =>
    [
        new("mean_squared_error", "shapes that would broadcast", shape, [F(3), F(3, 1)], t => Losses.MeanSquaredError(t[0], t[1]), ["[3]", "[3, 1]"]),
        new("l1", "dtypes that differ", type, [F(3), D(3)], t => Losses.L1(t[0], t[1]), ["float32", "float64"]),
        new("huber", "a bend at 0", range, [F(3), F(3)], t => Losses.Huber(t[0], t[1], 0), ["delta", "0"]),
        new("cross_entropy", "a label that is no class", range, [F(2, 3), L(0, 7)], t => Losses.CrossEntropy(t[0], t[1]), ["7"]),
        new("cross_entropy", "labels for other samples", shape, [F(2, 3), L(0, 1, 2)], t => Losses.CrossEntropy(t[0], t[1]), ["[3]", "[2, 3]"]),
        new("negative_log_likelihood", "integer scores", type, [I(2, 3), L(0, 1)], t => Losses.NegativeLogLikelihood(t[0], t[1]), ["int64"]),
    ];

    private static void WalkTwice(Tensor[] t)
    {
        var loss = t[0].Exp().Sum();
        loss.Backward();
        t[0].ZeroGradient();
        loss.Backward();
    }

    private static Tensor F(params ReadOnlySpan<int> sizes) => Numbers(sizes, DType.Float32);

    private static Tensor D(params ReadOnlySpan<int> sizes) => Numbers(sizes, DType.Float64);

    private static Tensor I(params ReadOnlySpan<int> sizes) => Numbers(sizes, DType.Int64);

    private static Tensor B(params ReadOnlySpan<int> sizes) => Numbers(sizes, DType.Bool);

    private static Tensor L(params ReadOnlySpan<long> labels) => Tensor.From(labels);

    private static Tensor Numbers(ReadOnlySpan<int> sizes, DType dtype)
    {
        var count = 1;
        foreach (var size in sizes)
        {
            count *= size;
        }

        return Tensor.Arange(1, count + 1).Reshape(sizes).To(dtype);
    }
}
