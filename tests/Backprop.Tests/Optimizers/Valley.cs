using Backprop.Optimizers;

namespace Backprop.Tests.Optimizers;

/// <summary>
/// A small problem in two parameters, a (4) and b (2): ½ Σ cᵢ (aᵢ − tᵢ)² + (1 − b₀)² + 10 (b₁ − b₀²)², with its gradient written out,
/// so that the optimizers' formulas can be followed step by step in plain numbers.
/// </summary>
internal sealed class Valley
{
    private static readonly double[] curvature = [1, 4, 0.5, 2];
    private static readonly double[] target = [0.5, -1, 2, 0];

    public static double[] Start => [1, -0.5, 0.3, 2, -1.2, 1];

    public Tensor A { get; } = Tensor.From(Start[..4]).RequireGradient();

    public Tensor B { get; } = Tensor.From(Start[4..]).RequireGradient();

    public double[] Point => [.. A.ToArray<double>(), .. B.ToArray<double>()];

    public static double[] Slope(double[] p)
    {
        var slope = new double[6];
        for (var i = 0; i < 4; i++)
        {
            slope[i] = curvature[i] * (p[i] - target[i]);
        }

        slope[4] = (-2 * (1 - p[4])) - (40 * p[4] * (p[5] - (p[4] * p[4])));
        slope[5] = 20 * (p[5] - (p[4] * p[4]));
        return slope;
    }

    public Tensor Height()
    {
        var bowl = 0.5 * (Tensor.From(curvature) * (A - Tensor.From(target)).Square()).Sum();
        return bowl + (1 - B[0]).Square() + (10 * (B[1] - B[0].Square()).Square());
    }

    public void Walk(Optimizer optimizer, int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            using var scope = TensorScope.Begin();
            var height = Height();
            optimizer.ZeroGradients();
            height.Backward();
            optimizer.Step();
        }
    }
}
