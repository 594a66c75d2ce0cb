using System.Globalization;
using System.Text;

namespace Backprop.Inspection;

/// <summary>A tape as a drawing.</summary>
internal static class TapeDrawing
{
    public static string Mermaid(Tape tape)
    {
        var text = new StringBuilder("flowchart TD\n");
        var numbers = Numbers(tape);
        foreach (var node in tape)
        {
            // Quotes would end the label; Mermaid knows the entity.
            var label = $"{node.Label.Replace("\"", "#quot;", StringComparison.Ordinal)}<br/>{Error.Text(node.Shape)}";
            var (open, close) = node is Leaf ? ("([", "])") : ("[", "]");
            text.Append(CultureInfo.InvariantCulture, $"    n{numbers[node]}{open}\"{label}\"{close}\n");
        }

        foreach (var (from, to) in Edges(tape))
        {
            text.Append(CultureInfo.InvariantCulture, $"    n{numbers[from]} --> n{numbers[to]}\n");
        }

        return text.ToString();
    }

    public static string Dot(Tape tape)
    {
        var text = new StringBuilder("digraph tape {\n    node [shape=box, fontname=\"sans-serif\"];\n");
        var numbers = Numbers(tape);
        foreach (var node in tape)
        {
            var label = node.Label.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
            var shape = node is Leaf ? ", shape=ellipse" : "";
            text.Append(CultureInfo.InvariantCulture, $"    n{numbers[node]} [label=\"{label}\\n{Error.Text(node.Shape)}\"{shape}];\n");
        }

        foreach (var (from, to) in Edges(tape))
        {
            text.Append(CultureInfo.InvariantCulture, $"    n{numbers[from]} -> n{numbers[to]};\n");
        }

        return text.Append("}\n").ToString();
    }

    /// <summary>The nodes' numbers, from 1 in the order of the tape.</summary>
    public static Dictionary<Node, int> Numbers(Tape tape)
    {
        var numbers = new Dictionary<Node, int>(tape.Count);
        foreach (var node in tape)
        {
            numbers.Add(node, numbers.Count + 1);
        }

        return numbers;
    }

    private static IEnumerable<(Node From, Node To)> Edges(Tape tape)
    {
        foreach (var node in tape)
        {
            for (var i = 0; i < node.InputCount; i++)
            {
                if (node.Input(i) is { } input)
                {
                    yield return (input, node);
                }
            }
        }
    }
}
