using System.Globalization;
using Backprop.Layers;

namespace Backprop.Tests.Catalog;

/// <summary>Messages write numbers as code does, whatever the culture of the thread.</summary>
public sealed class CultureTests
{
    [Fact]
    public void MessagesAreTheSameInEveryCulture()
    {
        var expected = Messages();
        Assert.Contains("clamp: low is 2.5; it must be at most high, -1.5", expected[0]);
        var before = CultureInfo.CurrentCulture;
        try
        {
            var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            culture.NumberFormat.NumberDecimalSeparator = ",";
            culture.NumberFormat.NumberGroupSeparator = ".";
            culture.NumberFormat.NegativeSign = "~";
            CultureInfo.CurrentCulture = culture;
            Assert.Equal("~1,5", (-1.5).ToString(CultureInfo.CurrentCulture));
            Assert.Equal(expected, Messages());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static string[] Messages()
    {
        var x = Tensor.Ones([2, 3]);
        Action[] calls =
        [
            () => x.Clamp(2.5, -1.5),
            () => x.Hardtanh(1.5, -0.5),
            () => x.Sum(-3),
            () => x.Reshape(-1, -4),
            () => x.Select(0, -7),
            () => _ = x[-7],
            () => x.Narrow(0, -5, 1),
            () => x.Flatten(1, -2),
            () => x.IndexSelect(Tensor.From([-4L])),
            () => Tensor.Uniform([2], 1.5, -2.5),
            () => new Generator(1).FillUniform(new float[2], 1.5f, -2.5f),
            () => new Generator(1).FillNormal(new double[2], -0.5, -1.5),
            () => new Dropout(-0.25),
            () => _ = Tensor.From([1L]) * -0.5,
            () => Losses.Huber(x, x, -0.5),
            () => Losses.CrossEntropy(x, Tensor.From([-7L, 0])),
            () => Tensor.SoftmaxCrossEntropy(x, Tensor.From([-7L, 0])),
            () => Parallelism.Threads = -3,
            () => GradientCheck.Verify(v => v[0], [Tensor.Ones([1], DType.Float64)], step: -0.5),
            () => GradientCheck.Verify(v => v[0] / 0.0, [Tensor.From([-1.5])]),
        ];

        // The line on the actual value is the runtime's.
        return [.. calls.Select(call => Assert.ThrowsAny<Exception>(call).Message.Split('\n')[0])];
    }
}
