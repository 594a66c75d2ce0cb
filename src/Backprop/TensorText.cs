using System.Text;

namespace Backprop;

/// <summary>Tensors as text in NumPy's layout.</summary>
internal sealed class TensorText
{
    public const int DefaultDecimals = 4;

    private const int LineWidth = 75;
    private const int MostElements = 1000;
    private const int EdgeItems = 3;
    private const string Gap = "...";

    private readonly Tensor tensor;
    private readonly NumberFormat format;
    private readonly bool summarise;

    private TensorText(Tensor tensor, int decimals)
    {
        this.tensor = tensor;
        summarise = tensor.Count > MostElements;
        var shown = new List<int>();
        Collect(0, tensor.Layout.Offset, shown);
        format = NumberFormat.For(tensor, shown, decimals);
    }

    public static string Of(Tensor tensor, int decimals)
    {
        tensor.CheckAlive();
        if (tensor.Rank == 0)
        {
            return Scalar(tensor, tensor.Layout.Offset);
        }

        if (tensor.Count == 0)
        {
            return tensor.Rank == 1 ? "[]" : $"[], shape {Error.Text(tensor.Shape)}";
        }

        return new TensorText(tensor, decimals).Axis(0, tensor.Layout.Offset);
    }

    /// <summary>One element by itself, in full precision.</summary>
    public static string Scalar(Tensor tensor, int offset) => NumberFormat.Full(tensor, offset);

    /// <summary>The storage positions of the elements that are shown: they alone decide on the format.</summary>
    private void Collect(int axis, int offset, List<int> shown)
    {
        if (axis == tensor.Rank)
        {
            shown.Add(offset);
            return;
        }

        foreach (var i in Shown(axis))
        {
            if (i >= 0)
            {
                Collect(axis + 1, offset + (i * tensor.Strides[axis]), shown);
            }
        }
    }

    /// <summary>The positions of an axis that are shown; −1 for the gap.</summary>
    private IEnumerable<int> Shown(int axis)
    {
        var size = tensor.Shape[axis];
        var hasGap = summarise && size > 2 * EdgeItems;
        for (var i = 0; i < size; i++)
        {
            if (hasGap && i == EdgeItems)
            {
                yield return -1;
                i = size - EdgeItems;
            }

            yield return i;
        }
    }

    private string Axis(int axis, int offset) => axis == tensor.Rank - 1 ? Row(axis, offset) : Block(axis, offset);

    /// <summary>The last axis, broken into lines where it is long.</summary>
    private string Row(int axis, int offset)
    {
        // Every axis costs one bracket on either side, and the innermost row begins behind all of them.
        var indent = new string(' ', axis + 1);
        var width = LineWidth - axis - 1;
        var text = new StringBuilder();
        var line = new StringBuilder("[".PadLeft(axis + 1));
        var isFirst = true;
        foreach (var i in Shown(axis))
        {
            var word = i < 0 ? Gap : format.Text(tensor, offset + (i * tensor.Strides[axis]));
            if (!isFirst && line.Length + 1 + word.Length > width)
            {
                text.Append(line).Append('\n');
                line.Clear().Append(indent).Append(word);
            }
            else
            {
                line.Append(isFirst ? "" : " ").Append(word);
            }

            isFirst = false;
        }

        return text.Append(line).Append(']').ToString()[axis..];
    }

    private string Block(int axis, int offset)
    {
        var separator = new string('\n', tensor.Rank - axis - 1) + new string(' ', axis + 1);
        var parts = new List<string>();
        foreach (var i in Shown(axis))
        {
            parts.Add(i < 0 ? Gap : Axis(axis + 1, offset + (i * tensor.Strides[axis])));
        }

        return $"[{string.Join(separator, parts)}]";
    }
}
