using Backprop.Kernels;

namespace Backprop.Tests.Catalog;

/// <summary>The number of threads must not show either.</summary>
[Collection(nameof(Workers))]
public sealed class SampleThreadTests
{
    public static TheoryData<string> Names() => SampleCatalog.Names(sample => sample.Large is not null);

    [Theory]
    [MemberData(nameof(Names))]
    public void TheNumberOfThreadsDoesNotShow(string name)
    {
        var sample = SampleCatalog.Get(name);
        var before = Parallelism.Threads;
        Workers.SharesSmallWork = true;
        try
        {
            foreach (var (dtype, last) in new[] { (DType.Float32, false), (DType.Float64, false), (DType.Float32, true) })
            {
                Tensor[] inputs = [.. sample.Large!().Select(input => input.DType.IsFloating() ? input.To(dtype) : input)];
                if (last && !inputs.Any(input => input.Layout.ChannelsLast().IsChannelsLast))
                {
                    continue;
                }

                // Images with their channels last are another kernel's business.
                inputs = last ? [.. inputs.Select(input => input.ChannelsLast())] : inputs;
                Parallelism.Threads = 1;
                var alone = SampleRun.Of(sample, inputs).Bits;
                foreach (var threads in new[] { 2, 4 })
                {
                    Parallelism.Threads = threads;
                    var shared = SampleRun.Of(sample, inputs).Bits;
                    Assert.Equal(alone.Length, shared.Length);
                    Assert.All(alone.Zip(shared), pair =>
                        Assert.True(pair.First.AsSpan().SequenceEqual(pair.Second), $"{threads} threads give other bits in {dtype}"));
                }
            }
        }
        finally
        {
            Workers.SharesSmallWork = false;
            Parallelism.Threads = before;
        }
    }
}
