using Backprop.Kernels;

namespace Backprop.Tests.Optimizers;

[Collection(nameof(Workers))]
public class GradientClippingTests
{
    [Theory]
    [InlineData(DType.Float32, 1e-5)]
    [InlineData(DType.Float64, 1e-12)]
    public void ScalesAllGradientsTogether(DType dtype, double tolerance)
    {
        var parameters = Parameters(dtype, [3, 4], [1], [40_001], [5, 37]);
        var before = Elements(parameters);
        var expected = Math.Sqrt(before.Sum(value => value * value));

        var norm = GradientClipping.ByNorm(parameters, 2);

        Assert.Equal(expected, norm, tolerance * expected);
        var after = Elements(parameters);
        Assert.Equal(2, Math.Sqrt(after.Sum(value => value * value)), 1e-6);
        var scale = 2 / (expected + 1e-6);
        Assert.All(before.Zip(after), pair => Assert.Equal(pair.First * scale, pair.Second, tolerance));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(double.PositiveInfinity)]
    public void SmallGradientsStayAsTheyAre(double maxNorm)
    {
        var parameters = Parameters(DType.Float32, [3, 4]);
        var before = Elements(parameters);
        Assert.InRange(GradientClipping.ByNorm(parameters, maxNorm), 0.1, 10);
        Assert.Equal(before, Elements(parameters));
    }

    [Theory]
    [InlineData(DType.BFloat16)]
    [InlineData(DType.Float16)]
    public void SixteenBitGradientsAreClippedInSingles(DType dtype)
    {
        Tensor Leaf(params float[] gradient)
        {
            var leaf = Tensor.Zeros([gradient.Length], dtype).RequireGradient();
            leaf.Gradient = Tensor.From(gradient).To(dtype);
            return leaf;
        }

        var (x, y) = (Leaf(3, -4), Leaf(0, 12));
        Assert.Equal(13, GradientClipping.ByNorm([x, y], 6.5), 1e-9);
        Assert.Equal([1.5f, -2f, 0f, 6f], Tensor.Concatenate([x.Gradient!, y.Gradient!]).To(DType.Float32).ToArray<float>());
        GradientClipping.ByValue([x, y], 1.75);
        Assert.Equal((dtype, dtype), (x.Gradient!.DType, y.Gradient!.DType));
        Assert.Equal([1.5f, -1.75f, 0f, 1.75f], Tensor.Concatenate([x.Gradient!, y.Gradient!]).To(DType.Float32).ToArray<float>());
    }

    [Fact]
    public void ASharedGradientIsScaledOnce()
    {
        var (x, y) = (Tensor.Zeros([2]).RequireGradient(), Tensor.Zeros([2]).RequireGradient());
        x.Gradient = Tensor.From([3f, 4f]);
        y.Gradient = x.Gradient;
        Assert.Equal(Math.Sqrt(50), GradientClipping.ByNorm([x, y, x], Math.Sqrt(50) / 2), 1e-6);
        Assert.Equal(1.5, y.Gradient[0].Item(), 1e-5);
        Assert.Same(x.Gradient, y.Gradient);
        y.Gradient = x.Gradient.Detach();
        GradientClipping.ByNorm([x, y], Math.Sqrt(50) / 4);
        Assert.Equal(0.75, x.Gradient[0].Item(), 1e-5);
    }

    [Fact]
    public void NormDoesNotOverflowNorUnderflowInFloat32()
    {
        var parameters = Parameters(DType.Float32, [2]);
        parameters[0].Gradient = Tensor.From([3e30f, 4e30f]);
        Assert.Equal(5e30, GradientClipping.ByNorm(parameters, 1), 1e24);
        Assert.Equal([0.6f, 0.8f], parameters[0].Gradient!.ToArray<float>(), (x, y) => Math.Abs(x - y) < 1e-6);
        parameters[0].Gradient = Tensor.From([3e-30f, 4e-30f]);
        Assert.Equal(5e-30, GradientClipping.ByNorm(parameters, 1), 1e-36);
    }

    [Fact]
    public void SameBitsOnEveryNumberOfThreads()
    {
        var threadsBefore = Parallelism.Threads;
        try
        {
            var parameters = Parameters(DType.Float32, [1_000_003]);
            var norms = new[] { 1, 2, 3, 4 }.Select(threads =>
            {
                Parallelism.Threads = threads;
                return GradientClipping.ByNorm(parameters, double.PositiveInfinity);
            }).ToArray();
            Assert.All(norms, norm => Assert.Equal(norms[0], norm));
            Assert.InRange(norms[0], 990, 1010);
        }
        finally
        {
            Parallelism.Threads = threadsBefore;
        }
    }

    [Fact]
    public void ViewsAndMissingGradientsAreFine()
    {
        var parameter = Tensor.Zeros([3, 2], DType.Float64).RequireGradient();
        var whole = Tensor.From([3.0, 0, 0, 4, 0, 0], 2, 3);
        parameter.Gradient = whole.Transpose(0, 1);
        var without = Tensor.Zeros([3]).RequireGradient();
        Assert.Equal(5, GradientClipping.ByNorm([parameter, without, Tensor.Ones([2])], 1), 1e-12);
        Assert.Equal([0.6, 0, 0, 0.8, 0, 0], whole.ToArray<double>(), (x, y) => Math.Abs(x - y) < 1e-6);
        Assert.Null(without.Gradient);
        Assert.Equal(0, GradientClipping.ByNorm([without], 1));
    }

    [Fact]
    public void NonFiniteNormsAreAnErrorWhereAskedFor()
    {
        var parameters = Parameters(DType.Float32, [3], [2]);
        parameters[0].Gradient = Tensor.From([1f, float.NaN, 2f]);
        var before = Elements(parameters);
        var message = Assert.Throws<InvalidOperationException>(() => GradientClipping.ByNorm(parameters, 1, errorIfNonFinite: true)).Message;
        Assert.Contains("clip_by_norm: the norm of the gradients is NaN", message);
        Assert.Equal(before, Elements(parameters));

        Assert.Equal(double.NaN, GradientClipping.ByNorm(parameters, 1));
        Assert.All(Elements(parameters), value => Assert.Equal(double.NaN, value));

        parameters[0].Gradient = Tensor.From([1f, float.PositiveInfinity, 2f]);
        parameters[1].Gradient = Tensor.From([5f, 6f]);
        Assert.Equal(double.PositiveInfinity, GradientClipping.ByNorm(parameters, 1));
        Assert.Equal([0, double.NaN, 0, 0, 0], Elements(parameters));
    }

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    public void ByValueLimitsEveryElement(DType dtype)
    {
        var parameters = Parameters(dtype, [7], [123]);
        parameters[0].Gradient = Tensor.From([-3.0, -0.5, 0, 0.5, 3, double.NaN, double.NegativeInfinity]).To(dtype);
        var before = Elements(parameters);
        GradientClipping.ByValue(parameters, 0.5);
        Assert.Equal(before.Select(value => double.IsNaN(value) ? value : Math.Clamp(value, -0.5, 0.5)), Elements(parameters));
    }

    [Fact]
    public void BadLimitsAreRefused()
    {
        var parameters = Parameters(DType.Float32, [3]);
        foreach (var bad in new[] { -1, double.NaN })
        {
            Assert.Contains("0 or more", Assert.Throws<ArgumentOutOfRangeException>(() => GradientClipping.ByNorm(parameters, bad)).Message);
            Assert.Contains("0 or more", Assert.Throws<ArgumentOutOfRangeException>(() => GradientClipping.ByValue(parameters, bad)).Message);
        }

        Assert.Throws<ArgumentNullException>(() => GradientClipping.ByNorm(null!, 1));
        Assert.Throws<ArgumentException>(() => GradientClipping.ByValue([null!], 1));
    }

    private static Tensor[] Parameters(DType dtype, params int[][] shapes)
    {
        var generator = new Generator(8);
        return [.. shapes.Select(shape =>
        {
            var parameter = Tensor.Zeros(shape, dtype).RequireGradient();
            parameter.Gradient = Tensor.Normal(shape, dtype: dtype, generator: generator);
            return parameter;
        })];
    }

    private static double[] Elements(Tensor[] parameters) =>
        [.. parameters.SelectMany(parameter => parameter.Gradient!.To(DType.Float64).ToArray<double>())];
}
