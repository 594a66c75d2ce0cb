using System.Collections;
using System.Globalization;
using System.Text;

namespace Backprop;

/// <summary>The stretch of the tape behind a tensor: every recorded operation that it was computed from, in order.</summary>
/// <example><code>
/// foreach (var node in Tape.Of(loss)) Console.WriteLine(node);
/// File.WriteAllText("tape.mmd", Tape.Of(loss).ToMermaid());
/// </code></example>
public sealed class Tape : IReadOnlyList<Node>
{
    private readonly List<Node> nodes;

    private Tape(List<Node> nodes) => this.nodes = nodes;

    /// <inheritdoc/>
    public int Count => nodes.Count;

    /// <inheritdoc/>
    public Node this[int index] => nodes[index];

    /// <summary>Lists what a tensor was computed from, leaves that require a gradient included, earliest first.</summary>
    /// <param name="tensor">Any tensor; the tape of one that was not recorded is empty.</param>
    public static Tape Of(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        var nodes = new List<Node>();
        if (tensor.Node is not null)
        {
            var visited = new HashSet<Node> { tensor.Node };
            var stack = new Stack<Node>(visited);
            while (stack.TryPop(out var node))
            {
                nodes.Add(node);
                for (var i = 0; i < node.InputCount; i++)
                {
                    if (node.Input(i) is { } input && visited.Add(input))
                    {
                        stack.Push(input);
                    }
                }
            }
        }

        nodes.Sort((a, b) => a.Position.CompareTo(b.Position));
        return new Tape(nodes);
    }

    /// <inheritdoc/>
    public IEnumerator<Node> GetEnumerator() => nodes.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The listing, a line per operation.</summary>
    public override string ToString() => string.Join(Environment.NewLine, nodes);

    /// <summary>A Mermaid flowchart; leaves are drawn round. Nodes are numbered from 1 in tape order.</summary>
    public string ToMermaid()
    {
        var names = new Dictionary<Node, string>(nodes.Count);
        var text = new StringBuilder("flowchart TD\n");
        foreach (var node in nodes)
        {
            var name = "n" + (names.Count + 1).ToString(CultureInfo.InvariantCulture);
            names.Add(node, name);
            var label = $"{node.Label.Replace('"', '\'')}<br/>{Error.Text(node.Shape)}";
            text.Append(node is Leaf ? $"    {name}([\"{label}\"])\n" : $"    {name}[\"{label}\"]\n");
        }

        foreach (var node in nodes)
        {
            for (var i = 0; i < node.InputCount; i++)
            {
                if (node.Input(i) is { } input)
                {
                    text.Append(CultureInfo.InvariantCulture, $"    {names[input]} --> {names[node]}\n");
                }
            }
        }

        return text.ToString();
    }
}
