using Backprop.Ops;

namespace Backprop.Tests.Catalog.Operations;

/// <summary>Decompositions of matrices, and what is solved with them.</summary>
internal sealed class DecompositionSamples : ICatalogEntry
{
    public IEnumerable<Sample> Samples() => [.. Solvers(), .. Determinants(), .. Decompositions()];

    public IEnumerable<ErrorCase> Errors() => DecompositionErrors.All();

    /// <summary>Square matrices far from singular ones.</summary>
    internal static Tensor Regular(params ReadOnlySpan<int> shape) => Values.Reals(shape) + (Tensor.Eye(shape[^1], dtype: DType.Float64) * 3);

    /// <summary>Square matrices whose symmetric parts have eigenvalues far apart, all positive.</summary>
    internal static Tensor Spread(params ReadOnlySpan<int> shape) =>
        (Values.Reals(shape) * 0.2) + Tensor.From([.. Enumerable.Range(1, shape[^1]).Select(i => i * 1.5)]).Diag();

    private static IEnumerable<Sample> Solvers() =>
    [
        new("inverse", "one matrix", [Regular(3, 3)], t => LinearAlgebra.Inverse(t[0]))
        {
            Large = () => [Regular(90, 90) + (Tensor.Eye(90, dtype: DType.Float64) * 90)],
        },
        new("inverse", "a batch", [Regular(2, 1, 2, 2)], t => LinearAlgebra.Inverse(t[0])) { Large = () => [Regular(500, 3, 3)] },
        new("inverse", "of size 1", [Values.Positives(1, 1)], t => LinearAlgebra.Inverse(t[0])),
        new("solve", "matrices on the right", [Regular(3, 3), Values.Others(3, 2)], t => LinearAlgebra.Solve(t[0], t[1]))
        {
            Large = () => [Regular(80, 80) + (Tensor.Eye(80, dtype: DType.Float64) * 80), Values.Others(80, 40)],
        },
        new("solve", "a vector on the right of a batch", [Regular(2, 3, 3), Values.Others(3)], t => LinearAlgebra.Solve(t[0], t[1])),
        new("solve", "batches that broadcast", [Regular(3, 1, 2, 2), Values.Others(2, 2, 1)], t => LinearAlgebra.Solve(t[0], t[1]))
        {
            Large = () => [Regular(40, 1, 3, 3), Values.Others(20, 3, 2)],
        },
        new("solve_triangular", "lower, left", [Regular(3, 3), Values.Others(3, 2)], t => LinearAlgebra.SolveTriangular(t[0], t[1]))
        {
            Large = () => [Regular(80, 80) + (Tensor.Eye(80, dtype: DType.Float64) * 80), Values.Others(80, 40)],
        },
        new("solve_triangular", "upper, left, a batch", [Regular(2, 3, 3), Values.Others(3, 1)], t => LinearAlgebra.SolveTriangular(t[0], t[1], upper: true))
        {
            Large = () => [Regular(700, 3, 3), Values.Others(3, 2)],
        },
        new("solve_triangular", "lower, right", [Regular(3, 3), Values.Others(2, 3)], t => LinearAlgebra.SolveTriangular(t[0], t[1], left: false)),
        new("solve_triangular", "upper, right, unit diagonal", [Values.Reals(3, 3), Values.Others(2, 2, 3)],
            t => LinearAlgebra.SolveTriangular(t[0], t[1], upper: true, left: false, unitDiagonal: true)),
        new("solve_triangular", "a vector", [Regular(3, 3), Values.Others(3)], t => LinearAlgebra.SolveTriangular(t[0], t[1], upper: true, unitDiagonal: true)),
        new("pseudo_inverse", "tall", [Values.Reals(4, 2)], t => LinearAlgebra.PseudoInverse(t[0]))
        {
            Large = () => [Values.Reals(60, 40)],
            SingleTolerance = 2e-4,
        },
        new("pseudo_inverse", "a wide batch", [Values.Reals(2, 2, 3)], t => LinearAlgebra.PseudoInverse(t[0]))
        {
            Large = () => [Values.Reals(100, 2, 3)],
            SingleTolerance = 2e-3,
        },
        new("pseudo_inverse", "of rank 1", [Values.Reals(3, 1), Values.Others(1, 3)], t => LinearAlgebra.PseudoInverse(t[0].MatMul(t[1]), 0.05))
        {
            RoundsBetween = true,
        },
        new("matrix_power", "the fifth", [Values.Reals(2, 3, 3) * 0.5], t => LinearAlgebra.MatrixPower(t[0], 5)) { IsComposite = true },
        new("matrix_power", "the inverse's second", [Regular(2, 2)], t => LinearAlgebra.MatrixPower(t[0], -2)) { IsComposite = true },
        new("matrix_power", "the first", [Values.Reals(2, 2)], t => LinearAlgebra.MatrixPower(t[0], 1)) { IsComposite = true },
        new("matrix_power", "none", [Values.Reals(2, 2)], t => LinearAlgebra.MatrixPower(t[0], 0)) { IsComposite = true },
    ];

    private static IEnumerable<Sample> Determinants() =>
    [
        new("determinant", "one matrix", [Regular(4, 4)], t => LinearAlgebra.Determinant(t[0])) { Large = () => [Values.Reals(300, 4, 4)] },
        new("determinant", "a batch", [Values.Reals(2, 1, 3, 3)], t => LinearAlgebra.Determinant(t[0])),
        new("determinant", "of size 1", [Values.Reals(1, 1)], t => LinearAlgebra.Determinant(t[0])),
        new("determinant", "a singular matrix", [Values.Reals(3, 2), Values.Others(2, 3)], t => LinearAlgebra.Determinant(t[0].MatMul(t[1])))
        {
            SixteenTolerance = 0.2,
            RoundsBetween = true,
        },
        new("determinant", "a matrix of rank 1", [RankOne()], t => LinearAlgebra.Determinant(t[0])),
        new("cofactors", "one matrix", [Values.Reals(3, 3)], t => Cofactors.Instance.Apply(t[0])) { Large = () => [Values.Reals(200, 3, 3)] },
        new("cofactor_slopes", "a batch", [Regular(2, 3, 3), Values.Others(2, 3, 3)], t => CofactorSlopes.Instance.Apply(t[0], t[1]))
        {
            Large = () => [Regular(200, 3, 3), Values.Others(200, 3, 3)],
            SingleTolerance = 2e-4,
        },
        new("sign_log_determinant", "a batch", [Regular(2, 3, 3)], t => Both(LinearAlgebra.SignLogDeterminant(t[0]))) { Large = () => [Regular(400, 3, 3)] },
        new("sign_log_determinant", "the logarithm of a negative one", [Regular(2, 2).Flip(0).Contiguous()], t => LinearAlgebra.SignLogDeterminant(t[0]).Log),
    ];

    private static IEnumerable<Sample> Decompositions() =>
    [
        new("cholesky", "lower", [Spread(3, 3)], t => LinearAlgebra.Cholesky(t[0]))
        {
            Large = () => [Spread(80, 80) + (Tensor.Eye(80, dtype: DType.Float64) * 80)],
        },
        new("cholesky", "upper, a batch", [Spread(2, 2, 2)], t => LinearAlgebra.Cholesky(t[0], upper: true)) { Large = () => [Spread(700, 3, 3)] },
        new("qr", "square", [Values.Reals(3, 3)], t => Both(LinearAlgebra.Qr(t[0]))) { Large = () => [Values.Reals(60, 60)], SingleTolerance = 2e-4 },
        new("qr", "a tall batch", [Values.Reals(2, 4, 2)], t => Both(LinearAlgebra.Qr(t[0])))
        {
            Large = () => [Values.Reals(400, 4, 2)],
            SingleTolerance = 2e-4,
        },
        new("qr", "wide", [Values.Reals(2, 4)], t => Both(LinearAlgebra.Qr(t[0]))) { SingleTolerance = 2e-4 },
        new("qr", "R alone", [Values.Reals(3, 2)], t => LinearAlgebra.Qr(t[0]).R) { SingleTolerance = 2e-4 },
        new("symmetric_eigen", "values and vectors", [Spread(3, 3)], t => Both(LinearAlgebra.SymmetricEigen(t[0]))) { Large = () => [Spread(50, 50)] },
        new("symmetric_eigen", "vectors of a batch", [Spread(2, 2, 2)], t => LinearAlgebra.SymmetricEigen(t[0]).Vectors) { Large = () => [Spread(300, 3, 3)] },
        new("symmetric_eigenvalues", "a batch", [Spread(2, 3, 3)], t => LinearAlgebra.SymmetricEigenvalues(t[0])) { IsComposite = true },
        new("svd", "square", [Spread(3, 3)], t => All(LinearAlgebra.Svd(t[0]))) { Large = () => [Spread(30, 30)] },
        new("svd", "a tall batch", [Spread(2, 2, 2).Reshape(1, 4, 2)], t => All(LinearAlgebra.Svd(t[0]))) { Large = () => [Values.Reals(100, 4, 3)] },
        new("svd", "wide", [Values.Reals(2, 3)], t => All(LinearAlgebra.Svd(t[0]))) { SingleTolerance = 2e-3 },
        new("singular_values", "a batch", [Spread(2, 3, 3)], t => LinearAlgebra.SingularValues(t[0])) { IsComposite = true },
    ];

    private static Tensor RankOne() => Tensor.From([1.0, -2, 0.5]).Outer(Tensor.From([0.7, 1.1, -1.3]));

    private static Tensor[] Both((Tensor First, Tensor Second) pair) => [pair.First, pair.Second];

    private static Tensor[] All((Tensor U, Tensor S, Tensor V) parts) => [parts.U, parts.S, parts.V];
}
