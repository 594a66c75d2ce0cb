namespace Backprop.Tests.Core;

/// <summary>Movements of random shapes and parameters, held against definitions by loops.</summary>
public class MovementTests
{
    private const int Rounds = 150;

    [Fact]
    public void PaddingTakesItsElementsFromWhereTheModeSays()
    {
        var random = new Random(21);
        for (var round = 0; round < Rounds; round++)
        {
            var x = Source(random, least: 1);
            var mode = (PaddingMode)random.Next(4);
            var given = random.Next(x.Shape.Length + 1);
            var amounts = new (int Before, int After)[x.Shape.Length];
            for (var axis = amounts.Length - given; axis < amounts.Length; axis++)
            {
                var size = x.Shape[axis];
                var most = mode switch { PaddingMode.Reflect => size - 1, PaddingMode.Circular => size, _ => 4 };
                amounts[axis] = (random.Next(-size, most + 1), random.Next(most + 1));
            }

            var shape = x.Shape.Select((size, axis) => size + amounts[axis].Before + amounts[axis].After).ToArray();
            var expected = new Naive(shape, index =>
            {
                var source = index.Select((i, axis) => Fold(i - amounts[axis].Before, x.Shape[axis], mode)).ToArray();
                return source.Contains(-1) ? 0.5 : x[source];
            });
            expected.AssertSame(x.ToView(random).Pad(amounts.AsSpan(amounts.Length - given), mode, 0.5));
        }
    }

    [Fact]
    public void RollsComeInAtTheOtherEnd()
    {
        var random = new Random(22);
        for (var round = 0; round < Rounds; round++)
        {
            var x = Source(random);
            var shifts = x.Shape.Select(_ => random.Next(-7, 8)).ToArray();
            var axes = Enumerable.Range(0, x.Shape.Length).ToArray();
            new Naive(x.Shape, index => x[[.. index.Select((i, axis) => Mod(i - shifts[axis], x.Shape[axis]))]]).AssertSame(x.ToView(random).Roll(shifts, axes));
            var shift = random.Next(2) == 0 ? random.Next(-9, 9) : int.MinValue;
            var next = 0;
            new Naive(x.Shape, _ => x.Values[(int)((((next++ - (long)shift) % x.Values.Length) + x.Values.Length) % x.Values.Length)])
                .AssertSame(x.ToView(random).Roll(shift));
        }
    }

    [Fact]
    public void TilesAndRepeats()
    {
        var random = new Random(23);
        for (var round = 0; round < Rounds; round++)
        {
            var x = Source(random);
            var repeats = Enumerable.Range(0, random.Next(5)).Select(_ => random.Next(4)).ToArray();
            var rank = Math.Max(repeats.Length, x.Shape.Length);
            var wide = x.Reshape([.. Enumerable.Repeat(1, rank - x.Shape.Length), .. x.Shape]);
            int[] times = [.. Enumerable.Repeat(1, rank - repeats.Length), .. repeats];
            new Naive([.. wide.Shape.Select((size, axis) => size * times[axis])], index => wide[[.. index.Select((i, axis) => i % wide.Shape[axis])]])
                .AssertSame(x.ToView(random).Tile(repeats));

            for (var axis = 0; axis < x.Shape.Length; axis++)
            {
                var (at, count) = (axis, random.Next(4));
                var shape = (int[])x.Shape.Clone();
                shape[at] *= count;
                new Naive(shape, index => x[[.. index.Select((i, a) => a == at ? i / count : i)]]).AssertSame(x.ToView(random).RepeatInterleave(count, at));

                var counts = Enumerable.Range(0, x.Shape[at]).Select(_ => random.Next(3)).ToArray();
                var rows = counts.SelectMany((n, i) => Enumerable.Repeat(i, n)).ToArray();
                shape[at] = rows.Length;
                new Naive(shape, index => x[[.. index.Select((i, a) => a == at ? rows[i] : i)]])
                    .AssertSame(x.ToView(random).RepeatInterleave(Tensor.From(counts), at));
            }
        }
    }

    [Fact]
    public void WindowsAndTheirGradients()
    {
        var random = new Random(24);
        for (var round = 0; round < Rounds; round++)
        {
            var x = Source(random, least: 1);
            if (x.Shape.Length == 0)
            {
                continue;
            }

            var axis = random.Next(x.Shape.Length);
            var (size, step) = (random.Next(1, x.Shape[axis] + 1), random.Next(1, 4));
            var shape = (int[])x.Shape.Clone();
            shape[axis] = ((x.Shape[axis] - size) / step) + 1;
            var leaf = x.ToView(random).RequireGradient();
            var windows = leaf.SlidingWindows(axis, size, step);
            new Naive([.. shape, size], index => x[[.. index[..^1].Select((i, a) => a == axis ? (i * step) + index[^1] : i)]]).AssertSame(windows);

            var weights = Naive.Random(random, [.. shape, size]);
            var expected = new Naive(x.Shape, _ => 0);
            var positions = new Naive(x.Shape, index => index.Select((n, a) => (n, a)).Aggregate(0, (flat, next) => (flat * x.Shape[next.a]) + next.n));
            _ = new Naive([.. shape, size], index =>
            {
                int[] source = [.. index[..^1].Select((i, a) => a == axis ? (i * step) + index[^1] : i)];
                expected.Values[(int)positions[source]] += weights[index];
                return 0;
            });
            (windows * weights.ToTensor()).Sum().Backward();
            expected.AssertSame(leaf.Gradient!);
            expected.AssertSame(Gradient.Of((leaf.SlidingWindows(axis, size, step) * weights.ToTensor()).Sum(), leaf, record: true));
        }
    }

    [Fact]
    public void AxesMoveAndTurn()
    {
        var random = new Random(25);
        for (var round = 0; round < Rounds; round++)
        {
            var x = Source(random);
            var rank = x.Shape.Length;
            if (rank < 2)
            {
                continue;
            }

            var (from, to) = (random.Next(-rank, rank), random.Next(-rank, rank));
            var axes = Enumerable.Range(0, rank).Where(axis => axis != Mod(from, rank)).ToList();
            axes.Insert(Mod(to, rank), Mod(from, rank));
            x.Permute([.. axes]).AssertSame(x.ToView(random).MoveAxis(from, to));

            var (first, second) = (Mod(from, rank), Mod(from + 1, rank));
            var turned = x;
            var times = random.Next(-5, 6);
            for (var i = 0; i < Mod(times, 4); i++)
            {
                // One turn: what was in the last column of the plane is the first row.
                var before = turned;
                var shape = (int[])before.Shape.Clone();
                (shape[first], shape[second]) = (shape[second], shape[first]);
                turned = new Naive(shape, index =>
                {
                    var source = (int[])index.Clone();
                    (source[first], source[second]) = (index[second], before.Shape[second] - 1 - index[first]);
                    return before[source];
                });
            }

            turned.AssertSame(x.ToView(random).Rotate90(times, first, second));
        }
    }

    [Fact]
    public void PiecesAndGrids()
    {
        var x = Tensor.Arange(7);
        Assert.Equal([2, 2, 2, 1], x.Chunk(4).Select(piece => piece.Count));
        Assert.Equal([7], x.Chunk(1).Select(piece => piece.Count));
        Assert.Equal(7, x.Chunk(int.MaxValue).Length);
        Assert.Equal([0, 0, 0], Tensor.Zeros([0]).Chunk(3).Select(piece => piece.Count));
        Assert.Equal([2, 3, 4], x.Unbind()[2..5].Select(element => (int)element.Item()));
        Assert.Empty(Tensor.Zeros([2, 0]).Unbind(1));
        Assert.Equal([2, 2, 3, 1], Tensor.Zeros([2, 6, 1]).Unflatten(1, 2, -1).Shape.ToArray());

        Tensor[] axes = [Tensor.From([1.0, 2, 3]), Tensor.From([10.0, 20])];
        var grid = Tensor.MeshGrid(axes);
        new Naive([3, 2], i => i[0] + 1).AssertSame(grid[0]);
        new Naive([3, 2], i => (i[1] + 1) * 10).AssertSame(grid[1]);
        var cartesian = Tensor.MeshGrid(axes, cartesian: true);
        new Naive([2, 3], i => i[1] + 1).AssertSame(cartesian[0]);
        new Naive([2, 3], i => (i[0] + 1) * 10).AssertSame(cartesian[1]);
        Assert.Empty(Tensor.BroadcastTensors());
    }

    [Fact]
    public void OneHotAndCounts()
    {
        var classes = Tensor.From([2L, 0, -1], 3, 1);
        new Naive([3, 1, 4], i => i[2] == new[] { 2, 0, 3 }[i[0]] ? 1 : 0).AssertSame(classes.OneHot(4));
        foreach (var dtype in Enum.GetValues<DType>())
        {
            Assert.Equal(dtype, classes.OneHot(4, dtype).DType);
            Assert.Equal(3, classes.OneHot(4, dtype).To(DType.Float64).Sum().Item());
        }

        Assert.Equal([1, 2, 0, 1, 0], Tensor.From([1, 3, 0, 1]).BinCount(5).ToArray<long>());
        Assert.Equal([0, 0], Tensor.Zeros([0], DType.Int64).BinCount(2).ToArray<long>());
    }

    /// <summary>Windows and other views whose elements share storage may be read, but not changed in place.</summary>
    [Fact]
    public void OverlappingViewsAreRecognised()
    {
        Assert.Throws<InvalidOperationException>(() => Tensor.Ones([5]).SlidingWindows(0, 2).Fill(0));
        Assert.Throws<InvalidOperationException>(() => Tensor.Ones([4, 5]).SlidingWindows(1, 3).Transpose(0, 2).AddInPlace(1));
        Tensor.Ones([6]).SlidingWindows(0, 2, 2).Fill(0);
        Tensor.Ones([6]).SlidingWindows(0, 2, 3).Fill(0);
        Tensor.Ones([4, 6]).T.Flip(0, 1)[TensorIndex.Every(1.., 2)].Fill(0);
        Tensor.Ones([2, 3, 4]).Permute(1, 2, 0).Reshape(3, 2, 2, 2).Select(1, 1).Fill(0);
    }

    private static Naive Source(Random random, int least = 0) =>
        Naive.Random(random, [.. Enumerable.Range(0, random.Next(4)).Select(_ => random.Next(10) == 0 ? least : random.Next(1, 6))]);

    private static int Mod(int i, int size) => size == 0 ? 0 : ((i % size) + size) % size;

    /// <summary>The position that padding takes; −1 where it takes the number.</summary>
    private static int Fold(int i, int size, PaddingMode mode) => mode switch
    {
        PaddingMode.Circular => Mod(i, size),
        PaddingMode.Replicate => Math.Clamp(i, 0, size - 1),
        PaddingMode.Reflect => i < 0 ? -i : i >= size ? (2 * (size - 1)) - i : i,
        _ => i < 0 || i >= size ? -1 : i,
    };
}
