using System.Text;
using Backprop.Data;

namespace MnistSample;

/// <summary>Writes what an evaluation found: figures of each class, the confusion matrix, and some mistakes as pictures.</summary>
public static class Report
{
    private const int MostMistakes = 6;
    private const int Gap = 2;
    private const string Shades = " .:-=+*#%@";

    public static void Write(TextWriter writer, Evaluation evaluation, LabeledImages images, int width)
    {
        WriteClasses(writer, evaluation);
        WriteConfusion(writer, evaluation);
        WriteMistakes(writer, evaluation, images, width);
    }

    private static void WriteClasses(TextWriter writer, Evaluation evaluation)
    {
        writer.WriteLine("class   precision   recall       F1    images");
        var classes = Enumerable.Range(0, Recipe.Classes).ToArray();
        foreach (var c in classes)
        {
            writer.WriteLine($"{c,5}{evaluation.Precision(c),12:F4}{evaluation.Recall(c),9:F4}{evaluation.F1(c),9:F4}{evaluation.CountOf(c),10:N0}");
        }

        writer.WriteLine(
            $" mean{classes.Average(evaluation.Precision),12:F4}{classes.Average(evaluation.Recall),9:F4}{classes.Average(evaluation.F1),9:F4}"
            + $"{evaluation.Count,10:N0}");
        writer.WriteLine();
    }

    private static void WriteConfusion(TextWriter writer, Evaluation evaluation)
    {
        writer.WriteLine("confusion matrix: a row is what an image is, a column what the model says");
        var classes = Enumerable.Range(0, Recipe.Classes).ToArray();
        writer.WriteLine($"     {string.Concat(classes.Select(c => $"{c,6}"))}");
        foreach (var label in classes)
        {
            writer.WriteLine($"{label,5}{string.Concat(classes.Select(answer => $"{evaluation.Confusion(label, answer),6}"))}");
        }

        writer.WriteLine();
    }

    private static void WriteMistakes(TextWriter writer, Evaluation evaluation, LabeledImages images, int width)
    {
        if (evaluation.Mistakes.Count == 0)
        {
            writer.WriteLine("no mistakes");
            return;
        }

        writer.WriteLine($"{evaluation.Mistakes.Count:N0} mistakes; those that the model is surest of:");
        var perRow = Math.Max(1, (width + Gap) / (images.Columns + Gap));
        var count = Math.Max(perRow, MostMistakes / perRow * perRow); // full rows
        foreach (var row in evaluation.Mistakes.Take(count).Chunk(perRow))
        {
            writer.WriteLine();
            WriteSideBySide(writer, row.Select(mistake => Caption(mistake).PadRight(images.Columns)));
            for (var line = 0; line < images.Rows; line += 2)
            {
                WriteSideBySide(writer, row.Select(mistake => Draw(images, mistake.Image, line)));
            }
        }

        writer.WriteLine();
    }

    private static string Caption(Mistake mistake) => $"{mistake.Label}, read as {mistake.Answer} ({mistake.Probability:P1})";

    private static void WriteSideBySide(TextWriter writer, IEnumerable<string> parts) =>
        writer.WriteLine(string.Join(new string(' ', Gap), parts).TrimEnd());

    /// <summary>Two rows of pixels as one line, for a character is about twice as high as wide.</summary>
    private static string Draw(LabeledImages images, int image, int row)
    {
        var pixels = images.Image(image);
        var line = new StringBuilder(images.Columns);
        for (var column = 0; column < images.Columns; column++)
        {
            var upper = pixels[(row * images.Columns) + column];
            var lower = row + 1 < images.Rows ? pixels[((row + 1) * images.Columns) + column] : (byte)0;
            line.Append(Shades[(upper + lower) * Shades.Length / 511]);
        }

        return line.ToString();
    }
}
