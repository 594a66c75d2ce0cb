using System.Globalization;

namespace Backprop.Tests.Core;

public class PrintingTests
{
    [Fact]
    public void AScalarIsTheBareNumberInFullPrecision()
    {
        Assert.Equal("8", Tensor.Scalar(8.0).ToString());
        Assert.Equal("0.1", Tensor.Scalar(0.1f).ToString());
        Assert.Equal("0.1", Tensor.Scalar(0.1).ToString());
        Assert.Equal("0.6931471805599453", Tensor.Scalar(Math.Log(2)).ToString());
        Assert.Equal("1e-10", Tensor.Scalar(1e-10).ToString());
        Assert.Equal("-3", Tensor.Scalar(-3).ToString());
        Assert.Equal("9223372036854775807", Tensor.Scalar(long.MaxValue).ToString());
        Assert.Equal("True", Tensor.Scalar(true).ToString());
        Assert.Equal("nan", Tensor.Scalar(float.NaN).ToString());
        Assert.Equal("-inf", Tensor.Scalar(double.NegativeInfinity).ToString());
    }

    [Fact]
    public void ColumnsAreAlignedAtThePoint()
    {
        Tensor x = [[1, 2.5], [-30, 0.12345]];
        Assert.Equal("[[  1.       2.5   ]\n [-30.       0.1235]]", x.ToString());
        Assert.Equal("[1. 2. 3.]", Tensor.Arange(1, 4).ToString());
    }

    [Fact]
    public void IntegersAndTruthValues()
    {
        Assert.Equal("[[  1 -20]\n [300   4]]", Tensor.From([1, -20, 300, 4], 2, 2).ToString());
        Assert.Equal("[9223372036854775807                   0]", Tensor.From([long.MaxValue, 0]).ToString());
        Assert.Equal("[ True False]", Tensor.From([true, false]).ToString());
    }

    [Fact]
    public void WhatIsNotFiniteTakesTheWholeColumn()
    {
        Assert.Equal("[ 1.5  nan  inf -inf]", Tensor.From([1.5, double.NaN, double.PositiveInfinity, double.NegativeInfinity]).ToString());
        Assert.Equal("[nan nan]", Tensor.From([float.NaN, float.NaN]).ToString());
    }

    [Fact]
    public void PowersOfTenWhereTheRangeDemandsThem()
    {
        Assert.Equal("[1.e+00 1.e+08]", Tensor.From([1, 1e8]).ToString());
        Assert.Equal("[1.23e-05 0.00e+00 1.00e+00]", Tensor.From([1.23e-5, 0, 1]).ToString());
        Assert.Equal("[-1.2346e+10  1.0000e+00]", Tensor.From([-12345678901.0, 1]).ToString());
        Assert.Equal("[99999999.           0.001]", Tensor.From([99999999.0, 0.001]).ToString());
        Assert.Equal("[1.e-30    nan]", Tensor.From([1e-30, double.NaN]).ToString());
    }

    [Fact]
    public void TheNumberOfDecimalsCanBeChosen()
    {
        var x = Tensor.From([1 / 3.0, 0.25]);
        Assert.Equal("[0.3333 0.25  ]", x.ToString());
        Assert.Equal("[0.333333333333 0.25          ]", x.ToString(12));
        Assert.Equal("[1. 2.]", Tensor.From([1.2, 2.4]).ToString(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.ToString(16));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.ToString(-1));
    }

    [Fact]
    public void NoDigitIsLost()
    {
        Assert.Equal("[16777216.        1. 12345678. 99999992.]", Tensor.From([16777216f, 1f, 12345678f, 99999992f]).ToString());
        Assert.Equal("[1234567.25]", Tensor.From([1234567.25f]).ToString());
        Assert.Equal("[-1234567.25        0.5 ]", Tensor.From([-1234567.25, 0.5]).ToString());
        Assert.Equal("[3.141592653589793]", Tensor.From([Math.PI]).ToString(15));
        Assert.Equal("[12345678.901234567]", Tensor.From([12345678.901234567]).ToString(15));
        Assert.Equal("[99999999.12345679]", Tensor.From([99999999.12345679]).ToString(15));
        Assert.Equal("[1.234567890123457e-20]", Tensor.From([1.2345678901234567e-20]).ToString(15));
    }

    [Fact]
    public void DigitsThatAreOnlyTheBinaryValuesAreNotShown()
    {
        Assert.Equal("[  0.1   0.3 100.1]", Tensor.From([0.1f, 0.3f, 100.1f]).ToString(15));
        Assert.Equal("[0.1 0.3]", Tensor.From([0.1, 0.3]).ToString(15));
        Assert.Equal("[0.00001 1.     ]", Tensor.From([1e-5, 1]).ToString(8));
        Assert.Equal("[1.1e+10 1.0e+00]", Tensor.From([1.1e10f, 1f]).ToString(15));
    }

    [Fact]
    public void ExponentsOfDifferentLengthsAreFilledUp() =>
        Assert.Equal("[1.e+100 1.e+00 ]", Tensor.From([1e100, 1]).ToString());

    [Fact]
    public void DeeperAxesAreSetOffByBlankLines()
    {
        Assert.Equal("[[[0 1]\n  [2 3]]\n\n [[4 5]\n  [6 7]]]", Tensor.Arange(8, DType.Int32).Reshape(2, 2, 2).ToString());
        Assert.Equal("[[[[1.]]]]", Tensor.Ones([1, 1, 1, 1]).ToString());
    }

    [Fact]
    public void LongRowsAreBrokenAt75()
    {
        var lines = Tensor.Arange(40, DType.Int32).ToString().Split('\n');
        Assert.Equal("[ 0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15 16 17 18 19 20 21 22 23", lines[0]);
        Assert.Equal(" 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39]", lines[1]);
        Assert.All(Tensor.Arange(500).Reshape(5, 100).ToString().Split('\n'), line => Assert.InRange(line.Length, 1, 75));
    }

    [Fact]
    public void LargeTensorsAreSummarised()
    {
        Assert.Equal("[   0    1    2 ... 1998 1999 2000]", Tensor.Arange(2001, DType.Int32).ToString());
        Assert.Equal(
            "[[   0    1    2 ...   37   38   39]\n [  40   41   42 ...   77   78   79]\n [  80   81   82 ...  117  118  119]\n ...\n"
            + " [1880 1881 1882 ... 1917 1918 1919]\n [1920 1921 1922 ... 1957 1958 1959]\n [1960 1961 1962 ... 1997 1998 1999]]",
            Tensor.Arange(2000, DType.Int32).Reshape(50, 40).ToString());
        Assert.DoesNotContain("...", Tensor.Zeros([1000]).ToString(), StringComparison.Ordinal);
        Assert.Contains("...", Tensor.Zeros([1001]).ToString(), StringComparison.Ordinal);
        Assert.Equal("[[0 1]\n [0 1]\n [0 1]\n ...\n [0 1]\n [0 1]\n [0 1]]", Tensor.From([0, 1]).Expand(1 << 20, 2).ToString());
    }

    [Fact]
    public void NothingToShow()
    {
        Assert.Equal("[]", Tensor.Zeros([0]).ToString());
        Assert.Equal("[], shape [3, 0, 2]", Tensor.Zeros([3, 0, 2]).ToString());
    }

    [Fact]
    public void ViewsShowTheirOwnElements()
    {
        Tensor x = [[1, 2, 3], [4, 5, 6]];
        Assert.Equal("[[1. 4.]\n [2. 5.]\n [3. 6.]]", x.T.ToString());
        Assert.Equal("[6. 5. 4.]", x[1].Flip(0).ToString());
    }

    [Fact]
    public void TheCultureDoesNotMatter()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = ",", NegativeSign = "~" } };
            Assert.Equal("[-1.5]", Tensor.From([-1.5]).ToString());
            Assert.Equal("-1.5", Tensor.Scalar(-1.5).ToString());
            Assert.Equal("float64 [2] in -1.5 … 2.5, mean 0.5", Tensor.From([-1.5, 2.5]).DebuggerSummary);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void PrintingARecycledTensorSaysSo()
    {
        Tensor x;
        using (TensorScope.Begin())
        {
            x = Tensor.Ones([2, 3]);
            x.Name = "h";
        }

        Assert.Equal("tensor 'h' of float32 [2, 3], recycled", x.ToString());
        Assert.Equal("float32 [2, 3], recycled, 'h'", x.DebuggerSummary);
    }

    [Fact]
    public void ATensorIsDescribedWithoutItsElements()
    {
        var x = Tensor.Zeros([2, 3]);
        Assert.Equal("a tensor of float32 [2, 3]", x.Describe());
        x.Name = "weight";
        Assert.Equal("tensor 'weight' of float32 [2, 3]", x.Describe());
        Assert.Equal("a tensor of int64 []", Tensor.Scalar(1L).Describe());
    }

    [Fact]
    public void PrintingIsNotRecorded()
    {
        var x = Tensor.Ones([2, 3]).RequireGradient();
        var y = x.T * 2;
        var before = Tape.Of(y).Count;
        Assert.Equal("[[2. 2.]\n [2. 2.]\n [2. 2.]]", y.ToString());
        Assert.Equal(before, Tape.Of(y).Count);
    }

    [Fact]
    public void TheDebuggerShowsTheFacts()
    {
        Tensor x = [[-1.25, 3.5, double.NaN], [0, double.NaN, double.PositiveInfinity]];
        x.Name = "fc.weight";
        Assert.Equal("float32 [2, 3] in -1.25 … 3.5, mean 0.75, 2 NaN, 1 infinite, requires gradient, 'fc.weight'", x.RequireGradient().DebuggerSummary);
        Assert.Equal("float32 [2, 3] in -1.25 … 3.5, mean 0.75, 2 NaN, 1 infinite, computed by 'negate'", (-(-x)).DebuggerSummary);
        Assert.Equal("float64 [] = 0.5", Tensor.Scalar(0.5).DebuggerSummary);
        Assert.Equal("int64 [3] in -1 … 4, mean 1", Tensor.From([-1L, 0, 4]).DebuggerSummary);
        Assert.Equal("bool [4], 3 true", Tensor.From([true, true, false, true]).DebuggerSummary);
        Assert.Equal("float32 [0, 2], empty", Tensor.Zeros([0, 2]).DebuggerSummary);
        Assert.Equal("float32 [2], 2 NaN", Tensor.From([float.NaN, float.NaN]).DebuggerSummary);
        Assert.Equal("float32 [2097152] in 1 … 1, mean 1 (of the first 1048576)", Tensor.Ones([1 << 21]).DebuggerSummary);
    }
}
