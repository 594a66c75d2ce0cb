namespace Backprop.Layers;

/// <summary>
/// Instance normalisation: each channel of each sample is normalised by its own mean and variance, or, in evaluation with running statistics, by those
/// (Ulyanov et al., 2016). What <see cref="InstanceNorm1d"/> to <see cref="InstanceNorm3d"/> share.
/// </summary>
/// <remarks>Unless asked for, there is neither a weight nor a bias, and no statistics are kept. One sample may come without the batch's axis.</remarks>
public abstract class InstanceNorm : RunningNorm
{
    private readonly int rank;

    private protected InstanceNorm(
        string operation, int rank, int features, double epsilon, double? momentum, bool affine, bool trackRunningStatistics, DType dtype)
        : base(operation, features, epsilon, momentum, affine, trackRunningStatistics, dtype) => this.rank = rank;

    private protected sealed override string? Misfit(ReadOnlySpan<int> shape)
    {
        if ((shape.Length == rank || shape.Length == rank - 1) && shape[^(rank - 1)] == Features)
        {
            return null;
        }

        var axes = rank switch { 3 => "L", 4 => "H, W", _ => "D, H, W" };
        return $"[N, {Features}, {axes}] or [{Features}, {axes}]";
    }

    private protected sealed override Tensor Normalize(Tensor x, bool useInput, double momentum)
    {
        var y = (x.Rank == rank ? x : x.Unsqueeze(0)).InstanceNorm(Weight, Bias, RunningMean, RunningVariance, useInput, momentum, Epsilon);
        return x.Rank == rank ? y : y.Squeeze(0);
    }
}

/// <summary>Instance normalisation of [N, C, L] or [C, L]: see <see cref="InstanceNorm"/>.</summary>
public sealed class InstanceNorm1d : InstanceNorm
{
    /// <summary>A layer.</summary>
    /// <param name="features">The number of channels, C; at least 1.</param>
    /// <param name="epsilon">Added to the variance; at least 0.</param>
    /// <param name="momentum">How far a step moves the running statistics, from 0 to 1; null for their plain average over all steps.</param>
    /// <param name="affine">Whether there are a weight and a bias.</param>
    /// <param name="trackRunningStatistics">Whether a running mean and variance are kept; if not, evaluation takes those of its input as well.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public InstanceNorm1d(
        int features, double epsilon = 1e-5, double? momentum = 0.1, bool affine = false, bool trackRunningStatistics = false,
        DType dtype = DType.Float32)
        : base("instance_norm1d", 3, features, epsilon, momentum, affine, trackRunningStatistics, dtype)
    {
    }
}

/// <summary>Instance normalisation of [N, C, H, W] or [C, H, W]: see <see cref="InstanceNorm"/>.</summary>
public sealed class InstanceNorm2d : InstanceNorm
{
    /// <summary>A layer.</summary>
    /// <param name="features">The number of channels, C; at least 1.</param>
    /// <param name="epsilon">Added to the variance; at least 0.</param>
    /// <param name="momentum">How far a step moves the running statistics, from 0 to 1; null for their plain average over all steps.</param>
    /// <param name="affine">Whether there are a weight and a bias.</param>
    /// <param name="trackRunningStatistics">Whether a running mean and variance are kept; if not, evaluation takes those of its input as well.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public InstanceNorm2d(
        int features, double epsilon = 1e-5, double? momentum = 0.1, bool affine = false, bool trackRunningStatistics = false,
        DType dtype = DType.Float32)
        : base("instance_norm2d", 4, features, epsilon, momentum, affine, trackRunningStatistics, dtype)
    {
    }
}

/// <summary>Instance normalisation of [N, C, D, H, W] or [C, D, H, W]: see <see cref="InstanceNorm"/>.</summary>
public sealed class InstanceNorm3d : InstanceNorm
{
    /// <summary>A layer.</summary>
    /// <param name="features">The number of channels, C; at least 1.</param>
    /// <param name="epsilon">Added to the variance; at least 0.</param>
    /// <param name="momentum">How far a step moves the running statistics, from 0 to 1; null for their plain average over all steps.</param>
    /// <param name="affine">Whether there are a weight and a bias.</param>
    /// <param name="trackRunningStatistics">Whether a running mean and variance are kept; if not, evaluation takes those of its input as well.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public InstanceNorm3d(
        int features, double epsilon = 1e-5, double? momentum = 0.1, bool affine = false, bool trackRunningStatistics = false,
        DType dtype = DType.Float32)
        : base("instance_norm3d", 5, features, epsilon, momentum, affine, trackRunningStatistics, dtype)
    {
    }
}
