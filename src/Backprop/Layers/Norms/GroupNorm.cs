namespace Backprop.Layers;

/// <summary>
/// Normalisation of groups of channels, with a weight and a bias per channel (Wu and He, 2018): see
/// <see cref="Tensor.GroupNorm(int, Tensor?, Tensor?, double)"/>.
/// </summary>
/// <remarks>The weight starts at 1, the bias at 0.</remarks>
public sealed class GroupNorm : Module
{
    /// <summary>A layer that changes little at first: weight 1, bias 0.</summary>
    /// <param name="groups">How many groups; a divisor of the channels.</param>
    /// <param name="features">The number of channels, C; at least 1.</param>
    /// <param name="epsilon">Added to the variance; at least 0.</param>
    /// <param name="affine">Whether there are a weight and a bias.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range, or the groups don't divide the channels.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    public GroupNorm(int groups, int features, double epsilon = 1e-5, bool affine = true, DType dtype = DType.Float32)
    {
        const string Name = "group_norm";
        NormSettings.CheckSize(Name, nameof(features), features);
        if (groups < 1 || features % groups != 0)
        {
            throw Error.Range(Name, nameof(groups), groups, FormattableString.Invariant($"a positive divisor of the {features} channels"));
        }

        NormSettings.Check(Name, dtype, epsilon);
        (Groups, Features, Epsilon) = (groups, features, epsilon);
        Weight = affine ? Initialize.Constant(Parameter([features], dtype), 1) : null;
        Bias = affine ? Parameter([features], dtype) : null;
    }

    /// <summary>How many groups there are.</summary>
    public int Groups { get; }

    /// <summary>The number of channels, C.</summary>
    public int Features { get; }

    /// <summary>Added to the variance.</summary>
    public double Epsilon { get; }

    /// <summary>The factor of each channel, [C]; null where there is none.</summary>
    public Tensor? Weight { get; }

    /// <summary>What is added to each channel, [C]; null where nothing is.</summary>
    public Tensor? Bias { get; }

    /// <inheritdoc/>
    protected override string Settings => $"{Groups} groups, {Features}{NormSettings.Epsilon(Epsilon)}";

    /// <inheritdoc cref="Tensor.GroupNorm(int, Tensor?, Tensor?, double)"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        if (x.Rank < 2 || x.Shape[1] != Features)
        {
            throw new ShapeException($"group_norm: the input {Error.Text(x.Shape)} must be [N, {Features}, …], in {Location}");
        }

        NormSettings.CheckType("group_norm", x, Weight, Location);
        return x.GroupNorm(Groups, Weight, Bias, Epsilon);
    }
}
