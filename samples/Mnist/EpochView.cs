using System.Diagnostics;
using Spectre.Console;

namespace MnistSample;

/// <summary>Shows an epoch while it runs: a bar in a terminal, nothing where the output goes to a file.</summary>
public static class EpochView
{
    private const double SecondsBetweenUpdates = 0.1;
    private const int MostBarWidth = 40;
    private const int LeastBarWidth = 10;
    private const int PercentageWidth = 7; // "100%", with the spaces around it

    public static Progress Run(string title, int images, Func<Action<Progress>, Progress> epoch)
    {
        if (Console.IsOutputRedirected)
        {
            return epoch(_ => { });
        }

        // The bar and the percentage always fit; of the figures only so many as there is room for.
        var width = AnsiConsole.Profile.Width - PercentageWidth;
        var barWidth = Math.Clamp(width - Line(title, default).Length - 1, LeastBarWidth, MostBarWidth);
        return AnsiConsole.Progress()
            .AutoClear(true) // a line with the result takes the bar's place
            .Columns(
                new ProgressBarColumn { Width = barWidth },
                new PercentageColumn(),
                new TaskDescriptionColumn { Alignment = Justify.Left })
            .Start(context =>
            {
                var bar = context.AddTask(title, maxValue: images);
                var shown = Stopwatch.StartNew();
                return epoch(progress =>
                {
                    if (shown.Elapsed.TotalSeconds >= SecondsBetweenUpdates)
                    {
                        shown.Restart();
                        bar.Value = progress.Seen;
                        bar.Description = Markup.Escape(Line(title, progress, width - barWidth - 1));
                    }
                });
            });
    }

    /// <summary>The figures of an epoch.</summary>
    /// <param name="title">What stands before them.</param>
    /// <param name="progress">The figures.</param>
    /// <param name="room">How many characters there is room for; what does not fit is left out, the last first.</param>
    public static string Line(string title, Progress progress, int room = int.MaxValue)
    {
        string[] parts = [title, $"loss {progress.Loss:F4}", $"accuracy {progress.Accuracy:F4}", $"{progress.ImagesPerSecond,7:N0} images/s"];
        const string Gap = "   ";
        var count = parts.Length;
        while (count > 1 && string.Join(Gap, parts[..count]).Length > room)
        {
            count--;
        }

        return string.Join(Gap, parts[..count]);
    }
}
