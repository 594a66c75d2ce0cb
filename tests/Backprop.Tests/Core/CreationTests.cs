namespace Backprop.Tests.Core;

public class CreationTests
{
    [Fact]
    public void NestedCollectionExpressionsGiveFloat32()
    {
        Tensor a = [[1, 2], [3, 4], [5, 6]];
        Assert.Equal(DType.Float32, a.DType);
        Assert.Equal([3, 2], a.Shape.ToArray());
        Assert.Equal([1f, 2, 3, 4, 5, 6], a.ToArray<float>());
        Tensor deep = [[[1], [2]], [[3], [4]]];
        Assert.Equal([2, 2, 1], deep.Shape.ToArray());
        Tensor none = [];
        Assert.Equal([0], none.Shape.ToArray());
    }

    [Fact]
    public void CollectionsOfTensorsAreStackedAndLiteralsAdoptTheirDType()
    {
        var x = Tensor.Scalar(2.5);
        Tensor mixed = [1, x, 0.1];
        Assert.Equal(DType.Float64, mixed.DType);
        Assert.Equal([1, 2.5, 0.1], mixed.ToArray<double>());
        Tensor rows = [Tensor.From([1, 2]), Tensor.From([3, 4])];
        Assert.Equal(DType.Int32, rows.DType);
        Assert.Equal([1, 2, 3, 4], rows.ToArray<int>());
        Assert.Throws<ArgumentOutOfRangeException>(() => { Tensor fraction = [Tensor.Scalar(1), 0.5]; });
        Assert.Throws<DTypeException>(() => { Tensor different = [Tensor.Scalar(1), Tensor.Scalar(1.0)]; });
    }

    [Fact]
    public void RaggedLiteralsAreExplainedByTheirRows()
    {
        Refused("row 1 has 1 element, row 0 has 2; all rows must have the same number.", () => { Tensor ragged = [[1, 2], [3]]; });
        Refused("row 2 has 3 elements, row 0 has 1;", () => { Tensor ragged = [[1], [2], [3, 4, 5]]; });
        Refused("part 1 is of shape [1, 2], part 0 is of shape [2, 2];", () => { Tensor ragged = [[[1, 2], [3, 4]], [[5, 6]]]; });
        Refused("part 1 is of shape [2], part 0 is a number;", () => { Tensor ragged = [1, [2, 3]]; });

        static void Refused(string problem, Action action) =>
            Assert.StartsWith("tensor_literal: " + problem, Assert.Throws<ShapeException>(action).Message);
    }

    [Fact]
    public void CollectionsOfRecordedTensorsPassGradients()
    {
        var x = Tensor.Scalar(3.0).RequireGradient();
        Tensor y = [x, x * x, 1];
        y.Sum().Backward();
        Assert.Equal(7, x.Gradient!.Item());
    }

    [Fact]
    public void ScalarsTakeTheDTypeOfTheValue()
    {
        Assert.Equal(DType.Float32, Tensor.Scalar(1f).DType);
        Assert.Equal(DType.Float64, Tensor.Scalar(1.0).DType);
        Assert.Equal(DType.Int32, Tensor.Scalar(1).DType);
        Assert.Equal(DType.Int64, Tensor.Scalar(1L).DType);
        Assert.Equal(DType.Bool, Tensor.Scalar(true).DType);
        Assert.Equal(0, Tensor.Scalar(1).Rank);
        Assert.Contains("Byte", Assert.Throws<DTypeException>(() => Tensor.Scalar((byte)1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromCopiesWhateverItIsGiven()
    {
        double[] source = [1, 2, 3, 4, 5, 6];
        var x = Tensor.From(source, 2, 3);
        source[0] = 99;
        Assert.Equal([1, 2, 3, 4, 5, 6], x.ToArray<double>());
        Assert.Equal([6], Tensor.From(source).Shape.ToArray());
        Assert.Equal([3], Tensor.From([1, 2, 3]).Shape.ToArray());
        Assert.Equal([1], Tensor.From([1]).Shape.ToArray());
        Assert.Equal([], Tensor.From([1], []).Shape.ToArray());
        Assert.Equal([2], Tensor.From<float>(stackalloc float[2]).Shape.ToArray());
        Assert.Equal([2, 2], Tensor.From(new[,] { { 1, 2 }, { 3, 4 } }).Shape.ToArray());
        Assert.Equal([1, 2, 3, 4], Tensor.From(new[,] { { 1, 2 }, { 3, 4 } }).ToArray<int>());
        Assert.Equal([1, 2, 2], Tensor.From(new[, ,] { { { 1L, 2 }, { 3, 4 } } }).Shape.ToArray());
        Assert.Equal("from: 6 values don't fill shape [4, 2], which has 8 elements.", Assert.Throws<ShapeException>(() => Tensor.From(source, 4, 2)).Message);
        Assert.Throws<ShapeException>(() => Tensor.From(source, -2, -3));
        Assert.Throws<ArgumentNullException>(() => Tensor.From((double[])null!));
    }

    [Fact]
    public void ConstantsOfEveryDType()
    {
        Assert.Equal([0f, 0], Tensor.Zeros([2]).ToArray<float>());
        Assert.Equal([1.0, 1], Tensor.Ones([2], DType.Float64).ToArray<double>());
        Assert.Equal([7, 7], Tensor.Full([2], 7, DType.Int32).ToArray<int>());
        Assert.Equal([-7L, -7], Tensor.Full([2], -7, DType.Int64).ToArray<long>());
        Assert.Equal([true, true], Tensor.Ones([2], DType.Bool).ToArray<bool>());
        Assert.Equal([2, 3], Tensor.ZerosLike(Tensor.Ones([3, 2], DType.Int32).T).Shape.ToArray());
        Assert.Equal(DType.Int32, Tensor.OnesLike(Tensor.Ones([3, 2], DType.Int32).T).DType);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Full([2], 0.5, DType.Int32));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Full([2], 3e9, DType.Int32));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Full([2], 2, DType.Bool));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Full([2], double.NaN, DType.Int64));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Zeros([2], (DType)99));
        Assert.Throws<ShapeException>(() => Tensor.Zeros([2, -1]));
        Assert.Throws<ShapeException>(() => Tensor.Zeros([1 << 20, 1 << 20]));
        Assert.Throws<ShapeException>(() => Tensor.Zeros([0, int.MaxValue, int.MaxValue]));
        Assert.Throws<ShapeException>(() => Tensor.Zeros(new int[17]));
    }

    [Fact]
    public void Ranges()
    {
        Assert.Equal([0f, 1, 2], Tensor.Arange(3).ToArray<float>());
        Assert.Equal([1L, 3, 5], Tensor.Arange(1, 7, 2, DType.Int64).ToArray<long>());
        Assert.Equal([3, 2, 1], Tensor.Arange(3, 0, -1, DType.Int32).ToArray<int>());
        Assert.Equal([0, 0.25, 0.5, 0.75], Tensor.Arange(0, 1, 0.25, DType.Float64).ToArray<double>());
        Assert.Equal(0, Tensor.Arange(5, 1).Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Arange(0, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Arange(0, double.PositiveInfinity));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Arange(0, 1e12));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Arange(0, 1, 0.5, DType.Int32));
        Assert.Equal([0, 0.25, 0.5, 0.75, 1], Tensor.Linspace(0, 1, 5, DType.Float64).ToArray<double>());
        var thirds = Tensor.Linspace(-1, 1, 7, DType.Float64).ToArray<double>();
        Assert.Equal((-1.0, 0.0, 1.0), (thirds[0], thirds[3], thirds[6]));
        Assert.Equal([2.0], Tensor.Linspace(2, 5, 1, DType.Float64).ToArray<double>());
        Assert.Equal(0, Tensor.Linspace(2, 5, 0).Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Linspace(0, 1, -1));
        Assert.Throws<DTypeException>(() => Tensor.Linspace(0, 1, 3, DType.Int32));
        Assert.Throws<DTypeException>(() => Tensor.Arange(0, 2, 1, DType.Bool));
    }

    [Fact]
    public void Identity()
    {
        Assert.Equal([1, 0, 0, 1], Tensor.Eye(2, dtype: DType.Int32).ToArray<int>());
        Assert.Equal([1f, 0, 0, 0, 1, 0], Tensor.Eye(2, 3).ToArray<float>());
        Assert.Equal([1f, 0, 0, 1, 0, 0], Tensor.Eye(3, 2).ToArray<float>());
        Assert.StartsWith("eye:", Assert.Throws<ShapeException>(() => Tensor.Eye(-1)).Message, StringComparison.Ordinal);
        Assert.StartsWith("eye:", Assert.Throws<ShapeException>(() => Tensor.Eye(100000)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RandomNumbersRepeatFromTheirSeedAndCheckTheirArguments()
    {
        Assert.Equal(Normal(7), Normal(7));
        Assert.NotEqual(Normal(7), Normal(8));
        Assert.All(Tensor.Uniform([1000], -2, 3, generator: new Generator(1)).ToArray<float>(), value => Assert.InRange(value, -2f, 3f));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Uniform([2], 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Uniform([2], 0, double.PositiveInfinity));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Normal([2], deviation: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tensor.Normal([2], mean: double.NaN));
        Assert.Throws<DTypeException>(() => Tensor.Normal([2], dtype: DType.Int32));

        static float[] Normal(ulong seed) => Tensor.Normal([5], generator: new Generator(seed)).ToArray<float>();
    }
}
