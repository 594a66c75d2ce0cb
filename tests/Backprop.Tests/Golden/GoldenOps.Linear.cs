using System.Text.Json;

namespace Backprop.Tests.Golden;

internal static partial class GoldenOps
{
    private static void AddLinear(OpTable table)
    {
        table.One("matmul", c => c.Input.MatMul(c.Other));
        table.One("mm", c => c.Input.MatMul(c["mat2"]));
        table.One("mv", c => c.Input.MatMul(c["vec"]));
        table.One("bmm", c => c.Input.MatMul(c["mat2"]));
        table.One("outer", c => c.Input.Outer(c["vec2"]));
        table.One("dot", c => c.Input.MatMul(c.Other));
        table.One("addmm", c => AddProduct(c, c["mat1"].MatMul(c["mat2"])));
        table.One("baddbmm", c => AddProduct(c, c["batch1"].MatMul(c["batch2"])));
        table.One("kron", c => c.Input.Kronecker(c.Other));
        table.One("einsum", c => Tensor.Einsum(c.Arguments.Text("equation"), c.Numbered("operand")));
        table.One("tensordot", TensorDot);
        table.One("inverse", c => LinearAlgebra.Inverse(c.Input));
        table.One("det", c => LinearAlgebra.Determinant(c.Input));
        table.Several("slogdet", c =>
        {
            var (sign, log) = LinearAlgebra.SignLogDeterminant(c.Input);
            return [sign, log];
        });
        table.One("cholesky", c => LinearAlgebra.Cholesky(c.Input));
        table.One("eigvalsh", c => LinearAlgebra.SymmetricEigenvalues(c.Input));
        table.Several("qr", c =>
        {
            var (q, r) = LinearAlgebra.Qr(c.Input);
            return [q, r];
        });
        table.One("svdvals", c => LinearAlgebra.SingularValues(c.Input));
        table.One("pinv", c => LinearAlgebra.PseudoInverse(c.Input));
        table.One("solve", c => LinearAlgebra.Solve(c["A"], c["B"]));
        table.One("triangular_solve", c => LinearAlgebra.SolveTriangular(
            c["A"], c["B"], c.Arguments.Flag("upper"), c.Arguments.Flag("left", whenMissing: true), c.Arguments.Flag("unitriangular")));
        table.One("matrix_power", c => LinearAlgebra.MatrixPower(c.Input, c.Arguments.Integer("n")));
        table.One("trace", c => c.Input.Trace());
        table.One("diagonal", c => c.Input.Diagonal(c.Arguments.Integer("offset"), c.Arguments.Integer("dim1", 0), c.Arguments.Integer("dim2", 1)));
        table.One("diag", c => c.Input.Diag(c.Arguments.Integer("diagonal")));
        table.One("diag_embed", c => c.Input.DiagEmbed(
            c.Arguments.Integer("offset"), c.Arguments.Integer("dim1", -2), c.Arguments.Integer("dim2", -1)));
        table.One("tril", c => c.Input.LowerTriangle(c.Arguments.Integer("diagonal")));
        table.One("triu", c => c.Input.UpperTriangle(c.Arguments.Integer("diagonal")));
        table.One("cross", c => c.Input.Cross(c.Other, c.Arguments.Integer("dim", -1)));
        table.One("cdist", c => c["x1"].DistanceMatrix(c["x2"], c.Arguments.Number("p", 2)));
        table.One("linear", c => Tensor.Linear(c.Input, c["weight"], c.Optional("bias")));
    }

    private static Tensor TensorDot(GoldenCall c)
    {
        var axes = c.Arguments["dims"];
        return axes.ValueKind == JsonValueKind.Number
            ? c.Input.TensorDot(c.Other, axes.GetInt32())
            : c.Input.TensorDot(c.Other, Axes(0), Axes(1));

        int[] Axes(int list) => [.. axes[list].EnumerateArray().Select(axis => axis.GetInt32())];
    }

    private static Tensor AddProduct(GoldenCall c, Tensor product) =>
        (c.Arguments.Number("beta", 1) * c.Input) + (c.Arguments.Number("alpha", 1) * product);
}
