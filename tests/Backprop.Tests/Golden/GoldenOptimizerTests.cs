using Backprop.Optimizers;

namespace Backprop.Tests.Golden;

/// <summary>Twenty-five steps of each optimizer on ½ Σ cᵢ (pᵢ − tᵢ)² + (1 − p₄)² + 10 (p₅ − p₄²)².</summary>
public sealed class GoldenOptimizerTests
{
    private const double Tolerance = 1e-9;

    /// <summary>
    /// L-BFGS without a line search magnifies rounding: with 50 digits the path is 5·10⁻¹⁰ away from the file's after 21 steps, 10⁻⁸ after 23.
    /// </summary>
    private const double ToleranceWhereRoundingGrows = 1e-7;

    public static TheoryData<int, string, string> Cases()
    {
        var cases = new TheoryData<int, string, string>();
        foreach (var golden in GoldenCoverage.Mapped("optimizers"))
        {
            cases.Add(golden.Line, golden.Op, golden.Name);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void FollowsTheSamePath(int line, string op, string name)
    {
        var golden = GoldenData.Cases("optimizers")[line - 1];
        Assert.Equal((op, name), (golden.Op, golden.Name));
        var start = GoldenTensor.Numbers(golden.Json.GetProperty("start"));
        var a = Tensor.From(start[..4]).RequireGradient();
        var b = Tensor.From(start[4..]).RequireGradient();
        var optimizer = GoldenOptimizers.Create(golden, a, b);
        var losses = GoldenTensor.Numbers(golden.Json.GetProperty("losses"));
        var paths = golden.Json.GetProperty("params");
        for (var step = 0; step < losses.Length; step++)
        {
            var tolerance = step > 20 && optimizer is Lbfgs { Groups: [{ LineSearch: LineSearch.None }] } ? ToleranceWhereRoundingGrows : Tolerance;
            var loss = optimizer.Step(() => Objective(a, b));
            Agree($"loss before step {step}", losses[step], loss, tolerance);
            double[] point = [.. a.ToArray<double>(), .. b.ToArray<double>()];
            var expected = GoldenTensor.Numbers(paths[step]);
            for (var i = 0; i < point.Length; i++)
            {
                Agree($"parameter {i} after step {step}", expected[i], point[i], tolerance);
            }
        }
    }

    private static Tensor Objective(Tensor a, Tensor b)
    {
        var c = Tensor.From([1.0, 4, 0.5, 2]);
        var t = Tensor.From([0.5, -1.0, 2, 0]);
        return (0.5 * (c * (a - t).Square()).Sum()) + (1 - b[0]).Square() + (10 * (b[1] - b[0].Square()).Square());
    }

    private static void Agree(string what, double expected, double actual, double tolerance) =>
        Assert.True(Math.Abs(actual - expected) <= tolerance * (1 + Math.Abs(expected)), $"{what} is {actual:R}, not {expected:R}");
}
