namespace Backprop.Tests.Catalog;

/// <summary>Every sample can be captured and replayed with other numbers, forward and backward, and gives the bits that it gives by itself.</summary>
public sealed class SampleReplayTests
{
    /// <summary>Why a sample can't be replayed; each must be refused while it is captured.</summary>
    private static readonly Dictionary<string, string> Refused = new()
    {
        ["bin_count"] = "its shape depends on numbers",
        ["histogram"] = "it counts bins, as bin_count does",
        ["unique"] = "its shape depends on numbers",
        ["repeat_interleave"] = "its shape depends on numbers, where the counts are a tensor",
        ["multi_label_margin"] = "how many labels there are at most is read out of them",
        ["embedding_bag"] = "bags are put together from numbers",
    };

    /// <summary>Samples that draw random numbers: a replay draws others.</summary>
    private static readonly string[] Drawing = ["scaled_dot_product_attention: dropout", "scaled_dot_product_attention: a mask for each head, causal, dropout"];

    /// <summary>Whether a sample draws random numbers.</summary>
    internal static bool Draws(string name) => Drawing.Contains(name);

    [Fact]
    public void WhatIsSaidToBeRefusedIs()
    {
        foreach (var operation in Refused.Keys)
        {
            var samples = SampleCatalog.All.Where(sample => sample.Operation == operation).ToArray();
            Assert.NotEmpty(samples);
            Assert.Contains(samples, sample => Record.Exception(() => CapturedStep.Capture(() => sample.Call(sample.Inputs)[0])) is InvalidOperationException);
        }
    }

    public static TheoryData<string> Names() => SampleCatalog.Names(_ => true);

    [Theory]
    [MemberData(nameof(Names))]
    public void AReplayGivesTheSameBits(string name)
    {
        var sample = SampleCatalog.Get(name);
        foreach (var dtype in new[] { DType.Float64, DType.Float32 })
        {
            Tensor[] inputs = [.. sample.Inputs.Select(input => input.DType == DType.Float64 ? input.To(dtype) : input)];
            var alone = SampleRun.Of(sample, inputs);

            // Captured with other numbers, where there are any.
            var leaves = SampleRun.Leaves(sample, [.. inputs.Select(input => SampleRun.IsDifferentiated(sample, Array.IndexOf(inputs, input)) ? input * 0.99 : input.Clone())]);
            Tensor[] kept = [.. alone.Results.Select(Tensor.ZerosLike)];
            Tensor Step()
            {
                var results = sample.Call(leaves);
                for (var i = 0; i < results.Length; i++)
                {
                    kept[i].CopyFrom(results[i].Detach());
                }

                if (sample.Order == 0)
                {
                    return results[0];
                }

                foreach (var leaf in leaves)
                {
                    leaf.ZeroGradient();
                }

                var value = SampleRun.Weighted(results);
                value.Backward();
                return value;
            }

            CapturedStep step;
            try
            {
                step = CapturedStep.Capture(Step);
            }
            catch (InvalidOperationException refused) when (refused.Message.StartsWith("captured_step:", StringComparison.Ordinal))
            {
                Assert.True(Refused.ContainsKey(sample.Operation), $"{name} is refused: {refused.Message} {refused.StackTrace}");
                return;
            }

            using (Recording.Pause())
            {
                for (var i = 0; i < leaves.Length; i++)
                {
                    leaves[i].CopyFrom(inputs[i]);
                }
            }

            for (var times = 0; times < 2; times++)
            {
                step.Replay();
                Assert.Equal((1, null), (step.Captures, step.LastReason));
                if (Drawing.Contains(name))
                {
                    Assert.False(SampleRun.BitsOf(alone.Results[0]).AsSpan().SequenceEqual(SampleRun.BitsOf(kept[0])), "a replay draws the same numbers");
                    continue;
                }

                for (var i = 0; i < kept.Length; i++)
                {
                    Assert.True(SampleRun.BitsOf(alone.Results[i]).AsSpan().SequenceEqual(SampleRun.BitsOf(kept[i])), $"{dtype}: replay {times} gives another result {i}");
                }

                for (var i = 0; i < leaves.Length; i++)
                {
                    Assert.Equal(alone.Gradients[i] is null, leaves[i].Gradient is null);
                    Assert.True(
                        alone.Gradients[i] is not { } gradient || SampleRun.BitsOf(gradient).AsSpan().SequenceEqual(SampleRun.BitsOf(leaves[i].Gradient!)),
                        $"{dtype}: replay {times} gives another gradient of input {i}");
                }
            }
        }
    }
}
