using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Tests.Kernels;

[Collection(nameof(Workers))]
public unsafe class ReductionsTests
{
    // [outer, reduce, inner]: below, at and above the sizes of registers, blocks, tiles and units.
    public static readonly TheoryData<int, int, int> Shapes = new()
    {
        { 1, 1, 1 }, { 1, 0, 1 }, { 3, 0, 5 }, { 2, 3, 1 }, { 5, 15, 1 }, { 4, 16, 1 }, { 3, 17, 1 }, { 2, 64, 1 }, { 3, 135, 1 },
        { 700, 50, 1 }, { 1, 4096, 1 }, { 1, 4097, 1 }, { 2, 20_001, 1 }, { 2, 32_768, 1 }, { 2, 100_003, 1 }, { 1, 300_000, 1 },
        { 1, 1, 2 }, { 1, 7, 3 }, { 2, 8, 10 }, { 1, 64, 10 }, { 3, 9, 16 }, { 2, 16, 33 }, { 1, 256, 100 }, { 2, 257, 7 },
        { 1, 260, 1030 }, { 40, 12, 50 }, { 1, 70_000, 3 }, { 0, 3, 2 }, { 3, 2, 0 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void SumIsAccurateAndTheSameOnEveryThreadCount(int outer, int reduce, int inner)
    {
        CheckSum<Lanes512<float>, float>(outer, reduce, inner, 4e-7);
        CheckSum<Lanes256<float>, float>(outer, reduce, inner, 4e-7);
        CheckSum<Lanes512<double>, double>(outer, reduce, inner, 1e-15);
        CheckSum<Lanes256<double>, double>(outer, reduce, inner, 1e-15);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void ExtremaProductsAndIntegers(int outer, int reduce, int inner)
    {
        var x = Random<float>(outer * reduce * inner, 3);
        Check(x, outer, reduce, inner, Reductions.Max, float.Max, float.NegativeInfinity);
        Check(x, outer, reduce, inner, Reductions.Min, float.Min, float.PositiveInfinity);
        var whole = Array.ConvertAll(x, value => (int)(value * 1e9f));
        Check(whole, outer, reduce, inner, Reductions.Max, int.Max, int.MinValue);
        Check(whole, outer, reduce, inner, Reductions.Product, (a, b) => unchecked(a * b), 1);
        Check(whole, outer, reduce, inner, (a, b, o, r, i) => Reductions.Sum(a, b, o, r, i), (a, b) => unchecked(a + b), 0);
        var wide = Array.ConvertAll(whole, value => (long)value << 31);
        Check(wide, outer, reduce, inner, Reductions.Min, long.Min, long.MaxValue);
        var powers = Array.ConvertAll(x, value => value > 0.99f ? 2.0 : value < -0.99f ? -0.5 : 1);
        Check(powers, outer, reduce, inner, Reductions.Product, (a, b) => a * b, 1);
    }

    [Theory]
    [InlineData(2, 5, 1)]
    [InlineData(2, 50, 1)]
    [InlineData(1, 9000, 1)]
    [InlineData(2, 20, 7)]
    [InlineData(1, 600, 40)]
    public void NaNWins(int outer, int reduce, int inner)
    {
        for (var at = 0; at < reduce; at += 1 + reduce / 5)
        {
            var x = Random<float>(outer * reduce * inner, 5);
            x[at * inner] = float.NaN;
            Check(x, outer, reduce, inner, Reductions.Max, float.Max, float.NegativeInfinity);
            Check(x, outer, reduce, inner, Reductions.Min, float.Min, float.PositiveInfinity);
            CheckPositions(x, outer, reduce, inner);
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void PositionsOfTheFirstExtremum(int outer, int reduce, int inner)
    {
        if (reduce == 0)
        {
            return;
        }
        var x = Array.ConvertAll(Random<float>(outer * reduce * inner, 11), value => MathF.Round(value * 9));
        CheckPositions(x, outer, reduce, inner);
        CheckPositions(Array.ConvertAll(x, value => (long)value), outer, reduce, inner);
        CheckPositions(Array.ConvertAll(x, value => (byte)(value + 10)), outer, reduce, inner);
    }

    private delegate void Reduction<T>(T* source, T* destination, nint outer, nint reduce, nint inner)
        where T : unmanaged;

    private static void CheckSum<N, T>(int outer, int reduce, int inner, double tolerance)
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var x = Random<T>(outer * reduce * inner, 7);
        var exact = Naive(Array.ConvertAll(x, double.CreateChecked), outer, reduce, inner, (a, b) => a + b, 0);
        var sizes = Naive(Array.ConvertAll(x, value => Math.Abs(double.CreateChecked(value))), outer, reduce, inner, (a, b) => a + b, 0);
        var threads = Workers.Threads;
        T[]? first = null;
        try
        {
            foreach (var count in new[] { 1, 2, 3 })
            {
                Workers.Threads = count;
                var sums = new T[outer * inner];
                Array.Fill(sums, T.One);
                fixed (T* source = x, destination = sums)
                {
                    Reductions.Fold<SumFold, N, T>(source, destination, outer, reduce, inner, accumulate: false);
                    first ??= [.. sums];
                    Assert.Equal(first, sums);
                    Reductions.Fold<SumFold, N, T>(source, destination, outer, reduce, inner, accumulate: true);
                }
                for (var i = 0; i < sums.Length; i++)
                {
                    Assert.Equal(exact[i], double.CreateChecked(first[i]), tolerance * sizes[i]);
                    Assert.Equal(2 * exact[i], double.CreateChecked(sums[i]), 3 * tolerance * sizes[i]);
                }
            }
        }
        finally
        {
            Workers.Threads = threads;
        }
    }

    private static void Check<T>(T[] x, int outer, int reduce, int inner, Reduction<T> reduction, Func<T, T, T> fold, T identity)
        where T : unmanaged
    {
        var results = new T[outer * inner];
        fixed (T* source = x, destination = results)
        {
            reduction(source, destination, outer, reduce, inner);
        }
        Assert.Equal(Naive(x, outer, reduce, inner, fold, identity), results);
    }

    private static void CheckPositions<T>(T[] x, int outer, int reduce, int inner)
        where T : unmanaged, INumber<T>
    {
        var largest = new long[outer * inner];
        var smallest = new long[outer * inner];
        fixed (T* source = x)
        fixed (long* above = largest, below = smallest)
        {
            ArgReductions.ArgMax(source, above, outer, reduce, inner);
            ArgReductions.ArgMin(source, below, outer, reduce, inner);
        }
        for (var i = 0; i < outer * inner; i++)
        {
            var column = Enumerable.Range(0, reduce).Select(r => x[(i / inner * reduce + r) * inner + i % inner]).ToList();
            var nan = column.FindIndex(T.IsNaN);
            Assert.Equal(nan >= 0 ? nan : column.IndexOf(column.Max()), largest[i]);
            Assert.Equal(nan >= 0 ? nan : column.IndexOf(column.Min()), smallest[i]);
        }
    }

    private static T[] Naive<T>(T[] x, int outer, int reduce, int inner, Func<T, T, T> fold, T identity)
    {
        var results = new T[outer * inner];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = identity;
            for (var r = 0; r < reduce; r++)
            {
                results[i] = fold(results[i], x[(i / inner * reduce + r) * inner + i % inner]);
            }
        }
        return results;
    }

    private static T[] Random<T>(int length, int seed)
        where T : INumber<T>
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, length).Select(_ => T.CreateChecked(random.NextDouble() * 2 - 1))];
    }
}
