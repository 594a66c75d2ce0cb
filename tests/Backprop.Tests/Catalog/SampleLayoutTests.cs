namespace Backprop.Tests.Catalog;

/// <summary>
/// Images and volumes may lie with their channels last: inputs, gradients of results, and gradients that are added to. Values and derivatives must not
/// show it.
/// </summary>
public sealed class SampleLayoutTests
{
    private static readonly Dictionary<string, Sample> images = ImageCalls.All.ToDictionary(sample => sample.ToString());

    public static TheoryData<string> Names() => [.. All.Where(sample => sample.Inputs.Any(CanLieOtherwise)).Select(sample => sample.ToString())];

    /// <summary>Results of rank 4 or 5 have gradients that can lie otherwise, even where no input can.</summary>
    public static TheoryData<string> Differentiable() => [.. All.Where(sample => sample.Order > 0).Select(sample => sample.ToString())];

    private static IEnumerable<Sample> All => SampleCatalog.All.Concat(images.Values);

    [Theory]
    [MemberData(nameof(Names))]
    public void ValuesDoNotShowTheOrderOfTheChannels(string name)
    {
        var sample = Get(name);
        foreach (var dtype in new[] { DType.Float64, DType.Float32, DType.BFloat16 })
        {
            var inputs = InDType(sample, dtype);
            var plain = SampleRun.Of(sample, inputs);
            var last = SampleRun.Of(sample, [.. inputs.Select(input => input.ChannelsLast())]);
            var tolerance = dtype == DType.Float64 ? 1e-11 : dtype == DType.Float32 ? sample.SingleTolerance : sample.SixteenTolerance;
            plain.Near(last, tolerance, $"channels last in {dtype}");
        }
    }

    [Theory]
    [MemberData(nameof(Differentiable))]
    public void GradientsDoNotShowTheOrderOfTheChannels(string name)
    {
        var sample = Get(name);
        var inputs = InDType(sample, DType.Float64);
        var plain = new[] { default, default(LayoutOrders) with { Prior = false } }.Select(orders => Derivatives(sample, inputs, orders)).ToArray();
        foreach (var orders in Orders)
        {
            var (first, second) = plain[orders.Prior is null ? 0 : 1];
            var (firstNow, secondNow) = Derivatives(sample, inputs, orders);
            AssertNear(first, firstNow, 1e-10, $"first derivative, {orders}");
            AssertNear(second, secondNow, 1e-8, $"second derivative, {orders}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ReplaysTakeEitherOrder(string name)
    {
        var sample = Get(name);
        if (sample.Order == 0)
        {
            return;
        }

        Tensor[] inputs = [.. InDType(sample, DType.Float32).Select(input => input.ChannelsLast())];
        var leaves = SampleRun.Leaves(sample, inputs);
        Tensor Step()
        {
            foreach (var leaf in leaves)
            {
                leaf.ZeroGradient();
            }

            // Gradients behind an operation lie as their rules like it.
            var value = SampleRun.Weighted(sample.Call([.. leaves.Select(leaf => leaf.RequiresGradient ? leaf * 1 : leaf)]));
            value.Backward();
            return value;
        }

        Step();
        var expected = leaves.Select(leaf => leaf.Gradient is { } gradient ? SampleRun.BitsOf(gradient) : []).ToArray();
        CapturedStep step;
        try
        {
            step = CapturedStep.Capture(Step);
        }
        catch (InvalidOperationException refused) when (refused.Message.StartsWith("captured_step:", StringComparison.Ordinal))
        {
            // Which ones may be refused is the business of SampleReplayTests.
            return;
        }

        if (SampleReplayTests.Draws(name))
        {
            return;
        }

        step.Replay();
        Assert.Equal(expected, leaves.Select(leaf => leaf.Gradient is { } gradient ? SampleRun.BitsOf(gradient) : []));
    }

    private static Sample Get(string name) => images.TryGetValue(name, out var sample) ? sample : SampleCatalog.Get(name);

    private static IEnumerable<LayoutOrders> Orders =>
        from inputs in new[] { false, true }
        from seeds in new[] { false, true }
        from prior in new bool?[] { null, false, true }
        where inputs || seeds || prior is not null
        select new LayoutOrders(inputs, seeds, prior);

    private static bool CanLieOtherwise(Tensor x) => x.DType.IsFloating() && x.Layout.ChannelsLast().IsChannelsLast;

    private static Tensor[] InDType(Sample sample, DType dtype) =>
        [.. sample.Inputs.Select(input => input.DType.IsFloating() ? input.To(dtype).Clone() : input)];

    /// <summary>Gradients of the first and second order, for weights that lie in the given order.</summary>
    private static (Tensor?[] First, Tensor?[] Second) Derivatives(Sample sample, Tensor[] inputs, LayoutOrders orders)
    {
        var leaves = SampleRun.Leaves(sample, [.. inputs.Select(input => orders.Inputs ? input.ChannelsLast() : input)]);
        var targets = leaves.Where(leaf => leaf.RequiresGradient).ToArray();
        var first = Gradient.OrNull(Value(sample, leaves, orders), targets);
        if (sample.Order < 2)
        {
            return (first, []);
        }

        var recorded = Gradient.OrNull(Value(sample, leaves, orders), targets, record: true).OfType<Tensor>().Where(g => g.RequiresGradient).ToArray();
        return (first, recorded.Length == 0 ? [] : Gradient.OrNull(Joined(recorded, orders), targets));
    }

    private static Tensor Value(Sample sample, Tensor[] leaves, LayoutOrders orders)
    {
        Tensor[] xs = [.. leaves.Select(leaf => leaf.RequiresGradient ? leaf * 1 : leaf)];
        Tensor[] results = [.. sample.Call(xs).Where(result => result.RequiresGradient)];

        // What is recorded last gives its gradient first.
        return Joined([.. results, .. xs.Where(x => orders.Prior is not null && x.RequiresGradient)], orders, results.Length);
    }

    private static Tensor Joined(Tensor[] tensors, LayoutOrders orders, int results = int.MaxValue) => new Join(
        [.. tensors.Select((x, i) => Laid(Values.Others(x.Shape), i < results ? orders.Seeds : orders.Prior == true))],
        results).Apply(tensors);

    private static Tensor Laid(Tensor x, bool last) => last ? x.ChannelsLast() : x;

    private static void AssertNear(Tensor?[] expected, Tensor?[] actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i] is null, actual[i] is null);
            var (xs, ys) = (expected[i]?.ToArray<double>() ?? [], actual[i]?.ToArray<double>() ?? []);
            for (var j = 0; j < xs.Length; j++)
            {
                var same = xs[j].Equals(ys[j]) || Math.Abs(xs[j] - ys[j]) <= tolerance * (1 + Math.Abs(xs[j]));
                Assert.True(same, $"{what}: that of input {i}, element {j}, is {ys[j]:R}, not {xs[j]:R}");
            }
        }
    }

    /// <summary>Whether inputs and the gradients of results lie channels last, and gradients that are there before others come; null for none of these.</summary>
    private readonly record struct LayoutOrders(bool Inputs, bool Seeds, bool? Prior);

    /// <summary>Σ weight · x over all inputs, whose gradients lie as the weights do. Those of the first inputs come last.</summary>
    private sealed class Join(Tensor[] weights, int results) : Op
    {
        public override string Name => "join";

        protected internal override ResultSpec Infer(in Operands inputs) => new([], DType.Float64);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var sum = 0.0;
            for (var i = 0; i < weights.Length; i++)
            {
                sum += (inputs[i].Detach() * weights[i]).Sum().Item();
            }

            output.AsWritableSpan<double>()[0] = sum;
        }

        protected internal override void Differentiate(Adjoint adjoint)
        {
            for (var i = 0; i < weights.Length; i++)
            {
                var gradient = adjoint.Gradient * weights[i];
                if (i < results || Recording.IsOn)
                {
                    adjoint.Add(i, gradient);
                }
                else
                {
                    // The walk's own: what comes later is added to it.
                    adjoint.Give(i, gradient);
                }
            }
        }
    }
}
