using System.Diagnostics;
using Spectre.Console;

namespace MnistSample;

/// <summary>Shows an epoch while it runs: a bar in a terminal, nothing where the output goes to a file.</summary>
public static class EpochView
{
    private const double SecondsBetweenUpdates = 0.1;

    public static Progress Run(string title, int images, Func<Action<Progress>, Progress> epoch)
    {
        if (Console.IsOutputRedirected)
        {
            return epoch(_ => { });
        }

        return AnsiConsole.Progress()
            .AutoClear(true) // a line with the result takes the bar's place
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn())
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
                        bar.Description = Markup.Escape(Line(title, progress));
                    }
                });
            });
    }

    public static string Line(string title, Progress progress) =>
        $"{title}   loss {progress.Loss:F4}   accuracy {progress.Accuracy:F4}   {progress.ImagesPerSecond,7:N0} images/s";
}
