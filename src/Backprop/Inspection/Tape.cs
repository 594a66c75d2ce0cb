using System.Collections;
using Backprop.Inspection;

namespace Backprop;

/// <summary>The stretch of the tape behind a tensor: every recorded operation that it was computed from, in order.</summary>
/// <example><code>
/// foreach (var node in Tape.Of(loss)) Console.WriteLine(node);
/// Console.WriteLine(Tape.Of(loss).ToTable());
/// File.WriteAllText("tape.mmd", Tape.Of(loss).ToMermaid());
/// Console.WriteLine(Tape.Explain(() => (w * x + b).Sigmoid().Sum()));
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

    /// <summary>
    /// Runs a function and writes out how its derivatives come about: forward the value of every recorded operation, then backward, for each operation, the
    /// gradient of its result, the derivative of its result by each input, and the product of the two, which is what the input is owed.
    /// </summary>
    /// <param name="function">
    /// Computes a tensor from others that require gradients; the walk begins with ones in its shape. Derivatives are shown up to a few hundred elements, and
    /// values abridged as tensors are when printed, so use it on something small. Name your tensors: the names stand in the text.
    /// </param>
    /// <param name="decimals">Digits behind the point.</param>
    /// <returns>The text; nodes are numbered from 1 as in <see cref="ToTable"/> and <see cref="ToMermaid"/>.</returns>
    /// <remarks>No <see cref="Tensor.Gradient"/> is touched and nothing is dropped. The function is called once.</remarks>
    /// <exception cref="InvalidOperationException">The function's result was not recorded: nothing in it requires a gradient.</exception>
    /// <example><code>
    /// var w = Tensor.From([0.1, 0.2]).RequireGradient();
    /// w.Name = "w";
    /// var x = Tensor.From([1.0, 2.0]);
    /// Console.WriteLine(Tape.Explain(() => (w * x).Sum().Sigmoid()));
    /// </code></example>
    public static string Explain(Func<Tensor> function, int decimals = 6)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentOutOfRangeException.ThrowIfNegative(decimals);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(decimals, 15);
        return Explanation.Of(function, decimals);
    }

    /// <inheritdoc/>
    public IEnumerator<Node> GetEnumerator() => nodes.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The listing, a line per operation.</summary>
    public override string ToString() => string.Join(Environment.NewLine, nodes);

    /// <summary>
    /// The listing as a table: what each operation was applied to, its result's shape, the parameters in it, the memory that the tape keeps for its gradient,
    /// and what computing it costs. The last line has the sums.
    /// </summary>
    /// <remarks>
    /// Parameters are counted at the leaves. Kept are the bytes of the tensors saved for the gradient, a storage at the first operation that saved it; none
    /// once a walk has dropped them. Floating point operations are counted from shapes, multiplication and addition as two. Bytes are those of operands and
    /// result, each once; views cost neither. A <c>?</c> stands where the tape no longer knows an operand's shape.
    /// </remarks>
    public string ToTable() => TapeTable.Write(this);

    /// <summary>A Mermaid flowchart; leaves are drawn round. Nodes are numbered from 1 in tape order.</summary>
    public string ToMermaid() => TapeDrawing.Mermaid(this);

    /// <summary>A graph in Graphviz' language DOT; leaves are drawn round. Nodes are numbered from 1 in tape order.</summary>
    /// <example><code>
    /// File.WriteAllText("tape.dot", Tape.Of(loss).ToDot());       // dot -Tsvg tape.dot -o tape.svg
    /// </code></example>
    public string ToDot() => TapeDrawing.Dot(this);
}
