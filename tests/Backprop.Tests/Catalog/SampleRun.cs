namespace Backprop.Tests.Catalog;

/// <summary>What a sample's call gave: results, and the gradients of its float inputs for fixed weights of the results.</summary>
internal sealed class SampleRun
{
    private SampleRun(Tensor[] results, Tensor?[] gradients)
    {
        Results = results;
        Gradients = gradients;
    }

    /// <summary>The results.</summary>
    public Tensor[] Results { get; }

    /// <summary>One per input; null where it is none, or where the results don't depend on it.</summary>
    public Tensor?[] Gradients { get; }

    /// <summary>Every bit of it.</summary>
    public long[][] Bits => [.. Results.Select(BitsOf), .. Gradients.Select(gradient => gradient is null ? [] : BitsOf(gradient))];

    /// <summary>Calls the sample, on its own inputs or on others.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="inputs">The inputs instead of the sample's.</param>
    /// <param name="record">Whether gradients come from a walk that records.</param>
    /// <param name="times">How often to add the gradients up.</param>
    public static SampleRun Of(Sample sample, Tensor[]? inputs = null, bool record = false, int times = 1)
    {
        var leaves = Leaves(sample, inputs ?? sample.Inputs);
        var results = sample.Call(leaves);
        var gradients = new Tensor?[leaves.Length];
        if (sample.Order > 0)
        {
            var value = Weighted(results);
            if (record)
            {
                var targets = Enumerable.Range(0, leaves.Length).Where(i => leaves[i].RequiresGradient).ToArray();
                var found = Gradient.OrNull(value, [.. targets.Select(i => leaves[i])], Tensor.OnesLike(value), record: true);
                for (var i = 0; i < targets.Length; i++)
                {
                    gradients[targets[i]] = found[i]?.Detach();
                }
            }
            else
            {
                for (var i = 0; i < times; i++)
                {
                    value.Backward(keepTape: true);
                }

                gradients = [.. leaves.Select(leaf => leaf.RequiresGradient ? leaf.Gradient : null)];
            }
        }

        return new SampleRun([.. results.Select(result => result.Detach())], gradients);
    }

    /// <summary>The same with 16-bit numbers in place of float32: what is out of their range is infinite.</summary>
    public SampleRun RoundedTo(DType dtype) => new([.. Results.Select(x => Rounded(x, dtype))], [.. Gradients.Select(x => x is null ? null : Rounded(x, dtype))]);

    /// <summary>The sum of the results, each element with a weight of its own.</summary>
    public static Tensor Weighted(Tensor[] results)
    {
        Tensor? sum = null;
        foreach (var result in results.Where(result => result.DType.IsFloating() && result.RequiresGradient))
        {
            var part = (result * Values.Others(result.Shape).To(result.DType)).Sum();
            sum = sum is null ? part : sum + part;
        }

        return sum ?? throw new InvalidOperationException("no result depends on an input; if that is meant, Order is 0");
    }

    /// <summary>Aliases of the inputs, of which the float ones that are no constants ask for gradients.</summary>
    public static Tensor[] Leaves(Sample sample, Tensor[] inputs) =>
        [.. inputs.Select((input, i) => IsDifferentiated(sample, i) ? input.Detach().RequireGradient() : input.Detach())];

    public static bool IsDifferentiated(Sample sample, int input) =>
        sample.Order > 0 && sample.Inputs[input].DType.IsFloating() && !sample.Constants.Contains(input);

    /// <summary>The bits of a tensor of any dtype.</summary>
    public static long[] BitsOf(Tensor x) => x.DType switch
    {
        DType.Float64 => Array.ConvertAll(x.ToArray<double>(), BitConverter.DoubleToInt64Bits),
        DType.Float32 => Array.ConvertAll(x.ToArray<float>(), value => (long)BitConverter.SingleToInt32Bits(value)),
        DType.Bool => Array.ConvertAll(x.ToArray<bool>(), value => value ? 1L : 0L),
        _ => x.To(DType.Int64).ToArray<long>(),
    };

    /// <summary>Fails where results or gradients are further apart than the tolerance, relative to 1 + |value|.</summary>
    public void Near(SampleRun other, double tolerance, string what)
    {
        Assert.Equal(Results.Length, other.Results.Length);
        for (var i = 0; i < Results.Length; i++)
        {
            Near(Results[i], other.Results[i], tolerance, $"{what}: result {i}");
        }

        for (var i = 0; i < Gradients.Length; i++)
        {
            Assert.True(Gradients[i] is null == other.Gradients[i] is null, $"{what}: only one of the two has a gradient of input {i}");
            if (Gradients[i] is { } gradient)
            {
                Near(gradient, other.Gradients[i]!, tolerance, $"{what}: gradient of input {i}");
            }
        }
    }

    private static Tensor Rounded(Tensor x, DType dtype) => x.DType == DType.Float32 ? x.To(dtype) : x;

    private static void Near(Tensor expected, Tensor actual, double tolerance, string what)
    {
        Assert.True(expected.Shape.SequenceEqual(actual.Shape), $"{what} has the shape {actual.Layout}, not {expected.Layout}");
        var (xs, ys) = (expected.To(DType.Float64).ToArray<double>(), actual.To(DType.Float64).ToArray<double>());
        for (var i = 0; i < xs.Length; i++)
        {
            var same = xs[i].Equals(ys[i]) || Math.Abs(xs[i] - ys[i]) <= tolerance * (1 + Math.Abs(xs[i]));
            Assert.True(same, $"{what}[{i}] is {ys[i]:R}, not {xs[i]:R}");
        }
    }
}
