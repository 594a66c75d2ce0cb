namespace Backprop.Tests.Catalog.Operations;

/// <summary>
/// Every elementwise rule as an operation: what <see cref="UnaryRuleTests"/> and <see cref="BinaryRuleTests"/> don't look at, such as threads, recycled
/// memory and 16 bits.
/// </summary>
internal sealed class RuleSamples : ICatalogEntry
{
    private const int Many = 40_000;

    public IEnumerable<Sample> Samples() =>
    [
        .. RuleCatalog.Unary.Select(entry => new Sample(RuleCatalog.NameOf(entry.Rule), "its domain", [Tensor.From(entry.Points)], t => entry.Apply(t[0]))
        {
            Large = () => [Repeat(entry.Points, Many)],
        }),
        .. RuleCatalog.Binary.Select(entry => new Sample(RuleCatalog.NameOf(entry.Rule), "its domain", Pair(entry, 17), t => entry.Apply(t[0], t[1]))
        {
            Large = () => Pair(entry, Many),
        }),
    ];

    public IEnumerable<ErrorCase> Errors() => [];

    private static Tensor[] Pair(BinaryEntry entry, int count) => [Repeat(entry.Xs, count), Repeat(entry.Ys, count)];

    private static Tensor Repeat(double[] points, int count) => Tensor.From([.. Enumerable.Range(0, count).Select(i => points[i % points.Length])]);
}
