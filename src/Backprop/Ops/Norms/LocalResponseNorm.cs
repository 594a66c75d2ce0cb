using Backprop.Ops;

namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>
    /// x / (k + α · mean of x² over neighbouring channels)ᵝ for [N, C, …]; neighbours beyond the first and the last channel count as 0
    /// (Krizhevsky et al., 2012).
    /// </summary>
    /// <param name="size">How many channels, the element's own among them; at least 1.</param>
    /// <param name="alpha">α.</param>
    /// <param name="beta">β.</param>
    /// <param name="k">k.</param>
    /// <exception cref="ShapeException">There are fewer than three axes.</exception>
    /// <exception cref="DTypeException">The tensor is not floating point.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The size is below 1.</exception>
    public Tensor LocalResponseNorm(int size, double alpha = 1e-4, double beta = 0.75, double k = 1)
    {
        const string Name = "local_response_norm";
        NormChecks.Type(Name, this);
        NormChecks.Channels(Name, this, 3);
        if (size < 1)
        {
            throw Error.Range(Name, nameof(size), size, "at least 1");
        }

        if (Count == 0)
        {
            return Clone();
        }

        var x = Wide;
        var flat = x.Square().Reshape(Shape[0], Shape[1], -1);
        var means = new MeanPool(Windows.Neighbours(flat, size)).Run(new Operands(flat)).Reshape(Shape);
        return (x / ((alpha * means) + k).Pow(beta)).To(DType);
    }
}
