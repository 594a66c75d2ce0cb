namespace Backprop.Tests.Catalog.Operations;

/// <summary>Products of matrices and vectors, and the fused linear layer.</summary>
internal sealed class ProductSamples : ICatalogEntry
{
    public IEnumerable<Sample> Samples() =>
    [
        new("matmul", "two matrices", [Values.Reals(3, 4), Values.Others(4, 5)], t => t[0].MatMul(t[1]))
        {
            Large = () => [Values.Reals(150, 170), Values.Others(170, 130)],
        },
        new("matmul", "batches that broadcast", [Values.Reals(2, 1, 3, 4), Values.Others(3, 4, 2)], t => t[0].MatMul(t[1]))
        {
            Large = () => [Values.Reals(5, 1, 40, 30), Values.Others(6, 30, 50)],
        },
        new("matmul", "a vector from the left", [Values.Reals(4), Values.Others(4, 3)], t => t[0].MatMul(t[1])),
        new("matmul", "a vector from the right", [Values.Reals(2, 3, 4), Values.Others(4)], t => t[0].MatMul(t[1])),
        new("matmul", "two vectors", [Values.Reals(5), Values.Others(5)], t => t[0].MatMul(t[1])),
        new("linear", "a batch, a weight and a bias", [Values.Reals(4, 3), Values.Others(5, 3), Values.Reals(5)], t => Tensor.Linear(t[0], t[1], t[2]))
        {
            Large = () => [Values.Reals(150, 120), Values.Others(90, 120), Values.Reals(90)],
        },
        new("linear", "without a bias, leading axes", [Values.Reals(2, 2, 3), Values.Others(4, 3)], t => Tensor.Linear(t[0], t[1])),
        new("linear", "one vector", [Values.Reals(3), Values.Others(4, 3), Values.Reals(4)], t => Tensor.Linear(t[0], t[1], t[2])),
    ];

    public IEnumerable<ErrorCase> Errors() => [];
}
