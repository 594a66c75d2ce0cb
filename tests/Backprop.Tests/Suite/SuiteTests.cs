using System.Runtime.Intrinsics.X86;
using Backprop.Benchmarks.Suite;

namespace Backprop.Tests.Suite;

/// <summary>
/// The benchmark suite computes what its definition says: in float64 the losses of its reference table, in float32 within the agreement both
/// sides of a comparison must keep. A fast wrong answer does not count.
/// </summary>
public class SuiteTests
{
    /// <summary>Name, loss at the start, after one update, after 20 updates.</summary>
    public static TheoryData<string, double, double, double> References => new()
    {
        { "linreg", 2.3631879, 2.0983705, 0.22192497 },
        { "xor", 0.71375915, 0.711129, 0.6962997 },
        { "mlp_keras", 2.3049153, 2.1489642, 0.38698779 },
        { "mlp_torch", 2.313462, 2.3090117, 2.0153411 },
        { "mlp_wide", 2.3057571, 2.2985143, 0.71119913 },
        { "lenet", 2.3040389, 2.2824003, 1.7206681 },
        { "resnet20", 2.5384472, 1.9206915, 0.0015637967 },
        { "lstm", 4.1606932, 4.1569727, 4.0689379 },
        { "gpt", 5.7121653, 5.5702014, 3.8739031 },
        { "recsys", 0.69510262, 0.69379166, 0.63882473 },
        { "gradpen", 7.1911384, 7.0757635, 4.7660915 },
        { "infer_mlp_1", 0.024396159, 0.024396159, 0.024396159 },
        { "infer_mlp_256", 0.032922106, 0.032922106, 0.032922106 },
    };

    [Theory]
    [MemberData(nameof(References))]
    public void InDoublePrecisionTheLossesAreTheReference(string name, double loss0, double loss1, double loss20)
    {
        var losses = Losses(name, DType.Float64);
        AssertClose(loss0, losses[0], 1e-6);
        AssertClose(loss1, losses[1], 1e-6);
        AssertClose(loss20, losses[20], 1e-6);
    }

    [Theory]
    [MemberData(nameof(References))]
    public void InSinglePrecisionTheyAgree(string name, double loss0, double loss1, double loss20)
    {
        var losses = Losses(name, DType.Float32);
        var inference = name.StartsWith("infer", StringComparison.Ordinal);
        AssertClose(loss0, losses[0], inference ? 1e-4 : 1e-5);
        AssertClose(loss1, losses[1], 1e-4);
        if (name == "mlp_wide" && !Fma.IsSupported)
        {
            // At its fourth step one unit's sum is 2e-7 away from ReLU's kink, less than float32 resolves. Without fused multiply-add it falls on
            // the other side, and training goes another way from there; up to there the losses agree (float64: 2.2044441).
            AssertClose(2.2044441, losses[3], 1e-5);
            Assert.InRange(losses[20], 0.9 * loss20, 1.1 * loss20);
            return;
        }

        if (name == "resnet20")
        {
            // At this learning rate rounding noise grows tenfold per step; that it learns the batch is all that can be asked for.
            Assert.InRange(losses[20], 0, 0.01);
            return;
        }

        AssertClose(loss20, losses[20], name == "lenet" ? 1e-3 : 1e-4);
    }

    /// <summary>Name and mean of the result.</summary>
    public static TheoryData<string, double> Results => new()
    {
        { "matmul_64x64x64", 0.0029188165 },
        { "matmul_256x256x256", 0.0091302635 },
        { "matmul_1024x1024x1024", -0.0030649766 },
        { "matmul_32x784x128", -0.027504307 },
        { "matmul_64x784x200", 0.032875193 },
        { "add_1m", 0.00077321551 },
        { "mul_1m", 0.00047821383 },
        { "exp_1m", 1.1761322 },
        { "tanh_1m", 0.00068107755 },
        { "gelu_1m", 0.1214334 },
        { "gelu_tanh_1m", 0.12139431 },
        { "add_broadcast", 0.02318677 },
        { "softmax_rows", 0.00390625 },
        { "layernorm_rows", 0.012338823 },
        { "sum_all_1m", 824.44396 },
        { "sum_axis0", 0.80512106 },
        { "sum_axis1", 0.80512106 },
        { "transpose_copy", 0.00078625103 },
        { "conv2d_fwd", -0.054098738 },
        { "conv2d_fwd_bwd", 0.18300784 },
        { "maxpool2d", 0.60037631 },
        { "embedding_gather", 0.0009790847 },
        { "adam_1m", 0.00078656767 },
        { "op_overhead_fwd", 1.5872157 },
        { "op_overhead_fwd_bwd", 1 },
    };

    [Theory]
    [MemberData(nameof(Results))]
    public void KernelsGiveTheReference(string name, double result)
    {
        var kernel = Backprop.Benchmarks.Suite.Kernels.All.Single(job => job.Name == name);
        AssertClose(result, Workload.Losses(kernel.Build(DType.Float64), 1)[0], 1e-6);
        Assert.InRange(Workload.Losses(kernel.Build(DType.Float32), 1)[0] - result, -Math.Max(1e-5, 1e-4 * Math.Abs(result)), Math.Max(1e-5, 1e-4 * Math.Abs(result)));
    }

    [Fact]
    public void EveryWorkloadAndKernelHasItsReference()
    {
        Assert.Equal(Workloads.All.Select(job => job.Name).Order(), References.Select(row => (string)row[0]!).Order());
        Assert.Equal(Backprop.Benchmarks.Suite.Kernels.All.Select(job => job.Name), Results.Select(row => (string)row[0]!));
    }

    [Fact]
    public void TheDrawsAreTheSuites()
    {
        var draws = new Draws(1);
        Assert.Equal([9505325u, 12512141u, 16290722u], [draws.Bits(), draws.Bits(), draws.Bits()]);
        Assert.Equal([7L, 6, 8], new Draws(2).Integers(10, 3).ToArray<long>());
    }

    [Theory]
    [InlineData("--threads", "0")]
    [InlineData("--threads", "1025")]
    [InlineData("--threads", "99999999")]
    [InlineData("--seconds", "0")]
    [InlineData("--seconds", "NaN")]
    [InlineData("--seconds", "Infinity")]
    [InlineData("--seconds", "3601")]
    public void WhatNoRunCanBeMadeOfIsRefused(string option, string value)
        => Assert.Equal(2, SuiteCommand.Run(["--only", "xor", option, value]));

    private static double[] Losses(string name, DType dtype, int steps = Workload.CheckedSteps + 1) =>
        Workload.Losses(Workloads.All.Single(job => job.Name == name).Build(dtype), steps);

    private static void AssertClose(double expected, double actual, double relative) =>
        Assert.True(Math.Abs(actual - expected) <= relative * Math.Abs(expected), $"expected {expected} within {relative} relative, got {actual}");
}
