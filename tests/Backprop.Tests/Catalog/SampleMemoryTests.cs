using Backprop.Memory;
using Backprop.Tests.Memory;

namespace Backprop.Tests.Catalog;

/// <summary>In a scope, every buffer has been somebody else's before. That must not show.</summary>
[Collection(nameof(PoisonTests))]
public sealed class SampleMemoryTests
{
    public static TheoryData<string> Names() => SampleCatalog.Names(_ => true);

    [Theory]
    [MemberData(nameof(Names))]
    public void RecycledBuffersDoNotShow(string name)
    {
        var sample = SampleCatalog.Get(name);
        var plain = SampleRun.Of(sample).Bits;
        BufferPool.Poison = true;
        try
        {
            for (var i = 0; i < 2; i++)
            {
                using (TensorScope.Begin())
                {
                    Assert.Equal(plain, SampleRun.Of(sample).Bits);
                }
            }

            if (sample.Order == 2)
            {
                var recorded = SampleRun.Of(sample, record: true).Bits;
                using (TensorScope.Begin())
                {
                    Assert.Equal(recorded, SampleRun.Of(sample, record: true).Bits);
                }
            }
        }
        finally
        {
            BufferPool.Poison = false;
        }
    }
}
