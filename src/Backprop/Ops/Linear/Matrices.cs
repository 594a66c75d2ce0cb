namespace Backprop.Ops;

/// <summary>What decompositions share: checks of their inputs, and pieces of packed results.</summary>
internal static class Matrices
{
    /// <summary>The most elements of one matrix, so that what a decomposition works with fits an array.</summary>
    private const int MostElements = 1 << 27;

    /// <summary>Refuses what is not a matrix, or a batch of them, of floating point numbers, or too large to be decomposed.</summary>
    public static void Check(string operation, Tensor x)
    {
        CheckFloating(operation, x);
        if ((long)x.Shape[^1] * x.Shape[^2] > MostElements)
        {
            throw Error.Shape(operation, $"a matrix of shape {Error.Text(x.Shape)} has too many elements; the limit is {MostElements}.");
        }
    }

    /// <summary>Refuses what is not a matrix, or a batch of them, of floating point numbers.</summary>
    public static void CheckFloating(string operation, Tensor x)
    {
        if (x.Rank < 2)
        {
            throw Error.Shape(operation, $"a matrix is needed (at least two axes), not shape {Error.Text(x.Shape)}.");
        }

        if (!x.DType.IsFloating())
        {
            throw Error.DType(operation, x.DType, "convert with To(DType.Float32) first.");
        }
    }

    /// <summary>Refuses matrices that are not square, too.</summary>
    public static void CheckSquare(string operation, Tensor x)
    {
        Check(operation, x);
        if (x.Shape[^1] != x.Shape[^2])
        {
            throw Error.Shape(operation, $"the matrices must be square, but shape {Error.Text(x.Shape)} has {x.Shape[^2]} rows and {x.Shape[^1]} columns.");
        }
    }

    /// <summary>How many matrices there are.</summary>
    public static int Count(ReadOnlySpan<int> shape)
    {
        // Sizes of 0 among the others must not hide how many are in front; the product is bounded, since empty tensors' positive sizes are.
        var count = 1;
        foreach (var size in shape[..^2])
        {
            count *= size;
        }

        return count;
    }

    /// <summary>A part of the last axis as matrices; a view.</summary>
    public static Tensor Part(Tensor packed, int start, int rows, int columns) =>
        packed.Narrow(-1, start, rows * columns).Reshape([.. packed.Shape[..^1], rows, columns]);

    /// <summary>Matrices after one another in a new last axis.</summary>
    public static ResultSpec Packed(string operation, Tensor x, long size) => size <= Array.MaxLength
        ? new ResultSpec(Layout.Contiguous(operation, [.. x.Shape[..^2], (int)size]), x.DType)
        : throw Error.Shape(operation, $"the decomposition of shape {Error.Text(x.Shape)} has too many elements.");

    /// <summary>The matrices' transposes; a view.</summary>
    public static Tensor Adjoint(this Tensor x) => x.Transpose(-2, -1);

    /// <summary>The symmetric part, (X + Xᵀ) / 2.</summary>
    public static Tensor Symmetric(Tensor x) => (x + x.Adjoint()) * 0.5;

    /// <summary>X diag(v).</summary>
    public static Tensor ScaleColumns(Tensor x, Tensor v) => x * v.Unsqueeze(-2);

    public static InvalidOperationException Singular(string operation, int matrix, int pivot, ReadOnlySpan<int> shape) => new(
        FormattableString.Invariant($"{operation}: matrix {matrix} of shape {Error.Text(shape)} is singular: pivot {pivot - 1} is 0."));

    /// <summary>Throws what an iteration failed with.</summary>
    public static void CheckIteration(string operation, (int Index, int Status) failure, ReadOnlySpan<int> shape)
    {
        if (failure.Status != 0)
        {
            var problem = failure.Status == Kernels.Decompositions.TridiagonalEigen.NotFinite ? "has an element that is not finite" : "did not converge";
            throw new InvalidOperationException(FormattableString.Invariant($"{operation}: matrix {failure.Index} of shape {Error.Text(shape)} {problem}."));
        }
    }

    /// <summary>For each matrix of a broadcast batch, the number of the own matrix that stands there.</summary>
    public static int[] Broadcast(ReadOnlySpan<int> own, ReadOnlySpan<int> batch)
    {
        var layout = Layout.Contiguous("solve", own).TryExpand(batch)!;
        var result = new int[layout.Count];
        var counter = new int[batch.Length];
        for (var i = 0; i < result.Length; i++)
        {
            for (var axis = 0; axis < counter.Length; axis++)
            {
                result[i] += counter[axis] * layout.Strides[axis];
            }

            for (var axis = counter.Length - 1; axis >= 0 && ++counter[axis] == batch[axis]; axis--)
            {
                counter[axis] = 0;
            }
        }

        return result;
    }
}
