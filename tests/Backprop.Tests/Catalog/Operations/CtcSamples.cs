using Backprop.Layers;
using Reduction = Backprop.Layers.Reduction;

namespace Backprop.Tests.Catalog.Operations;

/// <summary>Connectionist temporal classification.</summary>
internal sealed class CtcSamples : ICatalogEntry
{
    private static readonly Type shape = typeof(ShapeException);
    private static readonly Type type = typeof(DTypeException);
    private static readonly Type range = typeof(ArgumentOutOfRangeException);

    public IEnumerable<Sample> Samples() =>
    [
        new("ctc", "repeated labels, no labels, fewer frames", [Values.Reals(5, 3, 3), L([1, 1, 2, 0, 2, 1], 3, 2), L([5, 4, 3], 3), L([2, 0, 2], 3)],
            t => Tensor.Ctc(t[0], t[1], t[2], t[3]))
        {
            Large = () => [Values.Reals(60, 12, 20), Values.Positions(19, 12, 15) + 1, Length(60, 12), Length(15, 12)],
        },
        new("ctc", "all labels in one row, another blank", [Values.Reals(4, 2, 3), L([0, 1, 1], 3), L([4, 4], 2), L([2, 1], 2)],
            t => Tensor.Ctc(t[0], t[1], t[2], t[3], blank: 2)),
        new("ctc", "too few frames for one", [Values.Reals(3, 2, 3), L([1, 1, 2, 1, 0, 0], 2, 3), L([3, 3], 2), L([3, 1], 2)],
            t => Losses.Ctc(t[0], t[1], t[2], t[3], zeroInfinity: true)),
        new("ctc", "a single sample", [Values.Reals(4, 3), L([2, 1], 2), Tensor.Scalar(4L), Tensor.Scalar(2L)], t => Tensor.Ctc(t[0], t[1], t[2], t[3])),
        new("ctc", "no frames", [Values.Reals(2, 2, 2), L([1, 1], 2, 1), L([0, 2], 2), L([0, 1], 2)], t => Tensor.Ctc(t[0], t[1], t[2], t[3])),
        new("ctc", "the mean over labels", [Values.Reals(4, 2, 3), L([2, 1, 1, 0], 2, 2), L([4, 3], 2), L([2, 0], 2)],
            t => Losses.Ctc(t[0].LogSoftmax(), t[1], t[2], t[3]))
        {
            RoundsBetween = true,
        },
        new("ctc", "the sum", [Values.Reals(4, 2, 3), L([2, 1, 1, 0], 2, 2), L([4, 3], 2), L([2, 1], 2)],
            t => Losses.Ctc(t[0], t[1], t[2], t[3], reduction: Reduction.Sum)),
    ];

    public IEnumerable<ErrorCase> Errors() =>
    [
        Refused("a scalar for log-probabilities", shape, 0, Tensor.Scalar(1f), ["[]", "[T, N, C]"]),
        Refused("no class", shape, 0, Tensor.Zeros([4, 2, 0]), ["[4, 2, 0]"]),
        Refused("integers for log-probabilities", type, 0, Tensor.Zeros([4, 2, 3], DType.Int64), ["int64", "Float32"]),
        Refused("targets of other samples", shape, 1, L([1, 1, 1], 3, 1), ["[3, 1]", "[2, S]"]),
        Refused("targets that are no integers", type, 1, Tensor.Ones([2, 2]), ["float32", "targets"]),
        Refused("lengths that are no integers", type, 2, Tensor.Ones([2]), ["float32", "input lengths"]),
        Refused("lengths of other samples", shape, 3, L([1], 1), ["[1]", "[2]"]),
        Refused("more frames than there are", range, 2, L([4, 5], 2), ["input length is 5", "from 0 to 4", "sample 1"]),
        Refused("a negative length", range, 3, L([1, -1], 2), ["target length is -1", "from 0 to 2", "sample 1"]),
        Refused("more labels than there are", range, 3, L([1, 3], 2), ["target length is 3", "from 0 to 2"]),
        Refused("a row that the lengths don't add up to", shape, 1, L([1, 1], 2), ["add up to 3", "2 labels"]),
        Refused("a label that is no class", range, 1, L([1, 3, 1, 1], 2, 2), ["label is 3", "from 0 to 2", "sample 0, position 1"]),
        Refused("a label that is the blank", range, 1, L([1, 1, 0, 1], 2, 2), ["label is 0", "not the blank 0", "sample 1, position 0"]),
        new("ctc", "a blank that is no class", range, Arguments(), t => Tensor.Ctc(t[0], t[1], t[2], t[3], blank: 3), ["blank is 3", "from 0 to 2"]),
        new("ctc", "a batch mean", range, Arguments(), t => Losses.Ctc(t[0], t[1], t[2], t[3], reduction: Reduction.BatchMean), ["BatchMean"]),
        new("ctc", "targets of a batch for one sample", shape, [Tensor.Zeros([4, 3]), L([1, 1], 2, 1), L([4], 1), L([1], 1)],
            t => Tensor.Ctc(t[0], t[1], t[2], t[3]), ["[4, 3]", "[2, 1]", "[S]"]),
    ];

    private static ErrorCase Refused(string situation, Type exception, int argument, Tensor value, string[] says)
    {
        var arguments = Arguments();
        arguments[argument] = value;
        return new("ctc", situation, exception, arguments, t => Tensor.Ctc(t[0], t[1], t[2], t[3]), says);
    }

    /// <summary>What would be right: four frames, two samples, three classes.</summary>
    private static Tensor[] Arguments() => [Tensor.Zeros([4, 2, 3]), L([1, 2, 2, 2], 2, 2), L([4, 4], 2), L([2, 1], 2)];

    private static Tensor L(long[] values, params ReadOnlySpan<int> sizes) => Tensor.From(values, sizes);

    private static Tensor Length(int most, int samples) => most - Values.Positions(3, samples);
}
