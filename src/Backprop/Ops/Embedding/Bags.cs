namespace Backprop.Ops;

/// <summary>Positions in bags, without those that are padding.</summary>
/// <param name="Count">How many bags.</param>
/// <param name="Positions">The positions that count.</param>
/// <param name="Kept">Where each of them was among all positions.</param>
/// <param name="BagOf">The bag that each is in.</param>
internal sealed record Bags(int Count, int[] Positions, int[] Kept, int[] BagOf)
{
    /// <summary>Where each bag begins, and the end of the last one.</summary>
    public static int[] Starts(string operation, Tensor positions, Tensor? offsets, bool includeLastOffset)
    {
        if (offsets is null)
        {
            if (positions.Rank != 2)
            {
                throw Error.Shape(operation, $"without offsets the positions must be a matrix [bags, size], not {Error.Text(positions.Shape)}.");
            }

            if (includeLastOffset)
            {
                throw Error.Range(operation, nameof(includeLastOffset), true, "false where there are no offsets");
            }

            return [.. Enumerable.Range(0, positions.Shape[0] + 1).Select(bag => bag * positions.Shape[1])];
        }

        Ops.Positions.CheckType(operation, offsets);
        if (positions.Rank != 1 || offsets.Rank != 1)
        {
            throw Error.Shape(operation,
                $"with offsets the positions {Error.Text(positions.Shape)} and the offsets {Error.Text(offsets.Shape)} must be vectors.");
        }

        var given = offsets.To(DType.Int64).ToArray<long>();
        if (includeLastOffset && given.Length == 0)
        {
            throw Error.Shape(operation, "the offsets [0] must have at least one element where the last one is included.");
        }

        for (var i = 0; i < given.Length; i++)
        {
            var least = i == 0 ? 0 : given[i - 1];
            var most = i == 0 ? 0 : positions.Count;
            if (given[i] < least || given[i] > most)
            {
                throw Error.Range(operation, "offset", given[i], i == 0
                    ? "0 at the first bag"
                    : FormattableString.Invariant($"from {least}, where the bag before begins, to {most} at bag {i}"));
            }
        }

        var starts = Array.ConvertAll(given, offset => (int)offset);
        return includeLastOffset ? starts : [.. starts, positions.Count];
    }

    /// <summary>The positions between the starts.</summary>
    public static Bags Of(int[] starts, int[] positions, int padding)
    {
        var (kept, bagOf) = (new List<int>(), new List<int>());
        for (var bag = 0; bag + 1 < starts.Length; bag++)
        {
            for (var i = starts[bag]; i < starts[bag + 1]; i++)
            {
                if (positions[i] != padding)
                {
                    kept.Add(i);
                    bagOf.Add(bag);
                }
            }
        }

        return new Bags(starts.Length - 1, [.. kept.Select(i => positions[i])], [.. kept], [.. bagOf]);
    }

    /// <summary>One row for each bag.</summary>
    public Tensor Combine(Tensor rows, BagMode mode)
    {
        if (mode == BagMode.Max)
        {
            // Empty bags take a row of zeros behind the others.
            var zeros = Tensor.Zeros([1, rows.Shape[1]], rows.DType);
            return Tensor.Concatenate([rows, zeros]).Gather(0, Largest(rows));
        }

        var sums = Tensor.Zeros([Count, rows.Shape[1]], rows.DType).IndexAdd(Tensor.From(BagOf), rows);
        if (mode == BagMode.Sum)
        {
            return sums;
        }

        var counts = new double[Count];
        foreach (var bag in BagOf)
        {
            counts[bag]++;
        }

        return sums / Tensor.From(Array.ConvertAll(counts, count => Math.Max(count, 1)), Count, 1).To(rows.DType);
    }

    /// <summary>Which row holds the first of the largest elements of each column of each bag, a NaN being the largest.</summary>
    private Tensor Largest(Tensor rows)
    {
        var columns = rows.Shape[1];
        var positions = new long[Count * columns];
        Array.Fill(positions, rows.Shape[0]);
        using (Recording.Pause())
        {
            var values = rows.Detach().To(DType.Float64).ToArray<double>();
            for (var row = 0; row < BagOf.Length; row++)
            {
                for (var column = 0; column < columns; column++)
                {
                    ref var best = ref positions[(BagOf[row] * columns) + column];
                    var value = values[(row * columns) + column];
                    var top = best == rows.Shape[0] ? double.NegativeInfinity : values[((int)best * columns) + column];
                    if (best == rows.Shape[0] || value > top || (double.IsNaN(value) && !double.IsNaN(top)))
                    {
                        best = row;
                    }
                }
            }
        }

        return Tensor.From(positions, Count, columns);
    }
}
