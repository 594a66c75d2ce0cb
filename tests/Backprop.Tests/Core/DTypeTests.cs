namespace Backprop.Tests.Core;

public class DTypeTests
{
    public static TheoryData<DType, DType> Pairs
    {
        get
        {
            var data = new TheoryData<DType, DType>();
            foreach (var a in Enum.GetValues<DType>())
            {
                foreach (var b in Enum.GetValues<DType>())
                {
                    data.Add(a, b);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void NothingIsPromotedSilently(DType a, DType b)
    {
        var (x, y) = (Tensor.Ones([2], a), Tensor.Ones([2], b));
        foreach (var operation in new Func<Tensor>[] { () => x + y, () => x * y, () => x > y, () => x.EqualTo(y), () => Tensor.Where(true, x, y), () => x.Maximum(y) })
        {
            if (a != b)
            {
                var message = Assert.Throws<DTypeException>(operation).Message;

                // Both ways are offered, but never the one in which numbers lose their fractions.
                Assert.Equal(a.IsFloating() || !b.IsFloating(), message.Contains($"To(DType.{a}) on the second", StringComparison.Ordinal));
                Assert.Equal(b.IsFloating() || !a.IsFloating(), message.Contains($"To(DType.{b}) on the first", StringComparison.Ordinal));
            }
            else if (a != DType.Bool)
            {
                Assert.Contains(operation().DType, new[] { a, DType.Bool });
            }
        }
    }

    [Theory]
    [InlineData(DType.Float32)]
    [InlineData(DType.Float64)]
    [InlineData(DType.Int32)]
    [InlineData(DType.Int64)]
    public void LiteralsTakeTheDTypeOfTheTensor(DType dtype)
    {
        var x = Tensor.Full([2], 6, dtype);
        Assert.Equal((dtype, 8.0), (((2 + x) * 1)[0].DType, (2 + x)[0].Item()));
        Assert.Equal((dtype, -4.0), ((2 - x).DType, (2 - x)[0].Item()));
        Assert.Equal((dtype, 4.0), ((x - 2).DType, (x - 2)[0].Item()));
        Assert.Equal((dtype, 18.0), ((x * 3).DType, (x * 3)[0].Item()));
        Assert.True((x > 5)[0].Item<bool>());
        Assert.True((7 > x)[0].Item<bool>());
        Assert.Equal(dtype, Tensor.Where(x > 5, x, 0).DType);
        Tensor literal = 0.5;
        Assert.Equal(DType.Float32, literal.DType);
        if (dtype is DType.Int32 or DType.Int64)
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => x + 0.5);
            Assert.Throws<ArgumentOutOfRangeException>(() => x * literal);
            Assert.Throws<DTypeException>(() => x / 2);
            Assert.Throws<DTypeException>(() => x.Exp());
        }
        else
        {
            Assert.Equal(0.5 + 6, (literal + x)[0].Item());
        }
    }

    [Fact]
    public void LargeIntegersAreExactAsScalarsOfTheirType()
    {
        const long odd = 9007199254740993;
        Assert.Equal(odd + 2, (Tensor.From([2L]) + Tensor.Scalar(odd)).Item<long>());
        Assert.Equal(-odd, (Tensor.From([-1L]) * Tensor.Scalar(odd)).Item<long>());
        Assert.True((Tensor.From([odd]) > Tensor.Scalar(odd - 1)).Item<bool>());
        Assert.Equal([0.1, 0.2], Tensor.From([0.1, 0.2], 1, 2).ToArray<double>());
    }

    [Theory]
    [InlineData(DType.Int32)]
    [InlineData(DType.Int64)]
    public void IntegersAreClampedOnOneSide(DType dtype)
    {
        var limit = dtype == DType.Int32 ? int.MaxValue : long.MaxValue;
        var x = Tensor.From([-limit, -3, 5, limit]).To(dtype);
        Assert.Equal([-limit, -3, 2, 2], x.Clamp(high: 2).To(DType.Int64).ToArray<long>());
        Assert.Equal([0, 0, 5, limit], x.Clamp(low: 0).To(DType.Int64).ToArray<long>());
        Assert.Equal([-limit, -3, 5, limit], x.Clamp().To(DType.Int64).ToArray<long>());
    }

    [Fact]
    public void LiteralsKeepTheirFullPrecision()
    {
        var x = Tensor.Scalar(0.0);
        Assert.Equal(0.1, (x + 0.1).Item());
        Assert.Equal(0.1 - 0.3, ((x + 0.1) - 0.3).Item());
        Assert.Equal(16777217, (Tensor.Scalar(0L) + 16777217).Item());
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void ConversionsKeepWhatTheyCan(DType from, DType to)
    {
        var x = Tensor.From([0.0, 1, 3, -2]).To(from);
        var y = x.To(to);
        Assert.Equal(to, y.DType);
        double[] expected = from == DType.Bool || to == DType.Bool ? [0, 1, 1, 1] : [0, 1, 3, -2];
        Assert.Equal(expected, y.To(DType.Float64).ToArray<double>());
        Assert.Equal(from == to, ReferenceEquals(x, y));
    }

    [Fact]
    public void ConversionsToIntegersTruncateAndSaturate()
    {
        var x = Tensor.From([1.9, -1.9, 1e30, -1e30, double.NaN, double.PositiveInfinity]);
        Assert.Equal([1, -1, int.MaxValue, int.MinValue, 0, int.MaxValue], x.To(DType.Int32).ToArray<int>());
        Assert.Equal([1, -1, long.MaxValue, long.MinValue, 0, long.MaxValue], x.To(DType.Int64).ToArray<long>());
        Assert.Equal([true, false, true], Tensor.From([double.NaN, -0.0, 0.1]).To(DType.Bool).ToArray<bool>());
        Assert.Equal([int.MaxValue, int.MinValue], Tensor.From([1L << 40, -(1L << 40)]).To(DType.Int32).ToArray<int>());
        Assert.Throws<ArgumentOutOfRangeException>(() => x.To((DType)17));
    }

    [Fact]
    public void ConversionsPassGradientsBetweenFloatsAndStopThemAtIntegers()
    {
        var x = Tensor.From([1.5, -2.5]).RequireGradient();
        (x.To(DType.Float32) * 2).To(DType.Float64).Sum().Backward();
        Assert.Equal([2, 2], x.Gradient!.ToArray<double>());
        Assert.False(x.To(DType.Int32).RequiresGradient);
        Assert.False((x > 0).RequiresGradient);
        Assert.False(x.ArgMax().RequiresGradient);
        Assert.Throws<DTypeException>(() => Tensor.From([1]).RequireGradient());
        Assert.Throws<DTypeException>(() => Tensor.From([true]).RequireGradient());
    }

    [Fact]
    public void TruthValuesAreNotNumbers()
    {
        var x = Tensor.From([true, false]);
        Assert.Throws<DTypeException>(() => x + x);
        Assert.Throws<DTypeException>(() => -x);
        Assert.Throws<DTypeException>(() => x & Tensor.From([1, 0]));
        Assert.Equal([false, true], (!x).ToArray<bool>());
        Assert.Equal([true, true], (x | !x).ToArray<bool>());
        Assert.Equal([true, false], x.EqualTo(true).ToArray<bool>());
        Assert.Equal([false, true], Tensor.From([1.0, double.NaN]).IsNaN().ToArray<bool>());
    }
}
