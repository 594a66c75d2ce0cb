using Backprop.Kernels;

namespace Backprop.Ops;

/// <summary>
/// y = (x − mean) / √(variance + ε) · weight + bias for x [N, C, …], where each segment [n, c] belongs to one of some groups that are normalised
/// together. The inputs are x, the groups' statistics [groups, 2], a constant that follows from x, and a weight and a bias [C] that may be missing.
/// </summary>
/// <remarks>
/// With the sums over a group's elements, m of them, and d = x − mean: dx = (g w − Σ g w / m − d Σ g w d / (m (variance + ε))) / √(variance + ε); the
/// gradients of weight and bias are the sums of g d / √(variance + ε) and g over a channel.
/// </remarks>
internal abstract class SegmentNorm(int groups, bool tellsSamplesApart, double epsilon, bool hasWeight, bool hasBias) : FusedOp
{
    /// <summary>Added to the variance.</summary>
    protected double Epsilon => epsilon;

    public sealed override string Describe() => FormattableString.Invariant($"{Name}(groups {groups}, ε {epsilon})");

    /// <summary>Whether each channel is a group.</summary>
    protected virtual bool AreChannelsGroups => false;

    /// <summary>The group that a channel of a sample belongs to.</summary>
    protected abstract int GroupOf(int sample, int channel, int channels);

    /// <summary>x normalised, from ordinary operations.</summary>
    protected abstract Tensor Normalized(Tensor x);

    protected internal sealed override Tensor Definition(in Operands inputs)
    {
        var y = Normalized(inputs[0]);
        y = hasWeight ? y * NormChecks.Spread(inputs[2], y.Rank) : y;
        return hasBias ? y + NormChecks.Spread(inputs[^1], y.Rank) : y;
    }

    protected internal sealed override ResultSpec Infer(in Operands inputs) =>
        tellsSamplesApart ? ResultSpec.Like(inputs[0]) : ResultSpec.InOrder(inputs[0]);

    /// <summary>Mean and variance of each group, float64 [groups, 2]: a constant for the tape.</summary>
    public Tensor StatisticsOf(Tensor x)
    {
        using (Recording.Pause())
        {
            return new NormStatistics(groups, tellsSamplesApart, AreChannelsGroups ? null : GroupOf).Run(new Operands(x));
        }
    }

    protected internal sealed override void Compute(in Operands inputs, Tensor output)
    {
        if (output.Count == 0)
        {
            return;
        }

        var segments = new Segments(output, !tellsSamplesApart);
        var statistics = Statistics(inputs[1]);
        var weight = new NormVector(hasWeight ? inputs[2] : null, 1);
        var bias = new NormVector(hasBias ? inputs[^1] : null, 0);
        var numbers = new SegmentAffine.Numbers[AreChannelsGroups ? segments.Channels : segments.Count];
        for (var i = 0; i < numbers.Length; i++)
        {
            var channel = segments.Channel(i);
            var group = GroupOf(segments.Sample(i), channel, segments.Channels);
            numbers[i] = new SegmentAffine.Numbers(statistics.Mean(group), statistics.Scale(group) * weight[channel], bias[channel]);
        }

        segments.Affine(inputs[0], numbers, output);
    }

    internal sealed override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => 3.0 * output.Count;

    protected internal sealed override Saved Saves(int needs) => Saved.Inputs;

    protected internal sealed override void ComputeGradients(Adjoint adjoint)
    {
        if (adjoint.Gradient.Count == 0)
        {
            for (var i = 0; i < adjoint.InputCount; i++)
            {
                if (adjoint.Needs(i))
                {
                    adjoint.ZeroedBuffer(i);
                }
            }

            return;
        }

        var segments = new Segments(adjoint.Input(0), !tellsSamplesApart);
        if (AreChannelsGroups)
        {
            DifferentiateChannels(adjoint, segments);
            return;
        }

        var (means, scales) = Arrays(Statistics(adjoint.Input(1)));
        var weight = NormChecks.Doubles(hasWeight ? adjoint.Input(2) : null, segments.Channels, 1);
        var centers = new double[segments.Count];
        var groupOf = new int[segments.Count];
        for (var i = 0; i < centers.Length; i++)
        {
            groupOf[i] = GroupOf(segments.Sample(i), segments.Channel(i), segments.Channels);
            centers[i] = means[groupOf[i]];
        }

        var sums = segments.Products(adjoint.Gradient, adjoint.Input(0), centers);
        if (adjoint.Needs(0))
        {
            var numbers = Slopes(segments, groupOf, means, scales, weight, sums);
            var dx = adjoint.Buffer(0, out var accumulate);
            segments.Gradient(adjoint.Gradient, adjoint.Input(0), numbers, dx, accumulate);
        }

        if (hasWeight && adjoint.Needs(2))
        {
            AddToChannels(adjoint, 2, segments, i => sums[i].Product * scales[groupOf[i]]);
        }

        if (hasBias && adjoint.Needs(adjoint.InputCount - 1))
        {
            AddToChannels(adjoint, adjoint.InputCount - 1, segments, i => sums[i].Sum);
        }
    }

    /// <summary>Where each channel is a group: channel by channel.</summary>
    private void DifferentiateChannels(Adjoint adjoint, Segments segments)
    {
        var (g, x) = (adjoint.Gradient.DenseLike(segments.Order), adjoint.Input(0).DenseLike(segments.Order));
        var statistics = Statistics(adjoint.Input(1));
        var weight = new NormVector(hasWeight ? adjoint.Input(2) : null, 1);
        var dx = adjoint.Needs(0) ? GradientPlace.Of(adjoint, 0, segments.Order, mayBeGradient: false) : default;
        var numbers = NormMemory.Rent<BatchNormGradient.Numbers, (double Sum, double Product)>(segments.Channels, out var sums);
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = new BatchNormGradient.Numbers(statistics.Mean(i), statistics.Scale(i), weight[i]);
        }

        segments.BatchGradient(g, x, numbers, sums, dx.Target);
        dx.Finish();
        AddChannels(adjoint, hasWeight ? 2 : -1, hasBias ? adjoint.InputCount - 1 : -1, numbers, sums);
    }

    /// <summary>The gradients of weight and bias, from the sums over each channel; of index −1 where there are none.</summary>
    public static void AddChannels(
        Adjoint adjoint, int weight, int bias, ReadOnlySpan<BatchNormGradient.Numbers> numbers, ReadOnlySpan<(double Sum, double Product)> sums)
    {
        if (weight >= 0 && adjoint.Needs(weight))
        {
            var buffer = adjoint.Buffer(weight, out var accumulate);
            for (var i = 0; i < sums.Length; i++)
            {
                NormMemory.Put(buffer, i, sums[i].Product * numbers[i].Scale, accumulate);
            }
        }

        if (bias >= 0 && adjoint.Needs(bias))
        {
            var buffer = adjoint.Buffer(bias, out var accumulate);
            for (var i = 0; i < sums.Length; i++)
            {
                NormMemory.Put(buffer, i, sums[i].Sum, accumulate);
            }
        }
    }

    /// <summary>The groups' means and 1 / √(variance + ε).</summary>
    public GroupScales Statistics(Tensor statistics) => new(statistics.Dense().AsSpan<double>(), epsilon);

    private (double[] Means, double[] Scales) Arrays(GroupScales statistics)
    {
        var (means, scales) = (new double[groups], new double[groups]);
        for (var i = 0; i < groups; i++)
        {
            (means[i], scales[i]) = (statistics.Mean(i), statistics.Scale(i));
        }

        return (means, scales);
    }

    private SegmentGradient.Numbers[] Slopes(
        Segments segments, int[] groupOf, double[] means, double[] scales, double[] weight, (double Sum, double Product)[] sums)
    {
        var (total, product, count) = (new double[groups], new double[groups], new double[groups]);
        for (var i = 0; i < sums.Length; i++)
        {
            var factor = weight[segments.Channel(i)];
            total[groupOf[i]] += factor * sums[i].Sum;
            product[groupOf[i]] += factor * sums[i].Product;
            count[groupOf[i]] += segments.Size;
        }

        var numbers = new SegmentGradient.Numbers[sums.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            var group = groupOf[i];
            var scale = scales[group];
            numbers[i] = new SegmentGradient.Numbers(
                means[group],
                scale * weight[segments.Channel(i)],
                -scale * scale * scale * product[group] / count[group],
                -scale * total[group] / count[group]);
        }

        return numbers;
    }

    private static void AddToChannels(Adjoint adjoint, int index, Segments segments, Func<int, double> term)
    {
        var sums = new double[segments.Channels];
        for (var i = 0; i < segments.Count; i++)
        {
            sums[segments.Channel(i)] += term(i);
        }

        adjoint.Add(index, Tensor.From(sums).To(adjoint.DTypeOf(index)));
    }
}
