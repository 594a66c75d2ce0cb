namespace Backprop.Ops;

/// <summary>An equation of Einstein's summation convention, read for given operands.</summary>
/// <remarks>Labels are numbers: 0 … 51 for A … Z and a … z, then one per axis that an ellipsis stands for, in order.</remarks>
internal sealed class EinsumEquation
{
    private const string Name = "einsum";
    private const int Letters = 52;

    private readonly string text;

    private EinsumEquation(string text) => this.text = text;

    /// <summary>The labels of each operand's axes.</summary>
    public int[][] Terms { get; private set; } = [];

    /// <summary>The labels of the result's axes.</summary>
    public int[] Output { get; private set; } = [];

    /// <summary>The size of each label.</summary>
    public int[] Sizes { get; } = [.. Enumerable.Repeat(1, Letters + Layout.MaxRank)];

    public static EinsumEquation Read(string text, ReadOnlySpan<Tensor> operands)
    {
        var equation = new EinsumEquation(text);
        var compact = string.Concat(text.Where(c => !char.IsWhiteSpace(c)));
        var arrow = compact.IndexOf("->", StringComparison.Ordinal);
        var terms = (arrow < 0 ? compact : compact[..arrow]).Split(',');
        if (terms.Length != operands.Length)
        {
            throw equation.Wrong($"names {terms.Length} operands, but there are {operands.Length}");
        }

        var parts = Array.ConvertAll(terms, equation.Split);
        var spread = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            spread = Math.Max(spread, parts[i].HasEllipsis ? operands[i].Rank - parts[i].Before.Length - parts[i].After.Length : 0);
        }

        equation.Terms = new int[parts.Length][];
        for (var i = 0; i < parts.Length; i++)
        {
            equation.Terms[i] = equation.Label(parts[i], i, operands[i], spread);
            equation.Measure(i, operands[i]);
        }

        equation.Output = arrow < 0 ? equation.Implied(spread) : equation.Stated(compact[(arrow + 2)..], spread);
        return equation;
    }

    private static int Number(char letter) => letter <= 'Z' ? letter - 'A' : letter - 'a' + 26;

    private static string Text(int label) => label >= Letters ? "..." : ((char)(label < 26 ? 'A' + label : 'a' + label - 26)).ToString();

    private static int[] Ellipsis(int count, int spread) => [.. Enumerable.Range(Letters + spread - count, count)];

    private (int[] Before, int[] After, bool HasEllipsis) Split(string term)
    {
        var dots = term.IndexOf("...", StringComparison.Ordinal);
        var (before, after) = dots < 0 ? (term, "") : (term[..dots], term[(dots + 3)..]);
        foreach (var c in before + after)
        {
            if (!char.IsAsciiLetter(c))
            {
                throw Wrong(c == '.'
                    ? "has dots that are not one ellipsis '...' per operand"
                    : $"has a '{c}', which is no label; labels are the letters a to z and A to Z");
            }
        }

        return (before.Select(Number).ToArray(), after.Select(Number).ToArray(), dots >= 0);
    }

    private int[] Label((int[] Before, int[] After, bool HasEllipsis) part, int index, Tensor operand, int spread)
    {
        var named = part.Before.Length + part.After.Length;
        var rest = operand.Rank - named;
        return rest == 0 || (part.HasEllipsis && rest > 0)
            ? [.. part.Before, .. Ellipsis(part.HasEllipsis ? rest : 0, spread), .. part.After]
            : throw Error.Shape(
                Name, $"'{text}' names {named} axes for operand {index}, which has {operand.Rank}: shape {Error.Text(operand.Shape)}.");
    }

    private void Measure(int index, Tensor operand)
    {
        for (var axis = 0; axis < operand.Rank; axis++)
        {
            var (label, size) = (Terms[index][axis], operand.Shape[axis]);
            if (Sizes[label] == 1)
            {
                Sizes[label] = size;
            }
            else if (size != 1 && size != Sizes[label])
            {
                throw Error.Shape(
                    Name, $"label '{Text(label)}' of '{text}' has size {size} in operand {index} of shape {Error.Text(operand.Shape)}, "
                    + $"but {Sizes[label]} before; sizes must be equal or 1.");
            }
        }
    }

    /// <summary>Without an arrow: the ellipsis, then the labels that occur once, in alphabetical order.</summary>
    private int[] Implied(int spread) =>
    [
        .. Ellipsis(spread, spread),
        .. Terms.SelectMany(term => term).Where(label => label < Letters).GroupBy(label => label).Where(g => g.Count() == 1).Select(g => g.Key).Order(),
    ];

    private int[] Stated(string term, int spread)
    {
        if (term.Contains("->", StringComparison.Ordinal) || term.Contains(','))
        {
            throw Wrong("has more than one result");
        }

        var part = Split(term);
        int[] labels = [.. part.Before, .. Ellipsis(part.HasEllipsis ? spread : 0, spread), .. part.After];
        for (var i = 0; i < labels.Length; i++)
        {
            if (!Terms.Any(t => t.Contains(labels[i])))
            {
                throw Wrong($"has a label '{Text(labels[i])}' in the result that no operand has");
            }

            if (Array.IndexOf(labels, labels[i]) != i)
            {
                throw Wrong($"has the label '{Text(labels[i])}' twice in the result");
            }
        }

        Layout.CheckRank(Name, labels.Length);
        return labels;
    }

    private ArgumentException Wrong(string problem) => new($"{Name}: '{text}' {problem}.");
}
