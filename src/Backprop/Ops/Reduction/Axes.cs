namespace Backprop.Ops;

/// <summary>The axes of a reduction, checked and sorted, and the tensor arranged so that kernels see [outer, reduce, inner].</summary>
internal sealed class Axes
{
    private readonly bool[] reduced;

    private Axes(bool[] reduced) => this.reduced = reduced;

    /// <summary>All axes where none are given.</summary>
    public static Axes Of(string operation, Tensor x, ReadOnlySpan<int> axes)
    {
        var reduced = new bool[x.Rank];
        if (axes.IsEmpty)
        {
            Array.Fill(reduced, true);
        }

        foreach (var axis in axes)
        {
            var normal = Error.CheckAxis(operation, axis, x.Rank);
            if (reduced[normal])
            {
                throw Error.Shape(operation, $"axis {axis} is named twice in {Error.Text(axes)}.");
            }

            reduced[normal] = true;
        }

        return new Axes(reduced);
    }

    /// <summary>The result's shape without the reduced axes.</summary>
    public int[] Without(ReadOnlySpan<int> shape)
    {
        var result = new List<int>(shape.Length);
        for (var axis = 0; axis < shape.Length; axis++)
        {
            if (!reduced[axis])
            {
                result.Add(shape[axis]);
            }
        }

        return [.. result];
    }

    /// <summary>The shape with the reduced axes at size 1.</summary>
    public int[] Kept(ReadOnlySpan<int> shape)
    {
        var result = shape.ToArray();
        for (var axis = 0; axis < result.Length; axis++)
        {
            result[axis] = reduced[axis] ? 1 : result[axis];
        }

        return result;
    }

    /// <summary>The tensor with these axes last and merged into one.</summary>
    public Tensor MoveLast(Tensor x)
    {
        var order = Enumerable.Range(0, x.Rank).OrderBy(axis => reduced[axis]).ToArray();
        var moved = order.SequenceEqual(Enumerable.Range(0, x.Rank)) ? x : x.Permute(order);
        return moved.Reshape([.. Without(x.Shape), CountOf(x.Shape)]);
    }

    /// <summary>The sum over these axes, which stay with size 1.</summary>
    public Tensor SumKept(Tensor x)
    {
        var names = Enumerable.Range(0, reduced.Length).Where(axis => reduced[axis]).ToArray();
        return names.Length == 0 ? x : x.Sum(names, keepDimensions: true);
    }

    /// <summary>How many elements go into one.</summary>
    public int CountOf(ReadOnlySpan<int> shape)
    {
        var count = 1;
        for (var axis = 0; axis < shape.Length; axis++)
        {
            count *= reduced[axis] ? shape[axis] : 1;
        }

        return count;
    }

    /// <summary>
    /// The elements contiguous as [outer, reduce, inner]: as they lie where the reduced axes are neighbours, else copied with the reduced axes last.
    /// </summary>
    public (Tensor Source, int Outer, int Reduce, int Inner) Arrange(Tensor x)
    {
        int first = Array.IndexOf(reduced, true), last = Array.LastIndexOf(reduced, true);
        if (first < 0)
        {
            return (x.Dense(), x.Count, 1, 1);
        }

        var neighbours = true;
        for (var axis = first; axis <= last; axis++)
        {
            neighbours &= reduced[axis] || x.Shape[axis] == 1;
        }

        if (!neighbours)
        {
            var order = Enumerable.Range(0, x.Rank).OrderBy(axis => reduced[axis]).ToArray();
            x = new Tensor(x.Storage, x.Layout.Permute(order), x.DType);
            var kept = x.Rank - reduced.Count(r => r);
            return (x.Dense(), Product(x.Shape[..kept]), Product(x.Shape[kept..]), 1);
        }

        return (x.Dense(), Product(x.Shape[..first]), Product(x.Shape[first..(last + 1)]), Product(x.Shape[(last + 1)..]));
    }

    private static int Product(ReadOnlySpan<int> sizes)
    {
        var product = 1;
        foreach (var size in sizes)
        {
            product *= size;
        }

        return product;
    }
}
