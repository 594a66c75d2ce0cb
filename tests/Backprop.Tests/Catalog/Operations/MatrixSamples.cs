namespace Backprop.Tests.Catalog.Operations;

/// <summary>Diagonals, triangles, and products of other kinds than the matrix product.</summary>
internal sealed class MatrixSamples : ICatalogEntry
{
    private static readonly Type shape = typeof(ShapeException);
    private static readonly Type type = typeof(DTypeException);
    private static readonly Type range = typeof(ArgumentOutOfRangeException);

    public IEnumerable<Sample> Samples() => [.. Parts(), .. Products(), .. Sums()];

    public IEnumerable<ErrorCase> Errors() =>
    [
        new("diagonal", "a vector", shape, [F(3)], t => t[0].Diagonal(), ["[3]", "two axes"]),
        new("diagonal", "an axis that isn't there", range, [F(2, 2)], t => t[0].Diagonal(0, 0, 2), ["axis 2"]),
        new("diagonal", "one axis twice", shape, [F(2, 2)], t => t[0].Diagonal(0, 0, -2), ["0", "-2", "[2, 2]"]),
        new("trace", "a vector", shape, [F(3)], t => t[0].Trace(), ["[3]", "two axes"]),
        new("diag", "a batch", shape, [F(2, 3, 3)], t => t[0].Diag(), ["[2, 3, 3]", "Diagonal"]),
        new("diag_embed", "a scalar", shape, [F()], t => t[0].DiagEmbed(), ["scalar"]),
        new("diag_embed", "an offset too large", range, [F(3)], t => t[0].DiagEmbed(int.MinValue), ["offset", "-2147483648"]),
        new("diag_embed", "too many elements", shape, [F(3)], t => t[0].DiagEmbed(100_000), ["[100003, 100003]", "too many"]),
        new("diag_embed", "one axis twice", shape, [F(3)], t => t[0].DiagEmbed(0, 1, -1), ["1", "-1", "[3]"]),
        new("lower_triangle", "a vector", shape, [F(3)], t => t[0].LowerTriangle(), ["[3]", "two axes"]),
        new("upper_triangle", "a scalar", shape, [F()], t => t[0].UpperTriangle(), ["[]"]),
        new("outer", "too large a result", shape, [Tensor.Zeros([1]).Expand(60000)], t => t[0].Outer(t[0]), ["[60000, 60000]", "too many"]),
        new("outer", "a matrix", shape, [F(3), F(2, 2)], t => t[0].Outer(t[1]), ["[3]", "[2, 2]"]),
        new("kronecker", "too many axes", shape, [F(1, 1, 1, 1, 1, 1, 1, 1, 1), F(2)], t => t[0].Kronecker(t[1]), ["8 axes"]),
        new("kronecker", "too many elements", shape, [F(1).Expand(70000), F(1).Expand(70000)], t => t[0].Kronecker(t[1]), ["70000"]),
        new("cross", "no axis of size 3", shape, [F(2), F(2)], t => t[0].Cross(t[1]), ["[2]", "3"]),
        new("cross", "an axis that isn't there", range, [F(3), F(3)], t => t[0].Cross(t[1], 1), ["axis 1"]),
        new("cross", "dtypes that differ", type, [F(3), I(3)], t => t[0].Cross(t[1]), ["float32", "int64"]),
        new("cross", "shapes that don't broadcast", shape, [F(2, 3), F(4, 3)], t => t[0].Cross(t[1]), ["[2, 3]", "[4, 3]"]),
        new("distance_matrix", "a vector", shape, [F(3), F(2, 3)], t => t[0].DistanceMatrix(t[1]), ["[3]", "two axes"]),
        new("distance_matrix", "rows of different lengths", shape, [F(2, 3), F(2, 4)], t => t[0].DistanceMatrix(t[1]), ["[2, 3]", "[2, 4]"]),
        new("distance_matrix", "a negative p", range, [F(2, 3), F(2, 3)], t => t[0].DistanceMatrix(t[1], -1), ["-1", "at least 0"]),
        new("distance_matrix", "integers", type, [I(2, 3), I(2, 3)], t => t[0].DistanceMatrix(t[1]), ["int64"]),
        new("distance_matrix", "dtypes that differ", type, [F(2, 3), F(2, 3).To(DType.Float64)], t => t[0].DistanceMatrix(t[1]), ["float32", "float64"]),
        new("distance_matrix", "batches that don't broadcast", shape, [F(2, 2, 3), F(3, 2, 3)], t => t[0].DistanceMatrix(t[1]), ["[2, 2, 3]", "[3, 2, 3]"]),
        .. SumErrors(),
    ];

    private static IEnumerable<ErrorCase> SumErrors() =>
    [
        new("einsum", "another number of operands", typeof(ArgumentException), [F(2, 2)], t => Tensor.Einsum("ij,jk->ik", t[0]), ["2 operands", "there are 1"]),
        new("einsum", "no operands", typeof(ArgumentException), [], t => Tensor.Einsum("->", t), ["1 operands", "there are 0"]),
        new("einsum", "what is no label", typeof(ArgumentException), [F(2, 2)], t => Tensor.Einsum("i1->i", t[0]), ["'1'", "letters"]),
        new("einsum", "a half arrow", typeof(ArgumentException), [F(2, 2)], t => Tensor.Einsum("ij-i", t[0]), ["'-'"]),
        new("einsum", "single dots", typeof(ArgumentException), [F(2, 2)], t => Tensor.Einsum("..i", t[0]), ["ellipsis"]),
        new("einsum", "two results", typeof(ArgumentException), [F(2, 2)], t => Tensor.Einsum("ij->i,j", t[0]), ["more than one result"]),
        new("einsum", "a label only in the result", typeof(ArgumentException), [F(2, 2)], t => Tensor.Einsum("ij->ik", t[0]), ["'k'"]),
        new("einsum", "a label twice in the result", typeof(ArgumentException), [F(2, 2)], t => Tensor.Einsum("ij->ii", t[0]), ["'i'", "twice"]),
        new("einsum", "another number of axes", shape, [F(2, 2)], t => Tensor.Einsum("ijk->i", t[0]), ["3 axes", "operand 0", "[2, 2]"]),
        new("einsum", "too few axes for an ellipsis", shape, [F(2)], t => Tensor.Einsum("i...j->i", t[0]), ["2 axes", "operand 0", "[2]"]),
        new("einsum", "sizes that differ", shape, [F(2, 3), F(4, 2)], t => Tensor.Einsum("ij,jk->ik", t[0], t[1]), ["'j'", "4", "3", "operand 1", "[4, 2]"]),
        new("einsum", "dtypes that differ", type, [F(2), I(2)], t => Tensor.Einsum("i,i", t[0], t[1]), ["float32", "int64"]),
        new("einsum", "truth values", type, [F(2).To(DType.Bool)], t => Tensor.Einsum("i", t[0]), ["bool"]),
        new("tensor_dot", "too many axes", range, [F(2), F(2, 2)], t => t[0].TensorDot(t[1], 2), ["2", "0 to 1"]),
        new("tensor_dot", "lists of different lengths", shape, [F(2, 2), F(2, 2)], t => t[0].TensorDot(t[1], [0, 1], [0]), ["[0, 1]", "[0]"]),
        new("tensor_dot", "an axis named twice", shape, [F(2, 2), F(2, 2)], t => t[0].TensorDot(t[1], [0, -2], [0, 1]), ["twice", "[0, -2]"]),
        new("tensor_dot", "the other's axis named twice", shape, [F(2, 2), F(2, 2)], t => t[0].TensorDot(t[1], [0, 1], [0, 0]), ["twice", "[0, 0]"]),
        new("tensor_dot", "sizes that differ", shape, [F(2, 3), F(4, 2)], t => t[0].TensorDot(t[1], 1), ["[2, 3]", "[4, 2]", "3", "4"]),
        new("tensor_dot", "dtypes that differ", type, [F(2), I(2)], t => t[0].TensorDot(t[1], 1), ["float32", "int64"]),
        new("tensor_dot", "an axis that isn't there", range, [F(2), F(2)], t => t[0].TensorDot(t[1], [1], [0]), ["axis 1"]),
    ];

    private static IEnumerable<Sample> Parts() =>
    [
        new("diagonal", "the main one of a batch", [Values.Reals(2, 3, 3)], t => t[0].Diagonal()),
        new("diagonal", "above, of other axes", [Values.Reals(3, 2, 4)], t => t[0].Diagonal(1, 0, 2)),
        new("diagonal", "below, the axes exchanged", [Values.Reals(3, 4)], t => t[0].Diagonal(-1, 1, 0)),
        new("trace", "a batch that is not square", [Values.Reals(2, 3, 4)], t => t[0].Trace()) { IsComposite = true },
        new("diag", "of a vector", [Values.Reals(3)], t => t[0].Diag(-1)) { IsComposite = true },
        new("diag", "of a matrix", [Values.Reals(3, 4)], t => t[0].Diag(1)) { IsComposite = true },
        new("diag_embed", "a batch", [Values.Reals(2, 3)], t => t[0].DiagEmbed()) { Large = () => [Values.Reals(300, 20)] },
        new("diag_embed", "below, axes in front", [Values.Reals(2, 3)], t => t[0].DiagEmbed(-1, 1, 0)),
        new("lower_triangle", "a batch", [Values.Reals(2, 3, 3)], t => t[0].LowerTriangle()) { Large = () => [Values.Reals(30, 40, 50)] },
        new("lower_triangle", "above the diagonal", [Values.Reals(3, 4)], t => t[0].LowerTriangle(1)),
        new("upper_triangle", "a batch", [Values.Reals(2, 3, 3)], t => t[0].UpperTriangle()) { Large = () => [Values.Reals(30, 40, 50)] },
        new("upper_triangle", "below the diagonal", [Values.Reals(4, 3)], t => t[0].UpperTriangle(-2)),
    ];

    private static IEnumerable<Sample> Products() =>
    [
        new("outer", "two vectors", [Values.Reals(3), Values.Others(4)], t => t[0].Outer(t[1])) { IsComposite = true },
        new("kronecker", "two matrices", [Values.Reals(2, 2), Values.Others(3, 2)], t => t[0].Kronecker(t[1])) { IsComposite = true },
        new("kronecker", "different ranks", [Values.Reals(2), Values.Others(2, 1, 3)], t => t[0].Kronecker(t[1])) { IsComposite = true },
        new("cross", "rows that broadcast", [Values.Reals(3), Values.Others(2, 2, 3)], t => t[0].Cross(t[1]))
        {
            Large = () => [Values.Reals(70, 1, 3), Values.Others(90, 3)],
        },
        new("cross", "along another axis", [Values.Reals(2, 3, 2), Values.Others(2, 3, 2)], t => t[0].Cross(t[1], 1)),
        new("distance_matrix", "Euclid's", [Values.Reals(3, 2), Values.Others(4, 2)], t => t[0].DistanceMatrix(t[1])) { Large = Rows },
        new("distance_matrix", "p of 1, batches that broadcast", [Values.Reals(2, 2, 3), Values.Others(3, 3)], t => t[0].DistanceMatrix(t[1], 1))
        {
            Large = Rows,
        },
        new("distance_matrix", "p of 3", [Values.Reals(3, 2), Values.Others(2, 2)], t => t[0].DistanceMatrix(t[1], 3)) { Large = Rows },
        new("distance_matrix", "p of 0.5", [Values.Positives(2, 2), Values.Others(2, 2) - 3], t => t[0].DistanceMatrix(t[1], 0.5)),
        new("distance_matrix", "the largest difference", [Values.Reals(3, 3), Values.Positives(2, 3)], t => t[0].DistanceMatrix(t[1], double.PositiveInfinity))
        {
            Large = Rows,
            SixteenTolerance = 4, // rounding decides which difference is the largest
        },
        new("distance_matrix", "how many differ", [Values.Reals(2, 3), Values.Others(2, 3)], t => t[0].DistanceMatrix(t[1], 0))
        {
            Order = 0,
            WhyOrder = "a number of elements is constant",
        },
    ];

    private static IEnumerable<Sample> Sums() =>
    [
        Sum("bij,bjk->bik", Values.Reals(2, 3, 2), Values.Others(2, 2, 3)),
        Sum("ijk,lkj->il", Values.Reals(2, 3, 2), Values.Others(3, 2, 3)),
        Sum("bhqd, bhkd -> bhqk", Values.Reals(1, 2, 3, 2), Values.Others(1, 2, 2, 2)),
        Sum("ij,jk,kl->il", Values.Reals(2, 3), Values.Others(3, 4), Values.Reals(4, 2)),
        Sum("ab,bc,cd,de", Values.Reals(2, 2), Values.Others(2, 3), Values.Reals(3, 2), Values.Others(2, 2)),
        Sum("i,i,i->i", Values.Reals(3), Values.Others(3), Values.Positives(3)),
        Sum("iij->ji", Values.Reals(3, 3, 2)),
        Sum("iii->", Values.Reals(3, 3, 3)),
        Sum("...ij,...jk->...ik", Values.Reals(2, 1, 2, 3), Values.Others(3, 3, 2)),
        Sum("i...->...", Values.Reals(2, 3, 2)),
        Sum("Ab,bA", Values.Reals(2, 3), Values.Others(3, 2)),
        Sum("ba", Values.Reals(2, 3)),
        Sum("ij,jk->ik", Values.Reals(2, 1), Values.Others(3, 2)),
        Sum(",ij->ij", Values.Reals(), Values.Others(2, 2)),
        Sum("ij,k->", Values.Reals(2, 3), Values.Others(4)),
        new("tensor_dot", "one axis", [Values.Reals(3, 4), Values.Others(4, 2)], t => t[0].TensorDot(t[1], 1)) { IsComposite = true },
        new("tensor_dot", "two axes", [Values.Reals(2, 3, 2), Values.Others(3, 2, 2)], t => t[0].TensorDot(t[1])) { IsComposite = true },
        new("tensor_dot", "no axes", [Values.Reals(2), Values.Others(3)], t => t[0].TensorDot(t[1], 0)) { IsComposite = true },
        new("tensor_dot", "pairs of axes", [Values.Reals(2, 3, 4), Values.Others(4, 2, 2)], t => t[0].TensorDot(t[1], [2, 0], [0, -1])) { IsComposite = true },
    ];

    private static Sample Sum(string equation, params Tensor[] operands) =>
        new("einsum", equation, operands, t => Tensor.Einsum(equation, t)) { IsComposite = true };

    private static Tensor[] Rows() => [Values.Reals(70, 5), Values.Others(90, 5)];

    private static Tensor F(params ReadOnlySpan<int> sizes) => Tensor.Ones(sizes);

    private static Tensor I(params ReadOnlySpan<int> sizes) => Tensor.Ones(sizes, DType.Int64);
}
