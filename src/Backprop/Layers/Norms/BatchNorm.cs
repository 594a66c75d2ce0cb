namespace Backprop.Layers;

/// <summary>
/// Batch normalisation: each channel is normalised by its mean and variance over the batch in training, and by the running ones in evaluation
/// (Ioffe and Szegedy, 2015). What <see cref="BatchNorm1d"/> to <see cref="BatchNorm3d"/> share.
/// </summary>
public abstract class BatchNorm : RunningNorm
{
    private protected BatchNorm(string operation, int features, double epsilon, double? momentum, bool affine, bool trackRunningStatistics, DType dtype)
        : base(operation, features, epsilon, momentum, affine, trackRunningStatistics, dtype)
    {
    }

    /// <summary>
    /// Normalises, adds a residual and rectifies: max(Forward(x) + residual, 0), with less than half of the passes over memory. For the blocks of residual
    /// networks, and wherever a rectifier follows the layer.
    /// </summary>
    /// <param name="x">As for <see cref="RunningNorm.Forward"/>.</param>
    /// <param name="residual">Of the shape of x; or nothing.</param>
    /// <exception cref="ShapeException">The shape isn't the layer's, the residual has another, or there is one element per channel.</exception>
    /// <exception cref="DTypeException">A dtype is not the layer's.</exception>
    /// <example><code>
    /// var y = norm1.ForwardRelu(conv1.Forward(x));
    /// return norm2.ForwardRelu(conv2.Forward(y), residual: x);
    /// </code></example>
    public Tensor ForwardRelu(Tensor x, Tensor? residual = null)
    {
        using var region = Enter();
        return Run(x, (input, useInput, momentum) =>
            input.BatchNormRelu(RunningMean, RunningVariance, Weight, Bias, residual, useInput, momentum, Epsilon));
    }

    private protected sealed override Tensor Normalize(Tensor x, bool useInput, double momentum) =>
        x.BatchNorm(RunningMean, RunningVariance, Weight, Bias, useInput, momentum, Epsilon);
}

/// <summary>Batch normalisation of [N, C] or [N, C, L]: see <see cref="BatchNorm"/>.</summary>
public sealed class BatchNorm1d : BatchNorm
{
    /// <summary>A layer that changes little at first: weight 1, bias 0.</summary>
    /// <param name="features">The number of channels, C; at least 1.</param>
    /// <param name="epsilon">Added to the variance; at least 0.</param>
    /// <param name="momentum">How far a step moves the running statistics, from 0 to 1; null for their plain average over all steps.</param>
    /// <param name="affine">Whether there are a weight and a bias.</param>
    /// <param name="trackRunningStatistics">Whether a running mean and variance are kept; if not, evaluation takes those of its input as well.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public BatchNorm1d(
        int features, double epsilon = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStatistics = true,
        DType dtype = DType.Float32)
        : base("batch_norm1d", features, epsilon, momentum, affine, trackRunningStatistics, dtype)
    {
    }

    private protected override string? Misfit(ReadOnlySpan<int> shape) =>
        shape.Length is 2 or 3 && shape[1] == Features ? null : $"[N, {Features}] or [N, {Features}, L]";
}

/// <summary>Batch normalisation of [N, C, H, W]: see <see cref="BatchNorm"/>.</summary>
public sealed class BatchNorm2d : BatchNorm
{
    /// <summary>A layer that changes little at first: weight 1, bias 0.</summary>
    /// <param name="features">The number of channels, C; at least 1.</param>
    /// <param name="epsilon">Added to the variance; at least 0.</param>
    /// <param name="momentum">How far a step moves the running statistics, from 0 to 1; null for their plain average over all steps.</param>
    /// <param name="affine">Whether there are a weight and a bias.</param>
    /// <param name="trackRunningStatistics">Whether a running mean and variance are kept; if not, evaluation takes those of its input as well.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public BatchNorm2d(
        int features, double epsilon = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStatistics = true,
        DType dtype = DType.Float32)
        : base("batch_norm2d", features, epsilon, momentum, affine, trackRunningStatistics, dtype)
    {
    }

    private protected override string? Misfit(ReadOnlySpan<int> shape) =>
        shape.Length == 4 && shape[1] == Features ? null : $"[N, {Features}, H, W]";
}

/// <summary>Batch normalisation of [N, C, D, H, W]: see <see cref="BatchNorm"/>.</summary>
public sealed class BatchNorm3d : BatchNorm
{
    /// <summary>A layer that changes little at first: weight 1, bias 0.</summary>
    /// <param name="features">The number of channels, C; at least 1.</param>
    /// <param name="epsilon">Added to the variance; at least 0.</param>
    /// <param name="momentum">How far a step moves the running statistics, from 0 to 1; null for their plain average over all steps.</param>
    /// <param name="affine">Whether there are a weight and a bias.</param>
    /// <param name="trackRunningStatistics">Whether a running mean and variance are kept; if not, evaluation takes those of its input as well.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public BatchNorm3d(
        int features, double epsilon = 1e-5, double? momentum = 0.1, bool affine = true, bool trackRunningStatistics = true,
        DType dtype = DType.Float32)
        : base("batch_norm3d", features, epsilon, momentum, affine, trackRunningStatistics, dtype)
    {
    }

    private protected override string? Misfit(ReadOnlySpan<int> shape) =>
        shape.Length == 5 && shape[1] == Features ? null : $"[N, {Features}, D, H, W]";
}
