namespace Backprop.Tests.Catalog;

/// <summary>The same elements, of any shape, laid out in other ways.</summary>
internal static class Layouts
{
    public static readonly string[] Kinds = ["transposed", "sliced", "reversed"];

    public static Tensor View(Tensor x, string kind)
    {
        if (x.Rank == 0)
        {
            return Tensor.Stack([x, x])[1];
        }

        var axes = Enumerable.Range(0, x.Rank).ToArray();
        var reversed = axes.Reverse().ToArray();
        return kind switch
        {
            "transposed" => x.Permute(reversed).Contiguous().Permute(reversed),
            "sliced" => Tensor.Concatenate([Tensor.Stack([x, x], axis: -1), Tensor.Stack([x, x], axis: -1)]).Select(-1, 1).Narrow(0, x.Shape[0], x.Shape[0]),
            "reversed" => x.Flip(axes).Contiguous().Flip(axes),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not a kind"),
        };
    }
}
