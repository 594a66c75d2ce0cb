using Backprop.Devices;

namespace Backprop.Tests.Catalog;

/// <summary>What must hold for every call in the catalog.</summary>
public sealed class SampleTests
{
    private const double Exact = 1e-11;

    public static TheoryData<string> Names() => SampleCatalog.Names(_ => true);

    public static TheoryData<string> Differentiable() => SampleCatalog.Names(sample => sample.Order > 0);

    /// <summary>What has no elements has nothing to compare with differences.</summary>
    public static TheoryData<string> Comparable() => SampleCatalog.Names(sample =>
        sample.Order > 0 && sample.Inputs.Where((input, i) => SampleRun.IsDifferentiated(sample, i)).Any(input => input.Count > 0));

    public static TheoryData<string> NotTwice() => SampleCatalog.Names(sample => sample.Order < 2);

    public static TheoryData<string> LargeComposites() => SampleCatalog.Names(sample => sample.IsComposite && sample.Large is not null);

    [Theory]
    [MemberData(nameof(Names))]
    public void TheOperationRunsAndItsShapeRuleTellsTheResult(string name)
    {
        var sample = SampleCatalog.Get(name);
        using (Watch.Install(new ShapeWatch()))
        {
            SampleRun.Of(sample);
        }

        var ran = SampleCatalog.Runs(sample).Any(op => op.Name == sample.Operation);
        Assert.True(ran != sample.IsComposite, ran ? "is an operation, not a composite" : $"no operation named {sample.Operation} ran");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void SinglesAgreeWithDoubles(string name)
    {
        var sample = SampleCatalog.Get(name);
        Tensor[] singles = [.. sample.Inputs.Select(input => input.DType == DType.Float64 ? input.To(DType.Float32) : input)];
        Tensor[] doubles = [.. singles.Select(input => input.DType == DType.Float32 ? input.To(DType.Float64) : input)];
        var (single, wide) = (SampleRun.Of(sample, singles), SampleRun.Of(sample, doubles));
        for (var i = 0; i < wide.Results.Length; i++)
        {
            var expected = wide.Results[i].DType == DType.Float64 ? DType.Float32 : wide.Results[i].DType;
            Assert.True(single.Results[i].DType == expected, $"result {i} of float32 inputs is {single.Results[i].DType}, not {expected}");
        }

        wide.Near(single, sample.SingleTolerance, "in float32");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void SixteenBitsAgreeWithSingles(string name)
    {
        var sample = SampleCatalog.Get(name);
        foreach (var dtype in new[] { DType.BFloat16, DType.Float16 })
        {
            var (narrow, singles) = Rounded(sample.Inputs, dtype);
            var (sixteen, single) = (SampleRun.Of(sample, narrow), SampleRun.Of(sample, singles));
            CheckRounding(sample, dtype, single.Results, sixteen.Results);
            single.RoundedTo(dtype).Near(sixteen, sample.SixteenTolerance, $"in {dtype}");
        }
    }

    /// <summary>Many elements: sums in between may be out of the range of float16, or too fine for bfloat16.</summary>
    [Theory]
    [MemberData(nameof(LargeComposites))]
    public void ManySixteenBitsAreRoundedOnce(string name)
    {
        var sample = SampleCatalog.Get(name);
        foreach (var dtype in new[] { DType.BFloat16, DType.Float16 })
        {
            var (narrow, singles) = Rounded(sample.Large!(), dtype);
            CheckRounding(sample, dtype, sample.Call(singles), sample.Call(narrow));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void StridesDoNotMatter(string name)
    {
        var sample = SampleCatalog.Get(name);
        var dense = SampleRun.Of(sample);
        foreach (var kind in Layouts.Kinds)
        {
            dense.Near(SampleRun.Of(sample, [.. sample.Inputs.Select(input => Layouts.View(input, kind))]), Exact, kind);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ExpandedInputsAreLikeTheirCopies(string name)
    {
        var sample = SampleCatalog.Get(name);
        for (var i = 0; i < sample.Inputs.Length; i++)
        {
            for (var axis = 0; axis < sample.Inputs[i].Rank && sample.Inputs[i].Count > 0; axis++)
            {
                var expanded = sample.Inputs[i].Narrow(axis, 0, 1).Expand(sample.Inputs[i].Shape);
                var (copy, view) = (With(sample, i, expanded.Contiguous()), With(sample, i, expanded));
                var expected = Xunit.Record.Exception(() => SampleRun.Of(sample, copy));
                if (expected is not null)
                {
                    // Equal rows may be no legal input (a singular matrix): then both must say so.
                    Assert.IsType(expected.GetType(), Xunit.Record.Exception(() => SampleRun.Of(sample, view)));
                    continue;
                }

                SampleRun.Of(sample, copy).Near(SampleRun.Of(sample, view), 1e-9, $"input {i} expanded along axis {axis}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Comparable))]
    public void DifferencesAgree(string name)
    {
        var sample = SampleCatalog.Get(name);
        var indices = Enumerable.Range(0, sample.Inputs.Length).Where(i => SampleRun.IsDifferentiated(sample, i)).ToArray();
        var tolerance = sample.DifferenceTolerance ?? 1e-6;
        GradientCheck.Verify(
            values =>
            {
                var inputs = (Tensor[])sample.Inputs.Clone();
                for (var i = 0; i < indices.Length; i++)
                {
                    inputs[indices[i]] = values[i];
                }

                return SampleRun.Weighted(sample.Call(inputs));
            },
            [.. indices.Select(i => sample.Inputs[i])],
            sample.Order,
            relativeTolerance: tolerance,
            absoluteTolerance: Math.Max(1e-8, tolerance / 100));
    }

    /// <summary>Fused kernels against their definitions, in value and gradient; every other rule against itself in a walk that records.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void KernelsAgreeWithDefinitions(string name)
    {
        var sample = SampleCatalog.Get(name);
        using (Watch.Install(new DefinitionWatch()))
        {
            SampleRun.Of(sample);
        }

        if (sample.Order == 2)
        {
            SampleRun.Of(sample, record: true).Near(SampleRun.Of(sample), 1e-10, "gradients of the plain walk beside those of the recorded one");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void InputsAreLeftAlone(string name)
    {
        var sample = SampleCatalog.Get(name);
        var before = sample.Inputs.Select(SampleRun.BitsOf).ToArray();
        SampleRun.Of(sample);
        Assert.Equal(before, sample.Inputs.Select(SampleRun.BitsOf));
    }

    [Theory]
    [MemberData(nameof(Differentiable))]
    public void GradientsAddUp(string name)
    {
        var sample = SampleCatalog.Get(name);
        var (once, twice) = (SampleRun.Of(sample), SampleRun.Of(sample, times: 2));
        for (var i = 0; i < once.Gradients.Length; i++)
        {
            if (once.Gradients[i] is { } gradient)
            {
                var (expected, actual) = ((gradient * 2).ToArray<double>(), twice.Gradients[i]!.ToArray<double>());
                Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Exact * (1 + Math.Abs(pair.First))));
            }
        }
    }

    /// <summary>What has no derivative says so, rather than give zero.</summary>
    [Theory]
    [MemberData(nameof(NotTwice))]
    public void ADerivativeThatIsNotThereIsAnError(string name)
    {
        var sample = SampleCatalog.Get(name);
        Tensor[] leaves = [.. sample.Inputs.Select((x, i) => x.DType.IsFloating() && !sample.Constants.Contains(i) ? x.Detach().RequireGradient() : x)];
        var results = sample.Call(leaves);
        foreach (var result in results.Where(result => sample.Order == 0 && leaves.Any(leaf => leaf.RequiresGradient)))
        {
            var thrown = Xunit.Record.Exception(() => result.Backward(Tensor.OnesLike(result)));
            Assert.True(thrown is InvalidOperationException or DTypeException or NotSupportedException, $"backward gave {thrown?.ToString() ?? "no error"}");
        }

        if (sample.Order == 1)
        {
            var value = SampleRun.Weighted(results);
            var targets = leaves.Where(leaf => leaf.RequiresGradient).ToArray();
            var thrown = Xunit.Record.Exception(() =>
            {
                var first = Gradient.OrNull(value, targets, Tensor.OnesLike(value), record: true);
                SampleRun.Weighted([.. first.OfType<Tensor>()]).Backward();
            });
            Assert.True(thrown is InvalidOperationException or NotSupportedException, $"the second derivative gave {thrown?.ToString() ?? "no error"}");
            Assert.Contains(sample.Operation, thrown!.Message);
        }
    }

    private static (Tensor[] Narrow, Tensor[] Singles) Rounded(Tensor[] inputs, DType dtype)
    {
        Tensor[] narrow = [.. inputs.Select(input => input.DType.IsFloating() ? input.To(dtype) : input)];
        return (narrow, [.. narrow.Select(input => input.DType == dtype ? input.To(DType.Float32) : input)]);
    }

    /// <summary>Whatever is computed on the way in float32, the result is the float32 one, rounded: to the bit.</summary>
    private static void CheckRounding(Sample sample, DType dtype, Tensor[] singles, Tensor[] sixteen)
    {
        for (var i = 0; i < singles.Length; i++)
        {
            var expected = singles[i].DType == DType.Float32 ? dtype : singles[i].DType;
            Assert.True(sixteen[i].DType == expected, $"result {i} of {dtype} inputs is {sixteen[i].DType}, not {expected}");
            if (!sample.RoundsBetween)
            {
                var (once, bits) = (SampleRun.BitsOf(singles[i].To(expected).To(DType.Float32)), SampleRun.BitsOf(sixteen[i].To(DType.Float32)));
                for (var j = 0; j < bits.Length; j++)
                {
                    Assert.True(bits[j] == once[j], $"result {i} at {j} in {dtype} is {sixteen[i].Flatten()[j]}, not {singles[i].Flatten()[j]} rounded once");
                }
            }
        }
    }

    private static Tensor[] With(Sample sample, int index, Tensor input)
    {
        var inputs = (Tensor[])sample.Inputs.Clone();
        inputs[index] = input;
        return inputs;
    }

    private sealed class ShapeWatch : Watch
    {
        protected override void Computed(Op op, in Operands inputs, Tensor output) =>
            Assert.True(op.Infer(inputs) == new ResultSpec(output.Shape, output.DType), $"{op.Name} promised another result than {output.Layout}");
    }

    private sealed class DefinitionWatch : Watch
    {
        private bool isBusy;

        protected override void Computed(Op op, in Operands inputs, Tensor output)
        {
            if (isBusy || op is not FusedOp fused)
            {
                return;
            }

            isBusy = true;
            var expected = fused.Definition(inputs).To(DType.Float64).ToArray<double>();
            var actual = output.To(DType.Float64).ToArray<double>();
            isBusy = false;
            Assert.Equal(expected.Length, actual.Length);
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Exact * (1 + Math.Abs(pair.First))));
        }
    }
}
