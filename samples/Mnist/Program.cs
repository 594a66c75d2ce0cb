using Backprop;
using Backprop.Data;
using MnistSample;

// Learns to read handwritten digits. The options are explained in Options.cs, or by --help.
Console.OutputEncoding = System.Text.Encoding.UTF8;
Options options;
try
{
    options = Options.Parse(args);
}
catch (UsageException error)
{
    Console.Error.WriteLine($"{error.Message}\n\n{Options.Usage}");
    return 2;
}

if (options.Help)
{
    Console.WriteLine(Options.Usage);
    return 0;
}

using var stop = new StopSignal();
try
{
    await Run(options, stop.Token);
    return 0;
}
catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"error: {string.Join("; ", error.Message.Split('\n', StringSplitOptions.TrimEntries))}");
    return 1;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("stopped before training; nothing to save");
    return 0;
}

static async Task Run(Options options, CancellationToken stop)
{
    if (options.Save is { } target)
    {
        CheckTarget(target); // now rather than after the training
    }

    if (options.Threads is { } threads)
    {
        Parallelism.Threads = threads;
    }

    var recipe = options.Model;
    var model = recipe.Build(options.Seed);
    if (options.Load is { } file)
    {
        model.Load(file);
    }

    var data = options.Data is { } folder ? Mnist.Load(folder) : await Mnist.LoadAsync(new DownloadLines(), stop);
    var training = data.Training.Take(options.Limit ?? data.Training.Count);
    var epochs = options.Epochs ?? recipe.Epochs;
    Console.WriteLine($"data: {data.Source}");
    Console.WriteLine($"      {training.Count:N0} training images, {data.Test.Count:N0} test images");
    Console.WriteLine(
        $"model: {recipe.Name}, 784-{recipe.Hidden}-10, {model.Parameters().Sum(parameter => parameter.Count):N0} parameters, batches of {recipe.BatchSize}, "
        + $"seed {options.Seed}, {Parallelism.Threads} thread{(Parallelism.Threads == 1 ? "" : "s")}");

    var trainer = new Trainer(recipe, model, training, options.Seed);
    for (var epoch = 1; epoch <= epochs && !stop.IsCancellationRequested; epoch++)
    {
        var title = $"epoch {epoch}/{epochs}";
        var progress = EpochView.Run(title, training.Count, report => trainer.RunEpoch(report, stop));
        var test = stop.IsCancellationRequested ? "stopped" : $"test {Evaluation.Of(model, data.Test).Accuracy:F4}";
        Console.WriteLine($"{EpochView.Line(title, progress)}   {progress.Seconds:F2} s   {test}");
    }

    // Who stops a training by Ctrl+C does not lose it, even where no file was named.
    if ((options.Save ?? (stop.IsCancellationRequested ? $"mnist-{recipe.Name}.safetensors" : null)) is { } path)
    {
        model.Save(path);
        Console.WriteLine($"model saved to {Path.GetFullPath(path)}");
    }

    var evaluation = Evaluation.Of(model, data.Test);
    if (!stop.IsCancellationRequested)
    {
        Console.WriteLine();
        Report.Write(Console.Out, evaluation, data.Test, Console.IsOutputRedirected ? 80 : Console.WindowWidth);
    }

    Console.WriteLine($"test accuracy: {evaluation.Accuracy:F4}");
}

static void CheckTarget(string file)
{
    if (Directory.Exists(file))
    {
        throw new IOException($"{file}: is a folder; --save needs the name of a file.");
    }

    if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(file))))
    {
        throw new DirectoryNotFoundException($"{file}: there is no such folder to save to.");
    }
}
