using System.Text;

namespace Backprop.Inspection;

/// <summary>Columns of text: the first one from the left, those that hold numbers from the right.</summary>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> rows = [headings];

    public void Add(params string[] cells) => rows.Add(cells);

    public override string ToString()
    {
        var widths = headings.Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        var isText = headings.Select((_, column) => rows.Skip(1).Any(row => row[column].Length > 0 && !char.IsAsciiDigit(row[column].TrimStart('-')[0]))).ToArray();
        var text = new StringBuilder();
        foreach (var (number, row) in rows.Index())
        {
            var cells = row.Select((cell, column) => isText[column] ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            text.Append(string.Join("  ", cells).TrimEnd()).Append('\n');
            if (number == 0)
            {
                text.Append('-', widths.Sum() + (2 * (widths.Length - 1))).Append('\n');
            }
        }

        return text.ToString();
    }
}
