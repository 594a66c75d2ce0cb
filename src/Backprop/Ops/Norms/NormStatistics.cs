using Backprop.Kernels;

namespace Backprop.Ops;

/// <summary>Mean and variance (divided by the count) of groups of segments of x [N, C, …], float64 [groups, 2]. Never on the tape.</summary>
/// <param name="groups">How many groups there are.</param>
/// <param name="tellsSamplesApart">Whether samples of a channel may belong to several groups.</param>
/// <param name="groupOf">The group of a sample and channel, of so many channels; null where each channel is a group.</param>
internal sealed class NormStatistics(int groups, bool tellsSamplesApart, Func<int, int, int, int>? groupOf) : Op
{
    public override string Name => "norm_statistics";

    protected internal override ResultSpec Infer(in Operands inputs) => new([groups, 2], DType.Float64);

    protected internal override void Compute(in Operands inputs, Tensor output)
    {
        var x = inputs[0];
        var results = output.Storage.Span<double>();
        if (x.Count == 0)
        {
            results.Clear();
            return;
        }

        var segments = new Segments(x, !tellsSamplesApart);
        Span<Moments> totals;
        if (groupOf is null)
        {
            totals = NormMemory.Rent<Moments>(groups);
            segments.ChannelMomentsOf(x, totals);
        }
        else
        {
            totals = Totals(segments, x);
        }

        for (var i = 0; i < groups; i++)
        {
            (results[2 * i], results[(2 * i) + 1]) = (totals[i].Mean, totals[i].Variance);
        }
    }

    private Moments[] Totals(Segments segments, Tensor x)
    {
        var moments = segments.MomentsOf(x);
        var totals = new Moments[groups];
        for (var i = 0; i < moments.Length; i++)
        {
            var channel = segments.Channel(i);
            totals[groupOf!(segments.Sample(i), channel, segments.Channels)] += moments[i];
        }

        return totals;
    }

    internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => 4.0 * (inputs[0]?.Count ?? double.NaN);

    protected internal override Saved Saves(int needs) => Saved.None;

    protected internal override void Differentiate(Adjoint adjoint) =>
        throw new InvalidOperationException($"{Name}: statistics are constants for the tape; the operation that uses them knows how they follow from x.");
}
