namespace Backprop.Tests.Core;

/// <summary>
/// Index expressions by NumPy's definition, element by element: what the library's are held against. An expression is a list of items, each of which
/// knows itself as the library writes it.
/// </summary>
internal static class NaiveIndexing
{
    /// <summary>One item of an expression.</summary>
    public abstract record Item
    {
        /// <summary>As the library writes it.</summary>
        public abstract TensorIndex ToIndex();
    }

    /// <summary>A position, negative from the end.</summary>
    public sealed record At(int Position) : Item
    {
        public override TensorIndex ToIndex() => Position;
    }

    /// <summary>Every Step-th element from Start up to but without End.</summary>
    public sealed record Slice(int Start, int End, int Step) : Item
    {
        public override TensorIndex ToIndex() => TensorIndex.Every(Start..End, Step);

        public int Length => (End - Start + Step - 1) / Step;
    }

    /// <summary>A new axis.</summary>
    public sealed record NewAxis : Item
    {
        public override TensorIndex ToIndex() => TensorIndex.NewAxis;
    }

    /// <summary>The axes that are left.</summary>
    public sealed record Ellipsis : Item
    {
        public override TensorIndex ToIndex() => TensorIndex.Ellipsis;
    }

    /// <summary>An index tensor.</summary>
    public sealed record Positions(Naive Values) : Item
    {
        public override TensorIndex ToIndex() => Values.ToTensor(DType.Int64);
    }

    /// <summary>A mask: 1 is true.</summary>
    public sealed record Mask(Naive Values) : Item
    {
        public override TensorIndex ToIndex() => Values.ToTensor(DType.Bool);
    }

    /// <summary>As the library takes it.</summary>
    public static TensorIndex[] ToIndex(IEnumerable<Item> items) => [.. items.Select(item => item.ToIndex())];

    /// <summary>Where in an array of this shape, counted in row-major order, each element of the result lies.</summary>
    public static Naive Sources(int[] shape, IReadOnlyList<Item> items)
    {
        var entries = Entries(shape, items);
        var arrays = entries.Where(entry => entry.Array is not null).ToList();
        int[] common = [];
        foreach (var entry in arrays)
        {
            common = Naive.BroadcastShape(common, entry.Array!.Shape);
        }

        // Side by side in the expression: the common axes go where the first of them stands; else to the front.
        var groups = entries.Where((entry, i) => entry.Array is not null && (i == 0 || entries[i - 1].Array is null)).Count();
        var result = new List<int>();
        var slots = new List<(Entry Entry, int Axis)>();
        var commonAt = groups > 1 ? 0 : -1;
        if (groups > 1)
        {
            result.AddRange(common);
        }

        foreach (var entry in entries)
        {
            if (entry.Array is not null)
            {
                if (commonAt < 0)
                {
                    commonAt = result.Count;
                    result.AddRange(common);
                }

                continue;
            }

            foreach (var part in entry.Parts)
            {
                slots.Add((part, result.Count));
                result.Add(part.Length);
            }
        }

        var wide = arrays.ConvertAll(entry => entry.Array!.Broadcast(common));
        return new Naive([.. result], index =>
        {
            var source = new int[shape.Length];
            foreach (var (entry, axis) in slots.Where(slot => slot.Entry.Axis >= 0))
            {
                source[entry.Axis] = entry.Start + (index[axis] * entry.Step);
            }

            for (var i = 0; i < arrays.Count; i++)
            {
                if (arrays[i].Axis >= 0)
                {
                    var position = (int)wide[i][index[commonAt..(commonAt + common.Length)]];
                    source[arrays[i].Axis] = position < 0 ? position + shape[arrays[i].Axis] : position;
                }
            }

            foreach (var entry in entries.Where(entry => entry.IsPosition))
            {
                source[entry.Axis] = entry.Start;
            }

            return source.Select((position, axis) => (position, axis)).Aggregate(0, (flat, next) => (flat * shape[next.axis]) + next.position);
        });
    }

    /// <summary>What the expression chooses.</summary>
    public static Naive Read(Naive x, IReadOnlyList<Item> items)
    {
        var sources = Sources(x.Shape, items);
        return new Naive(sources.Shape, index => x.Values[(int)sources[index]]);
    }

    /// <summary>A copy in which the values, in row-major order, replaced what the expression chooses, or were added to it.</summary>
    public static Naive Write(Naive x, IReadOnlyList<Item> items, Naive values, bool accumulate)
    {
        var sources = Sources(x.Shape, items);
        var wide = values.Broadcast(sources.Shape);
        var result = new Naive(x.Shape, index => x[index]);
        for (var i = 0; i < sources.Values.Length; i++)
        {
            var at = (int)sources.Values[i];
            result.Values[at] = (accumulate ? result.Values[at] : 0) + wide.Values[i];
        }

        return result;
    }

    /// <summary>Some legal expression for the shape.</summary>
    public static List<Item> Random(Random random, int[] shape)
    {
        var items = new List<Item>();
        var common = Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(5) == 0 ? 0 : random.Next(1, 4)).ToArray();
        var masks = 0;
        for (var axis = 0; axis < shape.Length;)
        {
            var size = shape[axis];
            switch (random.Next(9))
            {
                case 0 when size > 0:
                    items.Add(new At(random.Next(-size, size)));
                    axis++;
                    break;
                case 1:
                    items.Add(new NewAxis());
                    break;
                case 2 when !items.OfType<Ellipsis>().Any():
                    items.Add(new Ellipsis());
                    axis += random.Next(shape.Length - axis + 1);
                    break;
                case 3 when masks == 0 && common.Length <= 1:
                    // The number of truths must broadcast with the other index tensors: one alone, or exactly as many.
                    var rank = Math.Min(random.Next(3), shape.Length - axis);
                    if (MaskOf(random, shape[axis..(axis + rank)], common.Length == 0 ? 1 : common[^1]) is { } mask)
                    {
                        items.Add(mask);
                        axis += rank;
                        masks++;
                    }

                    break;
                case 4 or 5 when size > 0 || common.Contains(0):
                    var own = common.Skip(random.Next(common.Length + 1)).Select(n => n > 1 && random.Next(3) == 0 ? 1 : n).ToArray();
                    if (size > 0 || own.Contains(0))
                    {
                        items.Add(new Positions(new Naive(own, _ => random.Next(-size, size))));
                        axis++;
                    }

                    break;
                default:
                    var start = random.Next(size + 1);
                    items.Add(new Slice(start, random.Next(start, size + 1), random.Next(1, 4)));
                    axis++;
                    break;
            }
        }

        // What is left of the axes behind an ellipsis belongs to it, so the items that follow must end at the last axis: as generated, they do.
        return items;
    }

    private static Mask? MaskOf(Random random, int[] shape, int truths)
    {
        var count = shape.Aggregate(1, (product, size) => product * size);
        if (count < truths)
        {
            return null;
        }

        var order = Enumerable.Range(0, count).ToArray();
        random.Shuffle(order);
        var isTrue = order.Take(truths).ToHashSet();
        var next = 0;
        return new Mask(new Naive(shape, _ => isTrue.Contains(next++) ? 1 : 0));
    }

    /// <summary>The items with masks as the positions where they are true, and positions as arrays where there are others.</summary>
    private static List<Entry> Entries(int[] shape, IReadOnlyList<Item> items)
    {
        var hasArrays = items.Any(item => item is Positions or Mask);
        var used = items.Sum(item => item switch { NewAxis or Ellipsis => 0, Mask mask => mask.Values.Shape.Length, _ => 1 });
        var (entries, axis) = (new List<Entry>(), 0);
        foreach (var item in items)
        {
            switch (item)
            {
                case At at when hasArrays:
                    entries.Add(new Entry(axis, new Naive([], _ => at.Position)));
                    axis++;
                    break;
                case At at:
                    entries.Add(new Entry(axis, at.Position < 0 ? at.Position + shape[axis] : at.Position, 1, 1, IsPosition: true));
                    axis++;
                    break;
                case Slice slice:
                    entries.Add(new Entry(axis++, slice.Start, slice.Length, slice.Step));
                    break;
                case NewAxis:
                    entries.Add(new Entry(-1, 0, 1, 1));
                    break;
                case Ellipsis:
                    var first = axis;
                    axis += shape.Length - used;
                    entries.Add(new Entry([.. Enumerable.Range(first, axis - first).Select(a => new Entry(a, 0, shape[a], 1))]));
                    break;
                case Positions positions:
                    entries.Add(new Entry(axis++, positions.Values));
                    break;
                case Mask mask:
                    var rows = Truths(mask.Values);
                    for (var a = 0; a < mask.Values.Shape.Length; a++)
                    {
                        var own = a;
                        entries.Add(new Entry(axis++, new Naive([rows.Count], i => rows[i[0]][own])));
                    }

                    if (mask.Values.Shape.Length == 0)
                    {
                        entries.Add(new Entry(-1, new Naive([rows.Count], _ => 0)));
                    }

                    break;
            }
        }

        while (axis < shape.Length)
        {
            entries.Add(new Entry(axis, 0, shape[axis++], 1));
        }

        return entries;
    }

    private static List<int[]> Truths(Naive mask)
    {
        var rows = new List<int[]>();
        _ = new Naive(mask.Shape, index =>
        {
            if (mask[index] != 0)
            {
                rows.Add([.. index]);
            }

            return 0;
        });
        return rows;
    }

    /// <summary>An item resolved: a stretch of an axis, an array of positions along it, or an ellipsis with its parts. Axis −1: no axis.</summary>
    private sealed record Entry(int Axis, int Start, int Length, int Step, bool IsPosition = false)
    {
        private readonly Entry[]? parts;

        public Entry(int axis, Naive array)
            : this(axis, 0, 1, 1) => Array = array;

        public Entry(Entry[] parts)
            : this(-1, 0, 1, 1) => this.parts = parts;

        public Naive? Array { get; }

        public IEnumerable<Entry> Parts => parts ?? (IsPosition ? [] : new[] { this });
    }
}
