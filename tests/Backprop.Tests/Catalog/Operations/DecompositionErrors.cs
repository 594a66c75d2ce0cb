namespace Backprop.Tests.Catalog.Operations;

/// <summary>What decompositions and solvers refuse.</summary>
internal static class DecompositionErrors
{
    private static readonly Type shape = typeof(ShapeException);
    private static readonly Type type = typeof(DTypeException);
    private static readonly Type range = typeof(ArgumentOutOfRangeException);
    private static readonly Type state = typeof(InvalidOperationException);

    public static IEnumerable<ErrorCase> All() => [.. Inputs(), .. Values()];

    private static IEnumerable<ErrorCase> Inputs() =>
    [
        new("inverse", "a vector", shape, [F(3)], t => LinearAlgebra.Inverse(t[0]), ["[3]", "two axes"]),
        new("inverse", "not square", shape, [F(2, 3)], t => LinearAlgebra.Inverse(t[0]), ["[2, 3]", "square"]),
        new("inverse", "integers", type, [I(2, 2)], t => LinearAlgebra.Inverse(t[0]), ["int64", "To(DType.Float32)"]),
        new("determinant", "not square", shape, [F(4, 2, 3)], t => LinearAlgebra.Determinant(t[0]), ["[4, 2, 3]", "square"]),
        new("determinant", "integers", type, [I(2, 2)], t => LinearAlgebra.Determinant(t[0]), ["int64"]),
        new("cofactor_slopes", "another direction", shape, [F(2, 3, 3), F(3, 3)], t => Ops.CofactorSlopes.Instance.Apply(t[0], t[1]), ["[3, 3]", "[2, 3, 3]"]),
        new("sign_log_determinant", "a scalar", shape, [F()], t => LinearAlgebra.SignLogDeterminant(t[0]), ["[]"]),
        new("cholesky", "not square", shape, [F(2, 3)], t => LinearAlgebra.Cholesky(t[0]), ["[2, 3]"]),
        new("cholesky", "truth values", type, [F(2, 2).To(DType.Bool)], t => LinearAlgebra.Cholesky(t[0]), ["bool"]),
        new("qr", "a vector", shape, [F(3)], t => LinearAlgebra.Qr(t[0]), ["[3]"]),
        new("qr", "integers", type, [I(3, 3)], t => LinearAlgebra.Qr(t[0]), ["int64"]),
        new("svd", "a vector", shape, [F(3)], t => LinearAlgebra.Svd(t[0]), ["[3]"]),
        new("svd", "integers", type, [I(3, 3)], t => LinearAlgebra.SingularValues(t[0]), ["int64"]),
        new("symmetric_eigen", "not square", shape, [F(2, 3)], t => LinearAlgebra.SymmetricEigen(t[0]), ["[2, 3]"]),
        new("symmetric_eigen", "integers", type, [I(2, 2)], t => LinearAlgebra.SymmetricEigenvalues(t[0]), ["int64"]),
        new("pseudo_inverse", "a vector", shape, [F(3)], t => LinearAlgebra.PseudoInverse(t[0]), ["[3]"]),
        new("pseudo_inverse", "a negative tolerance", range, [F(3, 3)], t => LinearAlgebra.PseudoInverse(t[0], -1), ["tolerance", "-1", "at least 0"]),
        new("matrix_power", "not square", shape, [F(2, 3)], t => LinearAlgebra.MatrixPower(t[0], 2), ["[2, 3]"]),
        new("solve", "not square", shape, [F(2, 3), F(2, 1)], t => LinearAlgebra.Solve(t[0], t[1]), ["[2, 3]", "square"]),
        new("solve", "right sides of another size", shape, [F(3, 3), F(2, 1)], t => LinearAlgebra.Solve(t[0], t[1]), ["[3, 3]", "[2, 1]", "3 rows"]),
        new("solve", "a scalar", shape, [F(3, 3), F()], t => LinearAlgebra.Solve(t[0], t[1]), ["[]"]),
        new("solve", "batches that don't broadcast", shape, [F(2, 3, 3), F(4, 3, 1)], t => LinearAlgebra.Solve(t[0], t[1]), ["[2, 3, 3]", "[4, 3, 1]"]),
        new("solve", "dtypes that differ", type, [F(2, 2), D(2, 2)], t => LinearAlgebra.Solve(t[0], t[1]), ["float32", "float64"]),
        new("solve_triangular", "not square", shape, [F(2, 3), F(2, 1)], t => LinearAlgebra.SolveTriangular(t[0], t[1]), ["[2, 3]", "square"]),
        new("solve_triangular", "right sides of another width", shape, [F(3, 3), F(3, 2)],
            t => LinearAlgebra.SolveTriangular(t[0], t[1], left: false), ["[3, 3]", "[3, 2]", "3 columns"]),
        new("solve_triangular", "dtypes that differ", type, [D(2, 2), F(2, 2)], t => LinearAlgebra.SolveTriangular(t[0], t[1]), ["float32", "float64"]),
    ];

    private static IEnumerable<ErrorCase> Values() =>
    [
        new("inverse", "a singular matrix in a batch", state, [Batch()], t => LinearAlgebra.Inverse(t[0]), ["matrix 1", "[2, 2, 2]", "singular", "pivot 1"]),
        new("solve", "a singular matrix in a batch", state, [Batch(), D(2, 1)], t => LinearAlgebra.Solve(t[0], t[1]), ["matrix 1", "singular", "pivot 1"]),
        new("solve_triangular", "a zero on the diagonal", state, [Batch() * Tensor.From([1.0, 0]), D(2, 1)],
            t => LinearAlgebra.SolveTriangular(t[0], t[1]), ["matrix 0", "element 1", "is 0"]),
        new("inverse", "a singular matrix to a negative power", state, [Batch()], t => LinearAlgebra.MatrixPower(t[0], -1), ["matrix 1", "singular"]),
        new("cholesky", "NaN", state, [Batch() * double.NaN], t => LinearAlgebra.Cholesky(t[0]), ["matrix 0", "not finite"]),
        new("cholesky", "not positive definite", state, [Batch()], t => LinearAlgebra.Cholesky(t[0]), ["matrix 0", "not positive definite", "pivot 1"]),
        new("symmetric_eigen", "not a number", state, [Batch() * double.NaN], t => LinearAlgebra.SymmetricEigen(t[0]), ["matrix 0", "finite"]),
        new("svd", "infinity", state, [Batch() / 0.0], t => LinearAlgebra.Svd(t[0]), ["matrix 0", "finite"]),
        new("qr", "infinity", state, [Batch() / 0.0], t => LinearAlgebra.Qr(t[0]), ["matrix 0", "finite"]),
    ];

    /// <summary>A regular matrix that is not positive definite, and a singular one.</summary>
    private static Tensor Batch() => Tensor.From([1.0, 3, 3, 4, 1, 2, 2, 4], [2, 2, 2]);

    private static Tensor F(params ReadOnlySpan<int> sizes) => Tensor.Ones(sizes);

    private static Tensor D(params ReadOnlySpan<int> sizes) => Tensor.Ones(sizes, DType.Float64);

    private static Tensor I(params ReadOnlySpan<int> sizes) => Tensor.Ones(sizes, DType.Int64);
}
