namespace Backprop.Tests.Golden;

internal static partial class GoldenOps
{
    private static void AddLinear(OpTable table)
    {
        table.One("matmul", c => c.Input.MatMul(c.Other));
        table.One("mm", c => c.Input.MatMul(c["mat2"]));
        table.One("mv", c => c.Input.MatMul(c["vec"]));
        table.One("bmm", c => c.Input.MatMul(c["mat2"]));
        table.One("outer", c => c.Input.Unsqueeze(1) * c["vec2"]);
        table.One("dot", c => c.Input.MatMul(c.Other));
        table.One("addmm", c => AddProduct(c, c["mat1"].MatMul(c["mat2"])));
        table.One("baddbmm", c => AddProduct(c, c["batch1"].MatMul(c["batch2"])));
        table.One("linear", c => Tensor.Linear(c.Input, c["weight"], c.Optional("bias")));
    }

    private static Tensor AddProduct(GoldenCall c, Tensor product) =>
        (c.Arguments.Number("beta", 1) * c.Input) + (c.Arguments.Number("alpha", 1) * product);
}
