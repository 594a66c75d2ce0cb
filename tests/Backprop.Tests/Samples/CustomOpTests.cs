using CustomOp;

namespace Backprop.Tests.Samples;

/// <summary>Operations written outside the library, with its public face alone.</summary>
public sealed class CustomOpTests
{
    [Fact]
    public void TheSampleChecksThemAndLearnsWithThem()
    {
        var run = SampleRun.Of("CustomOp");
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        foreach (var name in new[] { "swish", "cumulative_sum", "rms_norm" })
        {
            Assert.Contains($"{name}: first and second derivatives are right", run.Output, StringComparison.Ordinal);
        }

        Assert.Matches(@"^mean error of a height: 0\.0[01]", run.LastLine);
    }

    [Fact]
    public void ThirdDerivativesExist()
    {
        var x = Tensor.Normal([2, 3], dtype: DType.Float64, generator: new Generator(seed: 3));
        GradientCheck.Verify(v => RmsNorm.Of(CumulativeSum.Of(Elementwise.Apply<SwishRule>(v[0]))), [x], order: 3);
    }

    [Fact]
    public void CumulativeSumsStartAnewInEveryRow()
    {
        Tensor x = [[1, 2, 3], [4, 5, 6]];
        Assert.Equal([1f, 3, 6, 4, 9, 15], CumulativeSum.Of(x).ToArray<float>());
        Assert.Equal([1f, 5, 2, 7, 3, 9], CumulativeSum.Of(x.T).ToArray<float>());
        Assert.Equal([2, 0], CumulativeSum.Of(Tensor.Zeros([2, 0])).Shape.ToArray());
    }

    [Fact]
    public void RmsNormIsWhatItsDefinitionSays()
    {
        var x = Tensor.Normal([5, 7], generator: new Generator(seed: 4));
        var expected = (x / (x.Square().Mean(axis: -1, keepDimensions: true) + 1e-5).Sqrt()).ToArray<float>();
        var actual = RmsNorm.Of(x).ToArray<float>();
        foreach (var (e, a) in expected.Zip(actual))
        {
            Assert.Equal(e, a, 1e-6);
        }
    }

    [Fact]
    public void TheirErrorsSayWhatFits()
    {
        var scalar = Assert.Throws<ShapeException>(() => CumulativeSum.Of(Tensor.Scalar(1f)));
        Assert.Contains("must be [..., n]", scalar.Message, StringComparison.Ordinal);
        var integers = Assert.Throws<DTypeException>(() => RmsNorm.Of(Tensor.Zeros([2], DType.Int64)));
        Assert.Contains("Float32 or Float64", integers.Message, StringComparison.Ordinal);
    }
}
