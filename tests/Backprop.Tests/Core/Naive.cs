namespace Backprop.Tests.Core;

/// <summary>An array of doubles and a shape, with operations written in the plainest way: what tensors are held against.</summary>
internal sealed class Naive
{
    public Naive(int[] shape, Func<int[], double> element)
    {
        Shape = shape;
        Values = new double[shape.Aggregate(1, (product, size) => product * size)];
        for (var i = 0; i < Values.Length; i++)
        {
            Values[i] = element(IndexOf(i));
        }
    }

    public int[] Shape { get; }

    public double[] Values { get; }

    public double this[params int[] index]
    {
        get
        {
            var position = 0;
            for (var axis = 0; axis < Shape.Length; axis++)
            {
                position = (position * Shape[axis]) + index[axis];
            }

            return Values[position];
        }
    }

    /// <summary>Random whole numbers from −9 to 9: sums and products of them are exact in every dtype.</summary>
    public static Naive Random(Random random, params int[] shape) => new(shape, _ => random.Next(-9, 10));

    /// <summary>The elements of a tensor read one by one through its indexer.</summary>
    public static Naive Of(Tensor tensor) => new(tensor.Shape.ToArray(), index => Read(tensor, index));

    public static double Read(Tensor tensor, int[] index) => tensor[Array.ConvertAll(index, i => (TensorIndex)i)].Item();

    public static int[] BroadcastShape(int[] a, int[] b)
    {
        var result = new int[Math.Max(a.Length, b.Length)];
        for (var i = 1; i <= result.Length; i++)
        {
            var (x, y) = (i <= a.Length ? a[^i] : 1, i <= b.Length ? b[^i] : 1);
            result[^i] = x == 1 ? y : x;
        }

        return result;
    }

    public Naive Broadcast(int[] shape) => new(shape, index =>
    {
        var own = new int[Shape.Length];
        for (var i = 1; i <= own.Length; i++)
        {
            own[^i] = Shape[^i] == 1 ? 0 : index[^i];
        }

        return this[own];
    });

    public Naive Zip(Naive other, Func<double, double, double> f)
    {
        var shape = BroadcastShape(Shape, other.Shape);
        var (a, b) = (Broadcast(shape), other.Broadcast(shape));
        return new Naive(shape, index => f(a[index], b[index]));
    }

    public Naive Permute(params int[] axes) => new(Array.ConvertAll(axes, axis => Shape[axis]), index =>
    {
        var own = new int[index.Length];
        for (var i = 0; i < own.Length; i++)
        {
            own[axes[i]] = index[i];
        }

        return this[own];
    });

    public Naive Reshape(params int[] shape)
    {
        var next = 0;
        return new Naive(shape, _ => Values[next++]);
    }

    /// <summary>Folds the elements of each group that agrees on the axes that are not named.</summary>
    public Naive Reduce(int[] axes, bool keep, Func<double[], double> fold)
    {
        var groups = new Dictionary<string, List<double>>();
        for (var i = 0; i < Values.Length; i++)
        {
            var key = Key(IndexOf(i), axes);
            (groups.TryGetValue(key, out var list) ? list : groups[key] = []).Add(Values[i]);
        }

        var kept = Shape.Select((size, axis) => axes.Contains(axis) ? 1 : size).ToArray();
        var result = new Naive(kept, index => fold(groups.TryGetValue(Key(index, axes), out var list) ? [.. list] : []));
        return keep ? result : result.Reshape([.. Shape.Where((_, axis) => !axes.Contains(axis))]);

        static string Key(int[] index, int[] axes) => string.Join(',', index.Select((i, axis) => axes.Contains(axis) ? 0 : i));
    }

    public Naive MatMul(Naive other)
    {
        var a = Shape.Length == 1 ? Reshape(1, Shape[0]) : this;
        var b = other.Shape.Length == 1 ? other.Reshape(other.Shape[0], 1) : other;
        var batch = BroadcastShape(a.Shape[..^2], b.Shape[..^2]);
        var wideA = a.Broadcast([.. batch, .. a.Shape[^2..]]);
        var wideB = b.Broadcast([.. batch, .. b.Shape[^2..]]);
        var result = new Naive([.. batch, a.Shape[^2], b.Shape[^1]], index =>
        {
            double sum = 0;
            for (var k = 0; k < a.Shape[^1]; k++)
            {
                sum += wideA[[.. index[..^1], k]] * wideB[[.. index[..^2], k, index[^1]]];
            }

            return sum;
        });
        var shape = result.Shape.ToList();
        if (other.Shape.Length == 1)
        {
            shape.RemoveAt(shape.Count - 1);
        }

        if (Shape.Length == 1)
        {
            shape.RemoveAt(shape.Count - (other.Shape.Length == 1 ? 1 : 2));
        }

        return result.Reshape([.. shape]);
    }

    /// <summary>A contiguous tensor of these elements.</summary>
    public Tensor ToTensor(DType dtype = DType.Float64) => Tensor.From(Values, Shape).To(dtype);

    /// <summary>A tensor of these elements that is a permuted, stepping or reversed view of a larger one.</summary>
    public Tensor ToView(Random random, DType dtype = DType.Float64)
    {
        if (Shape.Length == 0)
        {
            return Tensor.From([7, Values[0]]).To(dtype)[1];
        }

        var axes = Enumerable.Range(0, Shape.Length).ToArray();
        random.Shuffle(axes);
        var result = Permute(axes).ToTensor(dtype);
        if (random.Next(2) == 0)
        {
            // Every second element of an axis of twice the size.
            var doubled = Tensor.Stack([result, Tensor.OnesLike(result)], result.Rank).Flatten(-2);
            result = doubled[TensorIndex.Ellipsis, TensorIndex.Every(.., 2)];
        }

        var inverse = new int[axes.Length];
        for (var i = 0; i < axes.Length; i++)
        {
            inverse[axes[i]] = i;
        }

        result = result.Permute(inverse);
        var flipped = random.Next(Shape.Length);
        return random.Next(3) == 0 ? result.Flip(flipped).Contiguous().Flip(flipped) : result;
    }

    public void AssertSame(Tensor actual, double tolerance = 0)
    {
        Assert.Equal(Shape, actual.Shape.ToArray());
        var found = actual.To(DType.Float64).ToArray<double>();
        for (var i = 0; i < found.Length; i++)
        {
            Assert.True(
                found[i].Equals(Values[i]) || Math.Abs(found[i] - Values[i]) <= tolerance,
                $"element [{string.Join(", ", IndexOf(i))}] of [{string.Join(", ", Shape)}] is {found[i]} instead of {Values[i]}");
        }
    }

    private int[] IndexOf(int position)
    {
        var index = new int[Shape.Length];
        for (var axis = index.Length - 1; axis >= 0; axis--)
        {
            index[axis] = position % Shape[axis];
            position /= Shape[axis];
        }

        return index;
    }
}
