namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>A bilinear map of the last axes: y[…, o] = Σ x₁[…, i] weight[o, i, j] x₂[…, j] + bias[o].</summary>
    /// <param name="x1">[…, in1].</param>
    /// <param name="x2">[…, in2], with the same leading axes.</param>
    /// <param name="weight">[out, in1, in2].</param>
    /// <param name="bias">[out], or nothing.</param>
    /// <returns>[…, out].</returns>
    /// <exception cref="ShapeException">The sizes don't fit.</exception>
    /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
    public static Tensor Bilinear(Tensor x1, Tensor x2, Tensor weight, Tensor? bias = null)
    {
        const string Name = "bilinear";
        ArgumentNullException.ThrowIfNull(x1);
        ArgumentNullException.ThrowIfNull(x2);
        ArgumentNullException.ThrowIfNull(weight);
        Ops.NormChecks.Type(Name, x1);
        if (weight.Rank != 3 || x1.Rank == 0 || x2.Rank == 0 || !x1.Shape[..^1].SequenceEqual(x2.Shape[..^1])
            || x1.Shape[^1] != weight.Shape[1] || x2.Shape[^1] != weight.Shape[2])
        {
            throw Error.Shape(Name, $"x1 {Error.Text(x1.Shape)} and x2 {Error.Text(x2.Shape)} must be […, in1] and […, in2] with the same leading axes, and "
                + $"the weight {Error.Text(weight.Shape)} [out, in1, in2].");
        }

        foreach (var other in new[] { x2, weight })
        {
            if (other.DType != x1.DType)
            {
                throw Error.DTypesDiffer(Name, x1.DType, other.DType);
            }
        }

        var (outs, first, second) = (weight.Shape[0], weight.Shape[1], weight.Shape[2]);
        Ops.NormChecks.Companion(Name, "bias", x1, bias, [outs]);
        var rows = Layout.CheckedCount(Name, x1.Shape[..^1]);

        // W x₂ for every out and in1 is one matrix product; the other sum is a product of a matrix and a vector per row.
        var halves = Linear(x2.Wide.Reshape(rows, second), weight.Wide.Reshape(outs * first, second)).Reshape(rows, outs, first);
        var y = halves.MatMul(x1.Wide.Reshape(rows, first, 1)).Reshape([.. x1.Shape[..^1], outs]);
        return (bias is null ? y : y + bias.Wide).To(x1.DType);
    }
}
