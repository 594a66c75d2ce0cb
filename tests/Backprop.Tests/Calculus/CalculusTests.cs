using Backprop.Layers;

namespace Backprop.Tests.Derivatives;

public sealed class CalculusTests
{
    private static readonly Tensor point = Tensor.From([0.7, -1.3, 0.4]);

    /// <summary>f = x² y + y³ z, whose derivatives are in every textbook.</summary>
    private static Tensor Polynomial(Tensor v) => (v[0].Square() * v[1]) + (v[1].Pow(3) * v[2]);

    [Fact]
    public void GradientAndValue()
    {
        var (value, gradient) = Calculus.ValueAndGradient(Polynomial, point);
        var (x, y, z) = (0.7, -1.3, 0.4);
        Near([(x * x * y) + (y * y * y * z)], value);
        Near([2 * x * y, (x * x) + (3 * y * y * z), y * y * y], gradient);
        Assert.False(value.RequiresGradient || gradient.RequiresGradient);
        Assert.Null(point.Gradient);
    }

    [Fact]
    public void HessianAndItsProduct()
    {
        var (x, y, z) = (0.7, -1.3, 0.4);
        double[] hessian = [2 * y, 2 * x, 0, 2 * x, 6 * y * z, 3 * y * y, 0, 3 * y * y, 0];
        var found = Calculus.Hessian(Polynomial, point);
        Assert.Equal([3, 3], found.Shape.ToArray());
        Near(hessian, found);

        var direction = Tensor.From([0.5, 2, -1]);
        var (value, gradient, product) = Calculus.HessianVectorProduct(Polynomial, point, direction);
        Near(found.MatMul(direction).ToArray<double>(), product);
        Near(Calculus.Gradient(Polynomial, point).ToArray<double>(), gradient);
        Near(Polynomial(point).ToArray<double>(), value);
    }

    [Fact]
    public void JacobianByRowsAndByColumns()
    {
        var matrix = Tensor.Normal([5, 3], dtype: DType.Float64, generator: new Generator(3));

        // Five results of three arguments: columns. The other way round: rows.
        Near(matrix.ToArray<double>(), Calculus.Jacobian(v => matrix.MatMul(v), point));
        Near(matrix.T.Contiguous().ToArray<double>(), Calculus.Jacobian(v => v.MatMul(matrix), Tensor.Ones([5], DType.Float64)));

        var x = Tensor.Normal([2, 2], dtype: DType.Float64, generator: new Generator(4));
        var jacobian = Calculus.Jacobian(v => v.Sin(), x);
        Assert.Equal([2, 2, 2, 2], jacobian.Shape.ToArray());
        for (var i = 0; i < 4; i++)
        {
            for (var j = 0; j < 4; j++)
            {
                Assert.Equal(i == j ? x.Cos()[i / 2, i % 2].Item() : 0, jacobian[i / 2, i % 2, j / 2, j % 2].Item(), 1e-12);
            }
        }
    }

    [Fact]
    public void ProductsFromBothSidesAgreeWithTheJacobian()
    {
        Tensor Function(Tensor v) => Tensor.Stack([v.Exp().Sum(), (v * v.Flip(0)).Sum(), v[0].Sin() * v[2], v[1].Tanh()]);
        var jacobian = Calculus.Jacobian(Function, point);
        var tangent = Tensor.From([1.0, -2, 0.5]);
        var cotangent = Tensor.From([0.3, 1, -1, 2]);
        var (value, forward) = Calculus.Jvp(Function, point, tangent);
        Near(jacobian.MatMul(tangent).ToArray<double>(), forward);
        Near(Function(point).ToArray<double>(), value);
        Near(cotangent.MatMul(jacobian).ToArray<double>(), Calculus.Vjp(Function, point, cotangent).Product);
    }

    [Fact]
    public void SeveralArguments()
    {
        Tensor[] at = [point, Tensor.Scalar(2.0)];
        var gradients = Calculus.Gradient(v => (v[0] * v[1]).Sin().Sum(), at);
        Near((2 * (2 * point).Cos()).ToArray<double>(), gradients[0]);
        Near([(point * (2 * point).Cos()).Sum().Item()], gradients[1]);

        var (_, push) = Calculus.Jvp(v => v[0] * v[1], at, [Tensor.Ones([3], DType.Float64), Tensor.Scalar(5.0)]);
        Near((2 + (5 * point)).ToArray<double>(), push);
        var (_, pull) = Calculus.Vjp(v => v[0] * v[1], at, Tensor.Ones([3], DType.Float64));
        Near([2, 2, 2], pull[0]);
        Near([point.Sum().Item()], pull[1]);
    }

    [Fact]
    public void NestingToAnyDepth()
    {
        // d⁴/dx⁴ sin(2x) = 16 sin(2x), as derivative of derivative of …
        Func<Tensor, Tensor> function = x => (2 * x).Sin();
        for (var order = 0; order < 4; order++)
        {
            var inner = function;
            function = x => Calculus.Gradient(y => inner(y).Sum(), x);
        }

        var at = Tensor.From([0.3, 1.1]);
        Near((16 * (2 * at).Sin()).ToArray<double>(), function(at));

        // Forward over reverse over forward: d/dx of d²/dx² of x⁵ is 60 x².
        var one = Tensor.Ones([2], DType.Float64);
        Tensor First(Tensor x) => Calculus.Jvp(y => y.Pow(5), x, one).Product;
        Tensor Second(Tensor x) => Calculus.Vjp(First, x, one).Product;
        Near((60 * at.Square()).ToArray<double>(), Calculus.Jvp(Second, at, one).Product);

        // The inner function uses the outer variable: d/dx [ d/dy (x y²) at y = x ] = d/dx 2x² = 4x.
        Near((4 * at).ToArray<double>(), Calculus.Gradient(x => Calculus.Gradient(y => (x * y * y).Sum(), x).Sum(), at));
    }

    [Fact]
    public void ParametersOfTheFunctionAreReachedThroughItsDerivative()
    {
        var weight = Tensor.Scalar(1.5).RequireGradient();
        var slope = Calculus.Gradient(x => (weight * x).Sin().Sum(), point);
        slope.Sum().Backward();
        var expected = ((weight * point).Cos() - (weight * point * (weight * point).Sin())).Sum().Item();
        Assert.Equal(expected, weight.Gradient!.Item(), 1e-12);

        using (Recording.Pause())
        {
            Assert.False(Calculus.Gradient(x => (weight * x).Sin().Sum(), point).RequiresGradient);
        }
    }

    [Fact]
    public void APhysicsInformedNetworkLearns()
    {
        var generator = new Generator(5);
        var network = new Sequential(new Linear(1, 16, generator: generator), new Tanh(), new Linear(16, 1, generator: generator));
        var times = Tensor.Linspace(0, 1, 16).Reshape(16, 1);
        double first = 0, last = 0;
        var optimizer = new Backprop.Optimizers.Adam(network.Parameters(), learningRate: 0.02);
        for (var step = 0; step < 150; step++)
        {
            var slope = Calculus.Gradient(t => network.Forward(t).Sum(), times);
            var loss = (slope + network.Forward(times)).Square().Mean() + (network.Forward(Tensor.Zeros([1, 1])) - 1).Square().Mean();
            optimizer.ZeroGradients();
            loss.Backward();
            optimizer.Step();
            last = loss.Item();
            first = step == 0 ? last : first;
        }

        Assert.True(last < first / 100, $"the loss went from {first} to {last}");
        Assert.Equal(Math.Exp(-1), network.Forward(Tensor.Ones([1, 1])).Item(), 0.05);
    }

    [Fact]
    public void WhatDoesNotDependHasZeroDerivatives()
    {
        Near([0, 0, 0], Calculus.Gradient(_ => Tensor.Scalar(1.0), point));
        Near([0, 0, 0], Calculus.Jvp(_ => Tensor.Ones([3], DType.Float64), point, point).Product);
        Near(new double[9], Calculus.Hessian(v => v.Sum(), point));
        Near(new double[6], Calculus.Jacobian(_ => Tensor.Ones([2], DType.Float64), point));
        Near([1, 1, 1], Calculus.Jvp(v => v, point, Tensor.Ones([3], DType.Float64)).Product);
    }

    [Fact]
    public void MistakesAreNamed()
    {
        Assert.Contains("must have one element", Assert.Throws<ShapeException>(() => Calculus.Gradient(v => v, point)).Message);
        Assert.StartsWith("gradient:", Assert.Throws<ShapeException>(() => Calculus.Gradient(v => v, point)).Message);
        Assert.StartsWith("hessian:", Assert.Throws<ShapeException>(() => Calculus.Hessian(v => v, point)).Message);
        Assert.StartsWith("hessian:", Assert.Throws<ArgumentException>(() => Calculus.Hessian(_ => null!, point)).Message);
        Assert.StartsWith("hessian:", Assert.Throws<DTypeException>(() => Calculus.Hessian(v => v > 0, point)).Message);
        Assert.StartsWith(
            "hessian_vector_product:", Assert.Throws<ShapeException>(() => Calculus.HessianVectorProduct(v => v, point, point)).Message);
        Assert.Contains("int64", Assert.Throws<DTypeException>(() => Calculus.Gradient(v => v.Sum(), Tensor.From([1L]))).Message);
        Assert.Contains("tangent has shape [2]; [3]", Assert.Throws<ShapeException>(() => Calculus.Jvp(v => v, point, Tensor.Ones([2], DType.Float64))).Message);
        Assert.Contains("float32", Assert.Throws<DTypeException>(() => Calculus.Vjp(v => v, point, Tensor.Ones([3]))).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => Calculus.Jvp(v => v[0], new[] { point }, Array.Empty<Tensor>()));
        Assert.Throws<ArgumentException>(() => Calculus.Gradient(_ => null!, point));
    }

    [Fact]
    public void InAScopeNothingIsLeaked()
    {
        using var scope = TensorScope.Begin();
        var x = point * 1;
        var gradient = Calculus.Gradient(Polynomial, x);
        Assert.NotNull(gradient);
        scope.Dispose();
        Assert.Throws<ObjectDisposedException>(() => x.ToArray<double>());
        Assert.Throws<ObjectDisposedException>(() => gradient.ToArray<double>());
    }

    private static void Near(double[] expected, Tensor actual)
    {
        var found = actual.Detach().Contiguous().ToArray<double>();
        Assert.Equal(expected.Length, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-10));
    }
}
