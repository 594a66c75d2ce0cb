using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Tests.Kernels;

[Collection(nameof(Workers))]
public unsafe class IndexedRowsTests
{
    public static TheoryData<int, int, int, int> Sizes => new()
    {
        { 1, 5, 7, 1 }, { 3, 4, 0, 2 }, { 1, 1, 9, 17 }, { 2, 6, 11, 64 }, { 40, 3, 5, 1 }, { 1, 50, 300, 130 }, { 7, 9, 2000, 33 },
        { 1, 100, 40_000, 100 }, { 5, 3, 4, 0 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void RowsAreTakenAndAdded(int outer, int size, int count, int inner)
    {
        Verify<float>(outer, size, count, inner);
        Verify<double>(outer, size, count, inner);
        Verify<int>(outer, size, count, inner);
        Verify<long>(outer, size, count, inner);
    }

    [Fact]
    public void SumsHaveTheSameBitsOnEveryThreadCount()
    {
        const int size = 3, count = 5000, inner = 1000;
        var random = new Random(3);
        var rows = Enumerable.Range(0, count * inner).Select(_ => random.NextSingle()).ToArray();
        var positions = Enumerable.Range(0, count).Select(_ => random.Next(size)).ToArray();
        var before = Workers.Threads;
        try
        {
            Workers.Threads = 1;
            var expected = Sums();
            Workers.Threads = 3;
            Assert.Equal(expected, Sums());
        }
        finally
        {
            Workers.Threads = before;
        }

        float[] Sums()
        {
            var sums = new float[size * inner];
            fixed (float* from = rows, to = sums)
            fixed (int* at = positions)
            {
                IndexedRows.Add(from, to, at, 1, size, count, inner);
            }

            return sums;
        }
    }

    /// <summary>With small whole numbers, whose sums are exact.</summary>
    private static void Verify<T>(int outer, int size, int count, int inner)
        where T : unmanaged, INumber<T>
    {
        var random = new Random(outer + count);
        var positions = Enumerable.Range(0, count).Select(_ => random.Next(size)).ToArray();
        var whole = Numbers(outer * size * inner);
        var rows = Numbers(outer * count * inner);
        var (taken, added) = (new T[rows.Length], (T[])whole.Clone());
        fixed (T* w = whole, r = rows, t = taken, a = added)
        fixed (int* at = positions)
        {
            IndexedRows.Take((byte*)w, (byte*)t, at, outer, size, count, inner * sizeof(T));
            IndexedRows.Add(r, a, at, outer, size, count, inner);
        }

        var (expectedTaken, expectedAdded) = (new T[rows.Length], (T[])whole.Clone());
        for (var i = 0; i < rows.Length; i++)
        {
            var (o, p, c) = (i / inner / count, positions[i / inner % count], i % inner);
            expectedTaken[i] = whole[(((o * size) + p) * inner) + c];
            expectedAdded[(((o * size) + p) * inner) + c] += rows[i];
        }

        Assert.Equal(expectedTaken, taken);
        Assert.Equal(expectedAdded, added);

        T[] Numbers(int length) => [.. Enumerable.Range(0, length).Select(_ => T.CreateChecked(random.Next(-9, 10)))];
    }
}
