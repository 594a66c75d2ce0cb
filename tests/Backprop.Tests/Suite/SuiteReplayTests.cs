using Backprop.Benchmarks.Suite;
using Backprop.Kernels;

namespace Backprop.Tests.Suite;

/// <summary>Every workload of the suite can be captured, and its replays give the very bits of the steps as they are written.</summary>
[Collection(nameof(Workers))]
public sealed class SuiteReplayTests
{
    /// <summary>Every workload.</summary>
    public static TheoryData<string> Names() => [.. Workloads.All.Select(job => job.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void ReplaysGiveTheBitsOfTheSteps(string name)
    {
        var job = Workloads.All.Single(job => job.Name == name);
        var count = name is "gpt" or "resnet20" or "mlp_wide" ? 6 : Workload.CheckedSteps + 1;
        var eager = Workload.Losses(job.Build(DType.Float32), count);
        var before = Parallelism.Threads;
        try
        {
            foreach (var threads in new[] { 1, 3 })
            {
                Parallelism.Threads = threads;
                Assert.Equal(eager, Workload.Losses(Workload.Captured(job.Build(DType.Float32)), count));
            }
        }
        finally
        {
            Parallelism.Threads = before;
        }
    }

    [Fact]
    public void ASmallNetworkIsReplayedWithoutAllocating()
    {
        string[] names = ["linreg", "xor", "mlp_keras", "mlp_torch", "infer_mlp_1", "infer_mlp_256", "lenet", "lstm", "recsys", "gpt"];
        foreach (var name in names)
        {
            var step = CapturedStep.Capture(Workloads.All.Single(job => job.Name == name).Build(DType.Float32));

            // The least of several, for a thread's scratch memory grows as others take blocks of the work or leave them.
            var least = long.MaxValue;
            for (var i = 0; i < 8 && least > 0; i++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                step.Replay();
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            Assert.True(least == 0, $"{name} allocates {least} bytes");
        }
    }
}
