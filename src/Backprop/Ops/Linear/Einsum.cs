using Backprop.Ops;

namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>
    /// A sum of products in Einstein's notation. Each operand's axes are named by letters; axes of one letter are one index; letters that the result
    /// lacks are summed over. "bij,bjk->bik" is a batch of matrix products, "ii->i" a diagonal, "ij->" the sum of all elements.
    /// </summary>
    /// <param name="equation">
    /// The operands' labels (a … z and A … Z, which differ), separated by commas, then "->" and the result's labels. Without "->" the result has the
    /// labels that occur exactly once, in alphabetical order (capitals first). "..." stands for any further axes, which broadcast from the right;
    /// without an arrow they come first in the result, and a result that doesn't name them is summed over them. Spaces don't matter.
    /// </param>
    /// <param name="operands">One per comma-separated term. Sizes of a label must be equal or 1.</param>
    /// <remarks>
    /// Two operands at a time are multiplied as batches of matrices; with more than two, the pair whose product is smallest comes first. Integers are
    /// multiplied and summed in int64.
    /// </remarks>
    /// <exception cref="ArgumentException">The equation is not one, or names another number of operands.</exception>
    /// <exception cref="ShapeException">A label has different sizes, or an operand another number of axes.</exception>
    /// <exception cref="DTypeException">The dtypes differ, or are bool.</exception>
    public static Tensor Einsum(string equation, params ReadOnlySpan<Tensor> operands)
    {
        const string Name = "einsum";
        ArgumentNullException.ThrowIfNull(equation);
        foreach (var operand in operands)
        {
            ArgumentNullException.ThrowIfNull(operand, nameof(operands));
            CheckProduct(Name, operands[0].DType, operand.DType);
        }

        var read = EinsumEquation.Read(equation, operands);
        var terms = new LabelledTensor[operands.Length];
        for (var i = 0; i < terms.Length; i++)
        {
            terms[i] = Distinct(operands[i].DType == DType.Int32 ? operands[i].To(DType.Int64) : operands[i].Wide, read.Terms[i], read.Sizes);
        }

        var result = Contraction.Run(Name, terms, read.Output, read.Sizes);
        result = operands[0].DType.IsSixteen() ? result.To(operands[0].DType) : result;
        return operands.Length == 1 ? result.Apart(operands[0]) : result;
    }

    /// <summary>The sum of products over the last <paramref name="axes"/> axes of this tensor and the first ones of another.</summary>
    /// <param name="other">The right factor.</param>
    /// <param name="axes">How many axes are summed over; 0 gives all products, 1 a matrix product.</param>
    /// <exception cref="ShapeException">Sizes differ along the axes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative number, or more axes than there are.</exception>
    /// <exception cref="DTypeException">The dtypes differ, or are bool.</exception>
    public Tensor TensorDot(Tensor other, int axes = 2)
    {
        ArgumentNullException.ThrowIfNull(other);
        var most = Math.Min(Rank, other.Rank);
        return axes >= 0 && axes <= most
            ? TensorDot(other, [.. Enumerable.Range(Rank - axes, axes)], [.. Enumerable.Range(0, axes)])
            : throw Error.Range("tensor_dot", nameof(axes), axes, FormattableString.Invariant($"from 0 to {most}"));
    }

    /// <summary>The sum of products over pairs of axes; the other axes follow, this tensor's first.</summary>
    /// <param name="other">The right factor.</param>
    /// <param name="axes">The axes of this tensor to sum over.</param>
    /// <param name="otherAxes">The axes of the other one that they are paired with.</param>
    /// <exception cref="ShapeException">The lists differ in length or name an axis twice, or sizes differ along a pair.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An axis that doesn't exist.</exception>
    /// <exception cref="DTypeException">The dtypes differ, or are bool.</exception>
    public Tensor TensorDot(Tensor other, ReadOnlySpan<int> axes, ReadOnlySpan<int> otherAxes)
    {
        const string Name = "tensor_dot";
        ArgumentNullException.ThrowIfNull(other);
        CheckProduct(Name, DType, other.DType);
        if (axes.Length != otherAxes.Length)
        {
            throw Error.Shape(Name, $"the axes {Error.Text(axes)} and {Error.Text(otherAxes)} don't pair up.");
        }

        int[] left = [.. Enumerable.Range(0, Rank)];
        int[] right = [.. Enumerable.Range(Rank, other.Rank)];
        for (var i = 0; i < axes.Length; i++)
        {
            var (a, b) = (Error.CheckAxis(Name, axes[i], Rank), Error.CheckAxis(Name, otherAxes[i], other.Rank));
            if (right[b] != Rank + b || right.Contains(left[a]))
            {
                throw Error.Shape(Name, $"an axis is named twice in {Error.Text(axes)} or {Error.Text(otherAxes)}.");
            }

            if (Shape[a] != other.Shape[b])
            {
                throw Error.Shape(
                    Name, $"axis {a} of {Error.Text(Shape)} has size {Shape[a]}, but axis {b} of {Error.Text(other.Shape)} has {other.Shape[b]}.");
            }

            right[b] = left[a];
        }

        int[] sizes = [.. Shape, .. other.Shape];
        int[] output = [.. left.Except(right), .. right.Except(left)];
        Layout.CheckRank(Name, output.Length);
        var (x, y) = DType == DType.Int32 ? (To(DType.Int64), other.To(DType.Int64)) : (Wide, other.Wide);
        var result = Contraction.Run(Name, [new LabelledTensor(x, left), new LabelledTensor(y, right)], output, sizes);
        return DType.IsSixteen() ? result.To(DType) : result;
    }

    /// <summary>Every label once, and no axis of size 1 that stands for a larger one.</summary>
    private static LabelledTensor Distinct(Tensor x, int[] term, int[] sizes)
    {
        var labels = term.ToList();
        for (var axis = labels.Count - 1; axis >= 0; axis--)
        {
            if (x.Shape[axis] == 1 && sizes[labels[axis]] != 1)
            {
                x = x.Squeeze(axis);
                labels.RemoveAt(axis);
            }
        }

        for (var first = 0; first < labels.Count; first++)
        {
            var second = labels.LastIndexOf(labels[first]);
            if (second > first)
            {
                var label = labels[first];
                x = x.Diagonal(0, first, second);
                labels.RemoveAt(second);
                labels.RemoveAt(first);
                labels.Add(label);
                first = -1;
            }
        }

        return new LabelledTensor(x, [.. labels]);
    }

    private static void CheckProduct(string operation, DType first, DType dtype)
    {
        if (dtype == DType.Bool)
        {
            throw Error.DType(operation, dtype, "convert with To(DType.Int64) first.");
        }

        if (dtype != first)
        {
            throw Error.DTypesDiffer(operation, first, dtype);
        }
    }
}
