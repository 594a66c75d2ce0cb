using Backprop.Tests.Catalog;
using Backprop.Tests.Core;
using FsCheck.Fluent;

namespace Backprop.Tests.Properties;

/// <summary>A walk back is a linear map of its seed, whatever was recorded.</summary>
public sealed class GradientProperties
{
    /// <summary>J'(a·u + b·v) = a·J'u + b·J'v, for the calls of the catalog and random seeds.</summary>
    [Fact]
    public void GradientsAreLinearInTheSeed()
    {
        Sample[] samples = [.. SampleCatalog.All.Where(sample => sample.Order > 0)];
        var cases =
            from sample in Gen.Elements(samples)
            from a in Gen.Choose(-4, 4)
            from b in Gen.Choose(-4, 4)
            from seed in Gen.Choose(0, 1000)
            select (sample, a, b, seed);
        Properties.Hold(Arb.From(cases, next => Half(next.a).Select(a => next with { a = a }).Concat(Half(next.b).Select(b => next with { b = b }))), next =>
        {
            var leaves = SampleRun.Leaves(next.sample, next.sample.Inputs);
            var result = next.sample.Call(leaves).First(tensor => tensor.RequiresGradient);
            Tensor[] targets = [.. leaves.Where(leaf => leaf.RequiresGradient)];
            var random = new Random(next.seed);
            var (u, v) = (Naive.Random(random, result.Shape.ToArray()).ToTensor(), Naive.Random(random, result.Shape.ToArray()).ToTensor());
            var (ofU, ofV) = (Walk(u), Walk(v));
            var ofBoth = Walk((u * next.a) + (v * next.b));
            for (var i = 0; i < targets.Length; i++)
            {
                Assert.Equal(ofU[i] is null, ofBoth[i] is null);
                if (ofU[i] is { } gradient)
                {
                    var expected = (gradient * next.a) + (ofV[i]! * next.b);
                    var scale = 1 + gradient.Abs().Sum().Item() + ofV[i]!.Abs().Sum().Item();
                    Assert.All(
                        expected.ToArray<double>().Zip(ofBoth[i]!.ToArray<double>()), pair => Assert.Equal(pair.First, pair.Second, 1e-10 * scale));
                }
            }

            Tensor?[] Walk(Tensor seed)
            {
                foreach (var leaf in targets)
                {
                    leaf.ZeroGradient();
                }

                result.Backward(seed, keepTape: true);
                return [.. targets.Select(leaf => leaf.Gradient?.Clone())];
            }
        });
    }

    private static IEnumerable<int> Half(int number) => number == 0 ? [] : [number / 2];
}
