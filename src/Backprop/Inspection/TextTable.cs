using System.Text;

namespace Backprop.Inspection;

/// <summary>Columns of text: those that hold words from the left, those that hold numbers from the right.</summary>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> rows = [];
    private string[]? sums;

    public void Add(params string[] cells) => rows.Add(cells);

    /// <summary>A last row behind a line.</summary>
    public void AddSums(params string[] cells) => sums = cells;

    public override string ToString()
    {
        string[][] all = sums is null ? [headings, .. rows] : [headings, .. rows, sums];
        var widths = headings.Select((_, column) => all.Max(row => row[column].Length)).ToArray();
        var areWords = headings.Select((_, column) => rows.Any(row => row[column].Length > 0 && !IsNumber(row[column]))).ToArray();
        var rule = new string('-', widths.Sum() + (2 * (widths.Length - 1))) + "\n";
        var text = new StringBuilder();
        Write(headings);
        text.Append(rule);
        rows.ForEach(Write);
        if (sums is not null)
        {
            text.Append(rule);
            Write(sums);
        }

        return text.ToString();

        void Write(string[] row)
        {
            var cells = row.Select((cell, column) => areWords[column] ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            text.Append(string.Join("  ", cells).TrimEnd()).Append('\n');
        }
    }

    private static bool IsNumber(string cell) => char.IsAsciiDigit(cell.TrimStart('-')[0]) || cell == "?";
}
