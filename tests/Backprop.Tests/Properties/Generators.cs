using Backprop.Tests.Core;
using FsCheck;
using FsCheck.Fluent;
using static Backprop.Tests.Core.NaiveIndexing;

namespace Backprop.Tests.Properties;

/// <summary>A step of a chain of views: any numbers are legal, they are taken modulo what the shape at hand allows.</summary>
internal sealed record ViewStep(int Kind, int A, int B, int C)
{
    public const int Kinds = 5;
}

/// <summary>Views of views of an array of that shape.</summary>
internal sealed record ViewChain(int[] Shape, ViewStep[] Steps)
{
    /// <summary>The chain on a plain array and on a tensor.</summary>
    public (Naive Expected, Tensor Actual) Run(Naive x, Tensor tensor) => Steps.Aggregate((x, tensor), (pair, step) => Apply(step, pair.x, pair.tensor));

    public override string ToString() => $"[{string.Join(", ", Shape)}] {string.Join(" then ", Steps.Select(step => step.ToString()))}";

    private static (Naive Expected, Tensor Actual) Apply(ViewStep step, Naive x, Tensor tensor)
    {
        var rank = x.Shape.Length;
        switch (step.Kind)
        {
            case 0 when rank > 0:
                // A turn of all axes, the last two exchanged or not.
                var axes = Enumerable.Range(0, rank).Select(axis => (axis + step.A) % rank).ToArray();
                if (rank > 1 && step.B % 2 == 1)
                {
                    (axes[^1], axes[^2]) = (axes[^2], axes[^1]);
                }

                return (x.Permute(axes), tensor.Permute(axes));
            case 1 when rank > 0:
                var cut = step.A % rank;
                var start = step.B % (x.Shape[cut] + 1);
                var (end, by) = (start + (step.C % (x.Shape[cut] - start + 1)), 1 + (step.B % 3));
                Item[] items = [.. Enumerable.Range(0, cut).Select(axis => new Slice(0, x.Shape[axis], 1)), new Slice(start, end, by)];
                return (Read(x, items), tensor[ToIndex(items)]);
            case 2 when rank > 1:
                var first = step.A % (rank - 1);
                int[] joined = [.. x.Shape[..first], x.Shape[first] * x.Shape[first + 1], .. x.Shape[(first + 2)..]];
                return (x.Reshape(joined), tensor.Reshape(joined));
            case 3 when x.Values.Length * (1 + (step.A % 3)) <= 400 && rank < 6:
                int[] wide = [1 + (step.A % 3), .. x.Shape.Select(size => size == 1 ? 1 + (step.B % 3) : size)];
                return wide.Aggregate(1, (product, size) => product * size) > 400 ? (x, tensor) : (x.Broadcast(wide), tensor.Expand(wide));
            case 4 when rank > 0:
                var flipped = step.A % rank;
                var last = x.Shape[flipped] - 1;
                return (new Naive(x.Shape, index => x[[.. index.Select((i, axis) => axis == flipped ? last - i : i)]]), tensor.Flip(flipped));
            default:
                return (x, tensor);
        }
    }
}

/// <summary>A shape and an index expression that is legal for it.</summary>
internal sealed record IndexCase(int[] Shape, int Seed)
{
    public IReadOnlyList<Item> Items => NaiveIndexing.Random(new Random(Seed), Shape);

    public override string ToString() => $"[{string.Join(", ", Shape)}] at {string.Join(", ", Items.Select(Text))}";

    private static string Text(Item item) => item switch
    {
        Positions positions => $"Positions [{string.Join(", ", positions.Values.Shape)}] ({string.Join(' ', positions.Values.Values)})",
        Mask mask => $"Mask [{string.Join(", ", mask.Values.Shape)}] ({string.Join(' ', mask.Values.Values)})",
        _ => item.ToString(),
    };
}

/// <summary>Random shapes, chains of views and index expressions, with smaller ones to try when one fails.</summary>
internal static class Generators
{
    /// <summary>Up to four axes of 0 to 4.</summary>
    public static Arbitrary<int[]> Shapes { get; } = Arb.From(ShapesOf(4), Smaller);

    /// <summary>Two shapes that broadcast.</summary>
    public static Arbitrary<(int[] A, int[] B)> BroadcastPairs { get; } = Arb.From(
        from shape in ShapesOf(4)
        from a in Part(shape)
        from b in Part(shape)
        select (a, b),
        pair => Smaller(pair.a).Select(a => (a, pair.b)).Concat(Smaller(pair.b).Select(b => (pair.a, b))).Where(two => DoBroadcast(two.Item1, two.Item2)));

    public static Arbitrary<ViewChain> ViewChains { get; } = Arb.From(
        from shape in ShapesOf(4)
        from count in Gen.Choose(1, 6)
        from steps in Gen.ArrayOf(
            from kind in Gen.Choose(0, ViewStep.Kinds - 1)
            from a in Gen.Choose(0, 11)
            from b in Gen.Choose(0, 11)
            from c in Gen.Choose(0, 11)
            select new ViewStep(kind, a, b, c),
            count)
        select new ViewChain(shape, steps),
        chain => Without(chain.Steps).Select(steps => chain with { Steps = steps }).Concat(Smaller(chain.Shape).Select(shape => chain with { Shape = shape })));

    public static Arbitrary<IndexCase> IndexCases { get; } = Arb.From(
        from shape in ShapesOf(4)
        from seed in Gen.Choose(0, int.MaxValue - 1)
        select new IndexCase(shape, seed),
        expression => Smaller(expression.Shape).Select(shape => expression with { Shape = shape }));

    private static Gen<int[]> ShapesOf(int maxRank) =>
        from rank in Gen.Choose(0, maxRank)
        from shape in Gen.ArrayOf(Gen.Frequency((1, Gen.Constant(0)), (3, Gen.Constant(1)), (8, Gen.Choose(2, 4))), rank)
        select shape;

    /// <summary>The shape without some of its first axes, and with 1 in place of some sizes.</summary>
    private static Gen<int[]> Part(int[] shape) =>
        from skip in Gen.Choose(0, shape.Length)
        from ones in Gen.ArrayOf(Gen.Choose(0, 2), shape.Length - skip)
        select shape[skip..].Select((size, i) => ones[i] == 0 ? 1 : size).ToArray();

    private static bool DoBroadcast(int[] a, int[] b) =>
        Enumerable.Range(1, Math.Min(a.Length, b.Length)).All(i => a[^i] == b[^i] || a[^i] == 1 || b[^i] == 1);

    /// <summary>One axis less, or one size smaller.</summary>
    private static IEnumerable<int[]> Smaller(int[] shape) => Without(shape)
        .Concat(Enumerable.Range(0, shape.Length).Where(axis => shape[axis] > 1)
            .Select(axis => shape.Select((size, i) => i == axis ? size - 1 : size).ToArray()));

    private static IEnumerable<T[]> Without<T>(T[] items) => Enumerable.Range(0, items.Length).Select(i => items.Where((_, at) => at != i).ToArray());
}
