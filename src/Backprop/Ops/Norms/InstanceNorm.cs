using Backprop.Ops;

namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>
    /// Instance normalisation of [N, C, L, …]: each channel of each sample is normalised by its own mean and variance, or by running ones
    /// (Ulyanov et al., 2016).
    /// </summary>
    /// <param name="weight">[C], or nothing.</param>
    /// <param name="bias">[C], or nothing.</param>
    /// <param name="runningMean">[C], or nothing. Where input statistics are used, moved towards the mean of the samples' means, in place.</param>
    /// <param name="runningVariance">[C], or nothing. Moved towards the mean of the samples' variances (divided by n − 1).</param>
    /// <param name="useInputStatistics">Whether x itself tells mean and variance; else the running ones do.</param>
    /// <param name="momentum">How far running statistics move, from 0 to 1.</param>
    /// <param name="epsilon">Added to the variance; at least 0.</param>
    /// <exception cref="ShapeException">A shape doesn't fit, or there is only one element per channel to take statistics of.</exception>
    /// <exception cref="DTypeException">The tensor is not floating point, or the dtypes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Momentum or ε are out of range.</exception>
    /// <exception cref="ArgumentException">Running statistics are needed, and missing.</exception>
    public Tensor InstanceNorm(
        Tensor? weight = null, Tensor? bias = null, Tensor? runningMean = null, Tensor? runningVariance = null, bool useInputStatistics = true,
        double momentum = 0.1, double epsilon = 1e-5)
    {
        const string Name = "instance_norm";
        NormChecks.Type(Name, this);
        NormChecks.Channels(Name, this, 3);
        NormChecks.Epsilon(Name, epsilon);
        NormChecks.Momentum(Name, momentum);
        RunningStatistics.Check(Name, this, runningMean, runningVariance, isNeeded: !useInputStatistics);
        if (!useInputStatistics)
        {
            return RunningStatistics.Apply(Name, this, runningMean!, runningVariance!, weight, bias, epsilon);
        }

        var (samples, channels) = (Shape[0], Shape[1]);
        var size = Layout.CheckedCount(Name, Shape[2..]);
        if (size == 1)
        {
            throw Error.Shape(Name, $"x {Error.Text(Shape)} has one element per channel: its variance is 0, and the result would not depend on x.");
        }

        if (channels == 0)
        {
            return Clone();
        }

        var y = GroupNorm(Name, channels, weight, bias, epsilon, out var statistics);
        if (Count > 0)
        {
            using (Recording.Pause())
            {
                var means = statistics.Reshape(samples, channels, 2).Mean(0);
                RunningStatistics.Move(runningMean, means.Select(1, 0), momentum);
                RunningStatistics.Move(runningVariance, means.Select(1, 1) * ((double)size / (size - 1)), momentum);
            }
        }

        return y;
    }
}
