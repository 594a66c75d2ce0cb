using System.Globalization;
using Backprop.Memory;

namespace Backprop.Inspection;

/// <summary>A tape as a table with sums.</summary>
internal static class TapeTable
{
    public static string Write(Tape tape)
    {
        var table = new TextTable("#", "operation", "inputs", "result", "parameters", "kept bytes", "FLOPs", "bytes");
        var numbers = TapeDrawing.Numbers(tape);
        var counted = new HashSet<Storage>();
        var saved = new List<Tensor>();
        var operations = 0;
        long parameters = 0, kept = 0;
        double flops = 0, bytes = 0;
        foreach (var node in tape)
        {
            var inputs = Enumerable.Range(0, node.InputCount).Select(i => node.Input(i) is { } input ? Text(numbers[input]) : "·");
            long own = node is Leaf ? node.Layout.Count : 0;
            saved.Clear();
            node.AddSaved(saved);
            var memory = saved.Where(tensor => !tensor.Storage.IsRecycled && counted.Add(tensor.Storage)).Sum(tensor => (long)tensor.Storage.ByteLength);
            var (work, traffic) = Cost(node);
            table.Add(
                Text(numbers[node]),
                node.Label,
                string.Join(", ", inputs),
                $"{node.DType.Label()} {Error.Text(node.Shape)}",
                own == 0 ? "" : Text(own),
                memory == 0 ? "" : Text(memory),
                node is Leaf ? "" : Text(work),
                node is Leaf ? "" : Text(traffic));
            operations += node is Leaf ? 0 : 1;
            (parameters, kept, flops, bytes) = (parameters + own, kept + memory, flops + work, bytes + traffic);
        }

        table.AddSums("", $"{operations} operations", "", "", Text(parameters), Text(kept), Text(flops), Text(bytes));
        return table.ToString();
    }

    /// <summary>Floating point operations and bytes moved; NaN where an operand is no longer known.</summary>
    private static (double Flops, double Bytes) Cost(Node node)
    {
        if (node.Op is not { } op || op is ViewOp)
        {
            return (0, 0);
        }

        var layouts = new Layout?[node.InputCount];
        var bytes = (double)node.Layout.Count * node.DType.Size();
        for (var i = 0; i < layouts.Length; i++)
        {
            var saved = node.SavedOrNull(i);
            layouts[i] = node.Input(i)?.Layout ?? saved?.Layout;
            bytes += layouts[i] is { } layout ? (double)layout.Count * (node.Input(i)?.DType ?? saved!.DType).Size() : double.NaN;
        }

        return (op.CountFlops(layouts, node.Layout), bytes);
    }

    private static string Text(double number) => double.IsNaN(number) ? "?" : number.ToString("N0", CultureInfo.InvariantCulture);
}
