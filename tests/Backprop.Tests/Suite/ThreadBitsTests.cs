using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Backprop.Benchmarks.Suite;
using Backprop.Kernels;

namespace Backprop.Tests.Suite;

/// <summary>After twenty steps of training the parameters of every workload have the same bits, however many threads computed.</summary>
[Collection(nameof(Workers))]
public class ThreadBitsTests
{
    /// <summary>Where registers are narrow, products take so long that four steps must do; what differs in one bit once stays different.</summary>
    private static int Steps => Vector256.IsHardwareAccelerated ? 20 : 4;

    public static TheoryData<string> Names => [.. Workloads.All.Select(job => job.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void TheBitsDoNotDependOnTheNumberOfThreads(string name)
    {
        var before = Parallelism.Threads;
        try
        {
            var alone = Train(name, threads: 1, Steps);
            Assert.All(alone.Losses, loss => Assert.True(double.IsFinite(loss)));
            foreach (var threads in new[] { 2, 3, 4, 8 })
            {
                var shared = Train(name, threads, Steps);
                Assert.Equal(alone.Losses, shared.Losses);
                Assert.Equal(alone.Parameters, shared.Parameters);
            }
        }
        finally
        {
            Parallelism.Threads = before;
        }
    }

    [Fact]
    public void TheHashIsOneOfAllParametersAndSeesEveryStep()
    {
        var (start, next) = (Train("mlp_keras", threads: 1, steps: 1), Train("mlp_keras", threads: 1, steps: 2));
        Assert.Equal(4, start.Parameters.Length);
        Assert.All(start.Parameters.Zip(next.Parameters), pair => Assert.NotEqual(pair.First, pair.Second));

        // 19 convolutions, each with a norm of gain and bias, and a linear layer.
        Assert.Equal((19 * 3) + 2, Train("resnet20", threads: 1, steps: 1).Parameters.Length);
    }

    /// <summary>The loss of every step, and a hash of every parameter after the last.</summary>
    private static (double[] Losses, string[] Parameters) Train(string name, int threads, int steps)
    {
        Parallelism.Threads = threads;
        var step = Workloads.All.Single(job => job.Name == name).Build(DType.Float32);
        var losses = new double[steps];
        var leaves = new SortedDictionary<long, Tensor>();
        for (var i = 0; i < losses.Length; i++)
        {
            using var scope = TensorScope.Begin();
            var result = step();
            losses[i] = result.Detach().To(DType.Float64).Mean().Item();
            Collect(result.Node, [], leaves);
        }

        return (losses, [.. leaves.Values.Select(Hash)]);
    }

    private static string Hash(Tensor tensor) =>
        Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes<float>(tensor.Detach().ToArray<float>())));

    /// <summary>The leaves that a result was computed from, in the order in which they were made.</summary>
    private static void Collect(Node? node, HashSet<Node> seen, SortedDictionary<long, Tensor> leaves)
    {
        if (node is null || !seen.Add(node))
        {
            return;
        }

        if (node is Leaf leaf)
        {
            leaves[leaf.Position] = leaf.Tensor;
        }

        for (var i = 0; i < node.InputCount; i++)
        {
            Collect(node.Input(i), seen, leaves);
        }
    }
}
