namespace Backprop.Tests.Core;

/// <summary>Integers wrap, truth values are no numbers, and neither becomes floating point unasked.</summary>
public class IntegerTests
{
    public static TheoryData<DType> Integers => [DType.Int32, DType.Int64];

    [Fact]
    public void Int32WrapsAround()
    {
        var x = Tensor.From([int.MaxValue, int.MinValue, 3]);
        Assert.Equal([int.MinValue, int.MinValue + 1, 4], (x + 1).ToArray<int>());
        Assert.Equal([int.MaxValue - 1, int.MaxValue, 2], (x - 1).ToArray<int>());
        Assert.Equal([-2, 0, 6], (x * 2).ToArray<int>());
        Assert.Equal([1, 0, 9], x.Square().ToArray<int>());
        Assert.Equal([-int.MaxValue, int.MinValue, -3], (-x).ToArray<int>());
        Assert.Equal([int.MaxValue, int.MinValue, 3], x.Abs().ToArray<int>());
        Assert.Equal([-int.MaxValue, int.MinValue, -3], x.FloorDivide(-1).ToArray<int>());
        Assert.Equal([-int.MaxValue, int.MinValue, -3], x.TruncateDivide(-1).ToArray<int>());
        Assert.Equal([0, 0, 0], x.Remainder(-1).ToArray<int>());
        Assert.Equal([0, 0, 0], x.Fmod(-1).ToArray<int>());
        Assert.Equal([int.MinValue, int.MinValue + 1, 4], x.Clone().AddInPlace(1).ToArray<int>());
    }

    [Fact]
    public void Int64WrapsAround()
    {
        var x = Tensor.From([long.MaxValue, long.MinValue, 3]);
        Assert.Equal([long.MinValue, long.MinValue + 1, 4], (x + 1).ToArray<long>());
        Assert.Equal([-2, 0, 6], (x * 2).ToArray<long>());
        Assert.Equal([-long.MaxValue, long.MinValue, -3], (-x).ToArray<long>());
        Assert.Equal([long.MaxValue, long.MinValue, 3], x.Abs().ToArray<long>());
        Assert.Equal([-long.MaxValue, long.MinValue, -3], x.FloorDivide(-1).ToArray<long>());
        Assert.Equal(2, x.Sum().Item<long>());
        Assert.Equal([long.MaxValue, -1, 2], x.CumSum(0).ToArray<long>());
        Assert.Equal(unchecked(long.MaxValue * long.MinValue * 3), x.Product().Item<long>());
        Assert.Equal([long.MaxValue, long.MinValue, long.MinValue], x.CumProd(0).ToArray<long>());
    }

    [Fact]
    public void SumsAndProductsOfInt32AreInt64()
    {
        var x = Tensor.From([int.MaxValue, int.MaxValue, 4]);
        Assert.Equal((2L * int.MaxValue) + 4, x.Sum().Item<long>());
        Assert.Equal((long)int.MaxValue * int.MaxValue, x[..2].Product().Item<long>());
        Assert.Equal([int.MaxValue, 2L * int.MaxValue, (2L * int.MaxValue) + 4], x.CumSum(0).ToArray<long>());
        Assert.Equal((int.MaxValue, DType.Int32), (x.Max().Item<int>(), x.Max().DType));
    }

    [Theory]
    [MemberData(nameof(Integers))]
    public void NothingBecomesFloatingPointUnasked(DType dtype)
    {
        var x = Tensor.From([6L, -4, 1]).To(dtype);
        var functions = new (string Operation, Func<Tensor> Call)[]
        {
            ("divide", () => x / x), ("divide", () => x / 2), ("divide", () => 2 / x), ("divide", () => x.Clone().DivideInPlace(2)),
            ("mean", () => x.Mean()), ("mean", () => x.Mean(0)), ("variance", () => x.Variance()), ("standard_deviation", () => x.StandardDeviation(0)),
            ("pow", () => x.Pow(3)), ("pow", () => x.Pow(x)), ("pow", () => x.Pow(-1)), ("sqrt", () => x.Sqrt()), ("exp", () => x.Exp()),
            ("reciprocal", () => x.Reciprocal()), ("softmax", () => x.Softmax()), ("norm", () => x.Norm()), ("log_sum_exp", () => x.LogSumExp(0)),
            ("hypot", () => x.Hypot(x)), ("atan2", () => x.Atan2(x)), ("lerp", () => x.Lerp(x, 0.5)), ("log_cum_sum_exp", () => x.LogCumSumExp(0)),
        };
        foreach (var (operation, call) in functions)
        {
            var message = Assert.Throws<DTypeException>(call).Message;
            Assert.StartsWith(operation + ":", message);
            Assert.Contains(dtype == DType.Int32 ? "int32" : "int64", message);
            Assert.Contains("To(DType.Float32)", message);
        }

        Assert.Contains("FloorDivide or TruncateDivide", Assert.Throws<DTypeException>(() => x / 2).Message);
        foreach (var call in new Func<Tensor>[] { () => x + 0.5, () => x * 1e19, () => x.Maximum(double.NaN), () => 0.5 - x, () => Tensor.Where(x > 0, x, 0.5) })
        {
            var message = Assert.Throws<ArgumentOutOfRangeException>(call).Message;
            Assert.Contains("To(DType.Float32)", message);
        }
    }

    [Theory]
    [MemberData(nameof(Integers))]
    public void WhatStaysAmongIntegersKeepsTheType(DType dtype)
    {
        var x = Tensor.From([7L, -7, 4]).To(dtype);
        var expected = new (Tensor Actual, long[] Values)[]
        {
            (x + 2, [9, -5, 6]), (2 - x, [-5, 9, -2]), (x * x, [49, 49, 16]), (x.Pow(2), [49, 49, 16]), (x.Sign(), [1, -1, 1]), (x.Relu(), [7, 0, 4]),
            (x.Maximum(x * 0), [7, 0, 4]), (x.Clamp(-1, 5), [5, -1, 4]), (x.FloorDivide(2), [3, -4, 2]), (x.TruncateDivide(2), [3, -3, 2]),
            (x.Remainder(4), [3, 1, 0]), (x.Fmod(4), [3, -3, 0]), (x.Floor(), [7, -7, 4]), (x.Sort().Values, [-7, 4, 7]), (x.CumMax(0).Values, [7, 7, 7]),
            (Tensor.Where(x > 0, x, 0), [7, 0, 4]), (x.Median().Reshape(1), [4]), (x.Min().Reshape(1), [-7]),
        };
        foreach (var (actual, values) in expected)
        {
            Assert.Equal(dtype, actual.DType);
            Assert.Equal(values, actual.To(DType.Int64).ToArray<long>());
        }
    }

    [Theory]
    [MemberData(nameof(Integers))]
    public void DivisionByZeroIsRefusedAndNamed(DType dtype)
    {
        var x = Tensor.From([7L, -7, 4, 0]).Reshape(2, 2).To(dtype);
        var divisor = Tensor.From([1L, 2, 0, 3]).Reshape(2, 2).To(dtype);
        foreach (var (operation, call) in new (string, Func<Tensor, Tensor>)[]
        {
            ("floor_divide", d => x.FloorDivide(d)), ("truncate_divide", d => x.TruncateDivide(d)), ("remainder", d => x.Remainder(d)), ("fmod", d => x.Fmod(d)),
        })
        {
            Refused(operation, "element 2", () => call(divisor));
            Refused(operation, "element 1", () => call(divisor.Transpose(0, 1)));
            Refused(operation, "divisor is 0", () => call(Tensor.Full([], 0, dtype)));
            Refused(operation, "divisor is 0", () => call(0));
        }

        static void Refused(string operation, string says, Func<Tensor> call)
        {
            var message = Assert.Throws<ArgumentOutOfRangeException>(call).Message;
            Assert.StartsWith(operation + ":", message);
            Assert.Contains(says, message);
        }
    }

    [Fact]
    public void TruthValuesCountAndChooseButDoNotCalculate()
    {
        var x = Tensor.From([true, false, true]);
        Assert.Equal((2L, DType.Int64), (x.Sum().Item<long>(), x.Sum().DType));
        Assert.Equal(0L, x.Product().Item<long>());
        Assert.Equal([1, 1, 2], x.CumSum(0).ToArray<long>());
        Assert.Equal(2L, x.CountNonZero().Item<long>());
        Assert.Equal([false, true, false], (x ^ true).ToArray<bool>());
        Assert.Equal([false, true, true], x.Sort().Values.ToArray<bool>());
        foreach (var call in new Func<Tensor>[]
        {
            () => x + x, () => x - x, () => x * x, () => x / x, () => -x, () => x + 1, () => x.Abs(), () => x.Square(), () => x.Pow(x), () => x.Maximum(x),
            () => x.Mean(), () => x.Variance(), () => x.Norm(), () => x.Max(), () => x.FloorDivide(x), () => x.Remainder(x), () => x.Clamp(0, 1), () => x.MatMul(x),
            () => x.Clone().AddInPlace(x), () => x.Sqrt(), () => x.Softmax(),
        })
        {
            Assert.Contains("bool", Assert.Throws<DTypeException>(call).Message);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => x * 2);
    }

    [Theory]
    [InlineData(DType.Int32, DType.Int64)]
    [InlineData(DType.Int64, DType.Float32)]
    [InlineData(DType.Int32, DType.Float64)]
    [InlineData(DType.Bool, DType.Int64)]
    [InlineData(DType.Bool, DType.Float32)]
    [InlineData(DType.Float32, DType.Float64)]
    public void MixedTypesAreRefusedWithAdvice(DType a, DType b)
    {
        var (x, y) = (Tensor.Ones([2], a), Tensor.Ones([2], b));
        foreach (var call in new Func<Tensor>[]
        {
            () => x + y, () => x - y, () => x * y, () => x / y, () => x.Maximum(y), () => x.Pow(y), () => x.FloorDivide(y), () => x.Remainder(y), () => x > y,
            () => x.EqualTo(y), () => Tensor.Where(true, x, y), () => Tensor.Concatenate([x, y], 0),
        })
        {
            Assert.Contains($"To(DType.{b})", Assert.Throws<DTypeException>(call).Message);
        }
    }

    [Fact]
    public void PositionsBeyondAFloatStayExact()
    {
        const long odd = (1L << 53) + 1;
        var x = Tensor.From([odd, -odd]);
        Assert.Equal([odd, -odd], (x + 0).ToArray<long>());
        Assert.Equal([odd * 3, odd * -3], (x * 3).ToArray<long>());
        Assert.Equal(odd, x.Max().Item<long>());
        Assert.Equal([odd, 0], x.CumSum(0).ToArray<long>());
        Assert.Equal([odd / 2, (-odd / 2) - 1], x.FloorDivide(2).ToArray<long>());
        Assert.Equal([-odd, odd], x.Sort().Values.ToArray<long>());
    }
}
