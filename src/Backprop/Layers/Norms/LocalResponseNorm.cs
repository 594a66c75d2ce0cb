namespace Backprop.Layers;

/// <summary>
/// x / (k + α · mean of x² over neighbouring channels)ᵝ (Krizhevsky et al., 2012): see <see cref="Tensor.LocalResponseNorm"/>.
/// </summary>
public sealed class LocalResponseNorm : Module
{
    private readonly int size;
    private readonly double alpha;
    private readonly double beta;
    private readonly double k;

    /// <summary>A layer.</summary>
    /// <param name="size">How many channels, the element's own among them; at least 1.</param>
    /// <param name="alpha">α.</param>
    /// <param name="beta">β.</param>
    /// <param name="k">k.</param>
    /// <exception cref="ArgumentOutOfRangeException">The size is below 1.</exception>
    public LocalResponseNorm(int size, double alpha = 1e-4, double beta = 0.75, double k = 1)
    {
        NormSettings.CheckSize("local_response_norm", nameof(size), size);
        (this.size, this.alpha, this.beta, this.k) = (size, alpha, beta, k);
    }

    /// <inheritdoc/>
    protected override string Settings => FormattableString.Invariant($"{size}, α {alpha}, β {beta}, k {k}");

    /// <inheritdoc cref="Tensor.LocalResponseNorm"/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return x.LocalResponseNorm(size, alpha, beta, k);
    }
}
