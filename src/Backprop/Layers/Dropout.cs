namespace Backprop.Layers;

/// <summary>
/// In training mode, replaces each element by 0 with probability p and divides the others by 1 − p, so that the expectation stays; in
/// evaluation mode it changes nothing (Srivastava et al., 2014).
/// </summary>
public sealed class Dropout : Module
{
    private readonly Generator? generator;

    /// <summary>A layer that drops with the given probability.</summary>
    /// <param name="probability">The chance of an element to be dropped, from 0 to 1. At 1 the result is all zeros.</param>
    /// <param name="generator">Where the choice comes from; <see cref="Generator.Default"/> at the time of use if not given.</param>
    /// <exception cref="ArgumentOutOfRangeException">The probability is not one.</exception>
    public Dropout(double probability = 0.5, Generator? generator = null)
    {
        if (!(probability is >= 0 and <= 1))
        {
            throw Error.Range("dropout", nameof(probability), probability, "from 0 to 1");
        }

        Probability = probability;
        this.generator = generator;
    }

    /// <summary>The chance of an element to be dropped.</summary>
    public double Probability { get; }

    /// <inheritdoc/>
    protected override string Settings => FormattableString.Invariant($"{Probability}");

    /// <inheritdoc/>
    /// <remarks>Where nothing is dropped, in evaluation mode and for a probability of 0, the result is the input itself.</remarks>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        if (!IsTraining || Probability == 0)
        {
            return x;
        }

        var keep = 1 - Probability;
        return x * Tensor.Bernoulli(x.Shape, keep, keep == 0 ? 0 : 1 / keep, x.DType, generator);
    }
}
