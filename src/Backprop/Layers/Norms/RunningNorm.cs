using System.Globalization;

namespace Backprop.Layers;

/// <summary>
/// A normalisation of channels with a weight and a bias [C], and with a running mean and variance [C] that training moves and evaluation uses.
/// What <see cref="BatchNorm1d"/>, <see cref="InstanceNorm1d"/> and their siblings share.
/// </summary>
/// <remarks>
/// The state bears PyTorch's names: weight, bias, running_mean, running_var, num_batches_tracked. The weight starts at 1, the bias at 0, the mean at 0,
/// the variance at 1; these two are of float32 in a 16-bit layer. While a <see cref="Checkpoint"/> computes its segment again, the statistics are not moved
/// a second time. A layer that trains on two threads at once loses some of their moves: give each thread a model of its own.
/// </remarks>
public abstract class RunningNorm : Module
{
    private readonly string operation;
    private readonly DType? dtype;

    private protected RunningNorm(string operation, int features, double epsilon, double? momentum, bool affine, bool trackRunningStatistics, DType dtype)
    {
        this.operation = operation;
        NormSettings.CheckSize(operation, nameof(features), features);
        NormSettings.Check(operation, dtype, epsilon, momentum);
        (Features, Epsilon, Momentum) = (features, epsilon, momentum);
        this.dtype = affine || trackRunningStatistics ? dtype : null;
        if (affine)
        {
            Weight = Initialize.Constant(Parameter([features], dtype), 1);
            Bias = Parameter([features], dtype);
        }

        if (trackRunningStatistics)
        {
            var wide = dtype.Computing();
            RunningMean = Register("running_mean", Buffer([features], wide), isBuffer: true);
            RunningVariance = Register("running_var", Initialize.Constant(Buffer([features], wide), 1), isBuffer: true);
            BatchesTracked = Register("num_batches_tracked", Buffer([], DType.Int64), isBuffer: true);
        }
    }

    /// <summary>The number of channels, C.</summary>
    public int Features { get; }

    /// <summary>Added to the variance.</summary>
    public double Epsilon { get; }

    /// <summary>How far a step moves the running statistics; null for their plain average over all steps.</summary>
    public double? Momentum { get; }

    /// <summary>The factor of each channel, [C]; null where there is none.</summary>
    public Tensor? Weight { get; }

    /// <summary>What is added to each channel, [C]; null where nothing is.</summary>
    public Tensor? Bias { get; }

    /// <summary>The running mean, [C]; null where none is kept.</summary>
    public Tensor? RunningMean { get; }

    /// <summary>The running variance, [C]; null where none is kept.</summary>
    public Tensor? RunningVariance { get; }

    /// <summary>How many steps moved the statistics, an int64 scalar; null where none are kept.</summary>
    public Tensor? BatchesTracked { get; }

    /// <inheritdoc/>
    protected override string Settings => string.Create(
        CultureInfo.InvariantCulture,
        $"{Features}{NormSettings.Epsilon(Epsilon)}{(Momentum is not { } given ? ", cumulative" : given == 0.1 ? "" : $", momentum {given}")}");

    /// <summary>The statistics as they were at first: mean 0, variance 1, no steps.</summary>
    public void ResetRunningStatistics()
    {
        using (Recording.Pause())
        {
            RunningMean?.Fill(0);
            RunningVariance?.Fill(1);
            BatchesTracked?.Fill(0);
        }
    }

    /// <summary>Normalises.</summary>
    /// <exception cref="ShapeException">The shape isn't the layer's, or training has one element per channel to take statistics of.</exception>
    /// <exception cref="DTypeException">The dtype is not the layer's.</exception>
    public sealed override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return Run(x, Normalize);
    }

    /// <summary>Checks the input, chooses the statistics and counts the step.</summary>
    private protected Tensor Run(Tensor x, Func<Tensor, bool, double, Tensor> normalize)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (Misfit(x.Shape) is { } wanted)
        {
            throw new ShapeException($"{operation}: the input {Error.Text(x.Shape)} must be {wanted}, in {Location}");
        }

        NormSettings.CheckType(operation, x, dtype, Location);
        if (!IsTraining || BatchesTracked is null)
        {
            return normalize(x, RunningMean is null, 0);
        }

        var y = normalize(x, true, Momentum ?? 1.0 / Capture.Observe(NextBatch, "the cumulative average goes on"));
        if (!Checkpoint.IsRecomputing && x.Count > 0)
        {
            if (Capture.IsOn)
            {
                Capture.Repeat(CountBatch);
            }
            else
            {
                CountBatch();
            }
        }

        return y;
    }

    private long NextBatch() => BatchesTracked!.Item<long>() + 1;

    private void CountBatch() => BatchesTracked!.CopyFrom<long>([NextBatch()]);

    /// <summary>What the shape should be; null where it fits.</summary>
    private protected abstract string? Misfit(ReadOnlySpan<int> shape);

    /// <summary>The function, with statistics of the input or the running ones.</summary>
    private protected abstract Tensor Normalize(Tensor x, bool useInput, double momentum);
}
