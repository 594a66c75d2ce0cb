namespace Backprop.Tests.Derivatives;

/// <summary>What results of calculus depend on, and what they don't share.</summary>
public sealed class CalculusDependenceTests
{
    private static readonly Tensor x = Tensor.From([0.3]);

    [Fact]
    public void ProductsDependOnWhatTheyAreMultipliedBy()
    {
        var cosine = Math.Cos(0.3);
        var two = Tensor.From([2.0]);
        Near(cosine, Calculus.Gradient(v => Calculus.Jvp(t => t.Sin(), x, v).Product.Sum(), two));
        Near(cosine, Calculus.Gradient(v => Calculus.Vjp(t => t.Sin(), x, v).Product.Sum(), two));
        Near(cosine, Calculus.Gradient(v => Calculus.Jvp(t => t[0].Sin(), [x], [v]).Product.Sum(), two));
        Near(cosine, Calculus.Gradient(v => Calculus.Vjp(t => t[0].Sin(), [x], v).Products[0].Sum(), two));
        Near(-Math.Sin(0.3), Calculus.Gradient(v => Calculus.HessianVectorProduct(t => t.Sin().Sum(), x, v).Product.Sum(), two));

        var leaf = Tensor.From([2.0]).RequireGradient();
        (Calculus.Jvp(t => t.Sin(), x, leaf).Product * leaf).Sum().Backward();
        Near(4 * cosine, leaf.Gradient!);
    }

    [Fact]
    public void AValueDependsOnParametersThatTheGradientDoesNot()
    {
        var b = Tensor.Scalar(3.0).RequireGradient();
        var (value, _, _) = Calculus.HessianVectorProduct(t => t.Sum() + (b * b), x, Tensor.Ones([1], DType.Float64));
        Assert.True(value.RequiresGradient);
        Assert.True(Calculus.ValueAndGradient(t => t.Sum() + (b * b), x).Value.RequiresGradient);
        value.Backward();
        Assert.Equal(6, b.Gradient!.Item<double>());
    }

    [Fact]
    public void ResultsAreNobodyElses()
    {
        var point = Tensor.From([1.0, 2.0]);
        var (value, _) = Calculus.Vjp(t => t, point, Tensor.Ones([2], DType.Float64));
        value.Fill(7);
        Assert.Equal([1, 2], point.ToArray<double>());
    }

    [Fact]
    public void SeveralArgumentsAsACollection()
    {
        var gradients = Calculus.Gradient(v => (v[0] * v[1]).Sum(), [Tensor.From([2.0]), Tensor.From([5.0])]);
        Near(5, gradients[0]);
        Near(2, gradients[1]);
        Near(7, Calculus.Jvp(v => v[0] * v[1], [Tensor.From([2.0]), Tensor.From([5.0])], [Tensor.From([1.0]), Tensor.From([1.0])]).Product);
    }

    [Fact]
    public void AJacobianHasTheArgumentsDType()
    {
        var few = Tensor.From([0.5f]);
        var many = Tensor.From([0.5f, 1f, 2f]);
        Assert.Equal(DType.Float32, Calculus.Jacobian(t => t.To(DType.Float64).Expand(4), few).DType);
        Assert.Equal(DType.Float32, Calculus.Jacobian(t => t.To(DType.Float64).Sum(), many).DType);
    }

    private static void Near(double expected, Tensor actual) => Assert.Equal(expected, actual.ToArray<double>().Single(), 1e-12);
}
