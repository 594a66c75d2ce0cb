using System.Globalization;
using System.Text;
using Backprop.Devices;

namespace Backprop.Inspection;

/// <summary>A computation and its derivatives, written out.</summary>
internal sealed class Explanation
{
    /// <summary>The most elements of a local derivative that are worked out and shown.</summary>
    private const int MostDerivatives = 400;

    /// <summary>The most operations whose derivatives are written out; the later ones, which the walk meets first.</summary>
    private const int MostNodes = 200;

    private readonly StringBuilder text = new();
    private readonly ExplanationWatch watch;
    private readonly Dictionary<Node, int> numbers;
    private readonly Tape tape;
    private readonly int decimals;

    private Explanation(ExplanationWatch watch, Tape tape, int decimals)
    {
        this.watch = watch;
        this.tape = tape;
        this.decimals = decimals;
        numbers = TapeDrawing.Numbers(tape);
    }

    public static string Of(Func<Tensor> function, int decimals)
    {
        var watch = new ExplanationWatch();
        Tensor y;
        Dictionary<Node, Tensor> leaves = new(ReferenceEqualityComparer.Instance);
        using (Watch.Install(watch))
        {
            y = function() ?? throw new ArgumentException("explain: the function's result is null.", nameof(function));
            var tape = Tape.Of(y);
            if (tape.Count == 0)
            {
                throw new InvalidOperationException(
                    $"explain: {y.Describe()} was not recorded: nothing it was computed from requires a gradient, or recording was paused.");
            }

            watch.IsWalking = true;
            Tensor[] wanted = [.. tape.OfType<Leaf>().Select(leaf => leaf.Tensor)];
            foreach (var (x, gradient) in wanted.Zip(Gradient.OrNull(y, wanted, Tensor.OnesLike(y))))
            {
                if (gradient is not null)
                {
                    leaves[x.Node!] = gradient;
                }
            }
        }

        using (Recording.Set(true))
        {
            return new Explanation(watch, Tape.Of(y), decimals).Write(leaves);
        }
    }

    private string Write(Dictionary<Node, Tensor> leaves)
    {
        text.Append("Forward: values\n");
        foreach (var node in tape)
        {
            Forward(node);
        }

        var last = tape[^1];
        text.Append("\nBackward: each operation's gradient times its local derivatives is what its inputs are owed\n");
        foreach (var node in tape.Reverse().Where(node => node is not Leaf).Take(MostNodes))
        {
            Backward(node);
        }

        if (tape.Count(node => node is not Leaf) - MostNodes is var more and > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"… and {more} operations before them\n");
        }

        text.Append("\nGradients of the leaves: what they were owed, added up\n");
        foreach (var leaf in tape.OfType<Leaf>())
        {
            Value($"∂{Name(last)}/∂{Name(leaf)}", leaves.GetValueOrDefault(leaf));
        }

        return text.ToString();
    }

    private void Forward(Node node)
    {
        if (node is Leaf leaf)
        {
            Value(Name(node), leaf.Tensor.Detach());
            return;
        }

        var known = watch.Values.TryGetValue(node, out var values);
        var inputs = Enumerable.Range(0, node.InputCount).Select(i => node.Input(i) is { } input ? Name(input) : known ? Constant(values.Inputs[i]) : "·");
        if (node.Op!.IsPlaceholder)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {Name(node)}: a segment that the walk computes again\n");
            return;
        }

        Value($"{Name(node)} = {node.Label}({string.Join(", ", inputs)})", known ? values.Output : null);
    }

    private void Backward(Node node)
    {
        var last = tape[^1];
        if (node.Op!.IsPlaceholder || !watch.Gradients.TryGetValue(node, out var gradient))
        {
            return;
        }

        Value($"∂{Name(last)}/∂{Name(node)}", gradient);
        var known = watch.Values.TryGetValue(node, out var values);
        for (var i = 0; i < node.InputCount; i++)
        {
            if (node.Input(i) is not { } input)
            {
                continue;
            }

            if (!known)
            {
                text.Append(CultureInfo.InvariantCulture, $"    ∂{Name(node)}/∂{Name(input)}: ");
                text.Append("operands not known; computed before this function, or a segment that is computed again\n");
                continue;
            }

            Local(node, i, input, values.Inputs, gradient);
        }
    }

    /// <summary>The derivative of one operation by one input, and its product with the gradient.</summary>
    private void Local(Node node, int index, Node input, Tensor[] inputs, Tensor gradient)
    {
        var x = inputs[index].To(input.DType).Detach().RequireGradient();
        var operands = inputs.Select((tensor, i) => i == index ? x : tensor).ToArray();
        var y = node.Op!.Apply(operands);
        var owed = y.Node is null ? null : Gradient.OrNull(y, [x], gradient.To(y.DType))[0];
        var name = $"∂{Name(node)}/∂{Name(input)}";
        if (owed is null)
        {
            text.Append(CultureInfo.InvariantCulture, $"    {name} = 0\n");
            return;
        }

        if ((long)x.Count * y.Count > MostDerivatives)
        {
            text.Append(CultureInfo.InvariantCulture, $"    {name} has {y.Count} × {x.Count} elements, not shown\n");
        }
        else
        {
            var matrix = Jacobian(x, y);
            if (y.Count == 1)
            {
                Value(name, matrix.Reshape(x.Shape), 4);
            }
            else if (Diagonal(matrix) is { } diagonal && x.Layout.HasShape(y.Shape))
            {
                Value($"{name}, element by element", diagonal.Reshape(x.Shape), 4);
            }
            else
            {
                Value($"{name}, a row for each element of {Name(node)}, a column for each of {Name(input)}", matrix, 4);
            }
        }

        Value($"owed to {Name(input)}", owed, 4);
    }

    private static Tensor Jacobian(Tensor x, Tensor y)
    {
        var rows = new Tensor[y.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            var seed = Tensor.Zeros([y.Count], y.DType);
            seed[i].Fill(1);
            rows[i] = (Gradient.OrNull(y, [x], seed.Reshape(y.Shape))[0] ?? Tensor.ZerosLike(x)).Reshape([x.Count]);
        }

        return rows.Length == 0 ? Tensor.Zeros([0, x.Count], x.DType) : Tensor.Stack(rows);
    }

    /// <summary>The diagonal of a square matrix that has nothing beside it; else null.</summary>
    private static Tensor? Diagonal(Tensor matrix)
    {
        var n = matrix.Shape[0];
        if (n != matrix.Shape[1])
        {
            return null;
        }

        var values = matrix.To(DType.Float64).ToArray<double>();
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] != 0 && i % (n + 1) != 0)
            {
                return null;
            }
        }

        return Tensor.From(Enumerable.Range(0, n).Select(i => values[i * (n + 1)]).ToArray());
    }

    /// <summary>name = value, further lines of the value below its first.</summary>
    private void Value(string name, Tensor? value, int indent = 2)
    {
        var line = new string(' ', indent) + name + " = ";
        var lines = (value is null ? "(not known)" : Text(value)).ReplaceLineEndings("\n").Split('\n');

        // A long name has its matrix below, not far out on the right.
        if (lines.Length > 1 && line.Length > 40)
        {
            text.Append(line.TrimEnd()).Append('\n');
            line = new string(' ', indent + 4);
            text.Append(line);
        }
        else
        {
            text.Append(line);
        }

        for (var i = 0; i < lines.Length; i++)
        {
            text.Append(i == 0 ? "" : new string(' ', line.Length)).Append(lines[i]).Append('\n');
        }
    }

    private string Name(Node node) => node is Leaf { Tensor.Name: { } name } ? name : $"#{numbers[node]}";

    /// <summary>The elements; a scalar alone is rounded like the others.</summary>
    private string Text(Tensor value) => value.Rank == 0 ? value.Reshape([1]).ToString(decimals)[1..^1].TrimEnd('.') : value.ToString(decimals);

    private string Constant(Tensor tensor) => tensor.Count <= 8
        ? string.Join(' ', Text(tensor).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        : $"constant {Error.Text(tensor.Shape)}";
}
