namespace Backprop.Ops;

/// <summary>A tensor whose axes have labels: equal labels are one index of a sum of products.</summary>
internal readonly record struct LabelledTensor(Tensor Tensor, int[] Labels)
{
    public double Size(int[] sizes) => Labels.Aggregate(1.0, (product, label) => product * sizes[label]);

    /// <summary>Sums over the axes whose labels are not kept.</summary>
    public LabelledTensor Keep(Func<int, bool> isKept)
    {
        var labels = Labels;
        var axes = Enumerable.Range(0, labels.Length).Where(axis => !isKept(labels[axis])).ToArray();
        return axes.Length == 0 ? this : new LabelledTensor(Tensor.Sum(axes), [.. labels.Where(isKept)]);
    }

    /// <summary>A view with the axes in the order of the labels.</summary>
    public Tensor InOrder(ReadOnlySpan<int> labels)
    {
        var axes = new int[labels.Length];
        var isOrdered = true;
        for (var i = 0; i < labels.Length; i++)
        {
            axes[i] = Array.IndexOf(Labels, labels[i]);
            isOrdered &= axes[i] == i;
        }

        return isOrdered ? Tensor : Tensor.Permute(axes);
    }

    /// <summary>A view in the order of the labels with axes of size 1 where this tensor lacks one.</summary>
    public Tensor Aligned(int[] labels)
    {
        var own = Labels;
        var ordered = InOrder(labels.Where(label => own.Contains(label)).ToArray());
        return ordered.Reshape(Array.ConvertAll(labels, label => own.Contains(label) ? ordered.Shape[Position(label)] : 1));

        int Position(int label) => labels.Where(own.Contains).ToList().IndexOf(label);
    }
}

/// <summary>Sums of products of labelled tensors, two at a time, by batched matrix products.</summary>
internal static class Contraction
{
    /// <summary>
    /// The sum over all labels but <paramref name="output"/> of the product of the terms, its axes in that order. Each label occurs once per term at most,
    /// and all axes of a label have its size.
    /// </summary>
    public static Tensor Run(string operation, IEnumerable<LabelledTensor> operands, int[] output, int[] sizes)
    {
        var terms = operands.ToList();
        for (var i = 0; i < terms.Count; i++)
        {
            terms[i] = terms[i].Keep(label => output.Contains(label) || terms.Where((_, k) => k != i).Any(t => t.Labels.Contains(label)));
        }

        while (terms.Count > 1)
        {
            var (left, right) = Cheapest(terms, output, sizes);
            var (a, b) = (terms[left], terms[right]);
            terms.RemoveAt(right);
            terms.RemoveAt(left);
            terms.Add(Pair(operation, a, b, label => output.Contains(label) || terms.Any(t => t.Labels.Contains(label))));
        }

        return terms[0].Keep(output.Contains).InOrder(output);
    }

    /// <summary>The pair whose product is smallest, compared with its factors; of equals the one with least arithmetic.</summary>
    private static (int Left, int Right) Cheapest(List<LabelledTensor> terms, int[] output, int[] sizes)
    {
        var best = (Left: 0, Right: 1);
        var least = (Growth: double.PositiveInfinity, Work: double.PositiveInfinity);
        for (var left = 0; terms.Count > 2 && left < terms.Count; left++)
        {
            for (var right = left + 1; right < terms.Count; right++)
            {
                var others = terms.Where((_, k) => k != left && k != right).ToArray();
                var union = terms[left].Labels.Union(terms[right].Labels).ToArray();
                var result = union.Where(label => output.Contains(label) || others.Any(t => t.Labels.Contains(label)));
                var size = result.Aggregate(1.0, (product, label) => product * sizes[label]);
                var work = union.Aggregate(1.0, (product, label) => product * sizes[label]);
                var cost = (Growth: size - terms[left].Size(sizes) - terms[right].Size(sizes), Work: work);
                if (cost.CompareTo(least) < 0)
                {
                    (best, least) = ((left, right), cost);
                }
            }
        }

        return best;
    }

    private static LabelledTensor Pair(string operation, LabelledTensor a, LabelledTensor b, Func<int, bool> isKept)
    {
        var shared = a.Labels.Intersect(b.Labels).ToArray();
        var batch = shared.Where(isKept).ToArray();
        var summed = shared.Except(batch).ToArray();
        var left = a.Labels.Except(shared).ToArray();
        var right = b.Labels.Except(shared).ToArray();
        int[] labels = [.. batch, .. left, .. right];
        if (labels.Length > Layout.MaxRank)
        {
            throw Error.Shape(operation, $"a product in between has {labels.Length} axes; the limit is {Layout.MaxRank}.");
        }

        if (summed.Length == 0)
        {
            return new LabelledTensor(a.Aligned(labels) * b.Aligned(labels), labels);
        }

        if (!a.Tensor.DType.IsFloating())
        {
            int[] all = [.. labels, .. summed];
            Layout.CheckRank(operation, all.Length);
            return new LabelledTensor(a.Aligned(all) * b.Aligned(all), all).Keep(labels.Contains);
        }

        // [batch, left, summed] · [batch, summed, right]
        var x = a.InOrder([.. batch, .. left, .. summed]);
        var y = b.InOrder([.. batch, .. summed, .. right]);
        int[] front = [.. x.Shape[..batch.Length]];
        int[] shape = [.. front, .. x.Shape.Slice(batch.Length, left.Length), .. y.Shape[(batch.Length + summed.Length)..]];
        Layout.CheckedCount(operation, shape);
        int[] count = batch.Length == 0 ? [] : [Product(front)];
        var inner = Product(x.Shape[(batch.Length + left.Length)..]);
        x = x.Reshape([.. count, Product(x.Shape.Slice(batch.Length, left.Length)), inner]);
        y = y.Reshape([.. count, inner, Product(y.Shape[(batch.Length + summed.Length)..])]);
        return new LabelledTensor(x.MatMul(y).Reshape(shape), labels);
    }

    /// <summary>A product of some of the sizes of a tensor: never too large.</summary>
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
