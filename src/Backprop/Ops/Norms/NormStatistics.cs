using Backprop.Kernels;

namespace Backprop.Ops;

/// <summary>Mean and variance (divided by the count) of groups of segments of x [N, C, …], float64 [groups, 2]. Never on the tape.</summary>
internal sealed class NormStatistics(int groups, bool tellsSamplesApart, Func<int, int, int, int> groupOf) : Op
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
        var moments = segments.MomentsOf(x);
        var totals = new Moments[groups];
        for (var i = 0; i < moments.Length; i++)
        {
            totals[groupOf(segments.Sample(i), segments.Channel(i), segments.Channels)] += moments[i];
        }

        for (var i = 0; i < groups; i++)
        {
            (results[2 * i], results[(2 * i) + 1]) = (totals[i].Mean, totals[i].Variance);
        }
    }

    internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => 4.0 * (inputs[0]?.Count ?? double.NaN);

    protected internal override Saved Saves(int needs) => Saved.None;

    protected internal override void Differentiate(Adjoint adjoint) =>
        throw new InvalidOperationException($"{Name}: statistics are constants for the tape; the operation that uses them knows how they follow from x.");
}
