namespace Backprop.Tests.Catalog;

/// <summary>Bad input is refused with a message that names the operation, the values and what would be right, and before anything has changed.</summary>
public sealed class ErrorTests
{
    public static TheoryData<string> Names() => [.. ErrorCases.All().Select(c => c.ToString())];

    [Theory]
    [MemberData(nameof(Names))]
    public void IsRefusedAndChangesNothing(string name)
    {
        var wrong = ErrorCases.All().Single(c => c.ToString() == name);
        var before = wrong.Operands.Select(Elements).ToArray();
        var thrown = Record.Exception(() => wrong.Call(wrong.Operands));

        Assert.True(thrown is not null, "nothing was thrown");
        Assert.True(thrown.GetType() == wrong.Exception, $"{thrown.GetType().Name}, not {wrong.Exception.Name}: {thrown.Message}");
        Assert.StartsWith(wrong.Operation + ":", thrown.Message);
        Assert.All(wrong.Says, words => Assert.Contains(words, thrown.Message));
        Assert.Equal(before, wrong.Operands.Select(Elements));
        Assert.All(wrong.Operands, operand => Assert.Null(operand.Gradient));
    }

    /// <summary>Whatever was refused, the same operands still work: nothing half-recorded is left behind.</summary>
    [Fact]
    public void AfterAnErrorTheOperandsStillWork()
    {
        var x = Tensor.From([1.0, 2.0]).RequireGradient();
        Assert.Throws<ShapeException>(() => x + Tensor.From([1.0, 2.0, 3.0]));
        Assert.Throws<DTypeException>(() => x * Tensor.From([1f, 2f]));
        var y = (x * x).Sum();
        Assert.Throws<ShapeException>(() => y.Backward(Tensor.From([1.0, 1.0])));
        y.Backward();
        Assert.Equal([2, 4], x.Gradient!.ToArray<double>());
    }

    private static string Elements(Tensor x) => x.DType switch
    {
        DType.Float32 => string.Join(' ', x.ToArray<float>()),
        DType.Float64 => string.Join(' ', x.ToArray<double>()),
        DType.Int64 => string.Join(' ', x.ToArray<long>()),
        _ => string.Join(' ', x.ToArray<bool>()),
    };
}
