using Backprop.Kernels;

namespace Backprop.Tests.Kernels;

public unsafe class ElementwiseLoopTests
{
    [Fact]
    public void LoopsNearTheLimitOfIntReachEveryElement()
    {
        long seen = 0;
        var plan = new StridedPlan([int.MaxValue]);
        plan.Add((byte*)&seen, 1, [int.MaxValue], [1]);
        plan.Coalesce();
        ElementwiseLoop.Contiguous(new CountingRun(&seen), ref plan, int.MaxValue);
        Assert.Equal(int.MaxValue, seen);
        ElementwiseLoop.Strided(new CountingRun(&seen), ref plan);
        Assert.Equal(2L * int.MaxValue, seen);
    }

    /// <summary>Counts the elements it is asked for, and touches none.</summary>
    private readonly struct CountingRun(long* seen) : IRun
    {
        public bool ReadsOutput => false;

        public double NanosecondsPerElement => 1e-6;

        public void Run(byte** operands, int count) => Interlocked.Add(ref *seen, count);
    }
}
