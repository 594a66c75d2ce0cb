using Backprop;
using Backprop.Data;
using Backprop.Layers;
using MnistSample;

// Learns to read handwritten digits. Start with Trainer.cs, where the learning is, and Recipe.cs, which has the models;
// this file reads the command line and puts the parts together. The options are explained in Options.cs, or by --help.
const int Interrupted = 130; // what a shell says of a program that Ctrl+C ended; one that could save has ended well
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
    Console.Error.WriteLine($"error: {error.Message}");
    return 1;
}
catch (OperationCanceledException)
{
    Console.Error.WriteLine("stopped before training; nothing to save");
    return Interrupted;
}

static async Task Run(Options options, CancellationToken stop)
{
    if (options.Save is { } target)
    {
        ModelFile.CheckWritable(target);
    }

    if (options.Threads is { } threads)
    {
        Parallelism.Threads = threads;
    }

    var recipe = options.Model;
    var model = recipe.Build(options.Seed);
    if (options.Load is { } file)
    {
        Load(model, file, recipe);
    }

    var data = options.Data is { } folder ? Mnist.Load(folder) : await Mnist.LoadAsync(new DownloadLines(), stop);
    var training = data.Training.Take(options.Limit ?? data.Training.Count);
    var epochs = options.Epochs ?? recipe.Epochs;
    stop.ThrowIfCancellationRequested();
    Console.WriteLine($"data: {data.Source}{(data.IsSynthetic ? " (no download; use --data FOLDER)" : "")}");
    foreach (var note in data.Notes)
    {
        Console.WriteLine($"      {note.ReplaceLineEndings("\n      ")}");
    }

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

    var stopped = stop.IsCancellationRequested;

    // Who stops a training by Ctrl+C does not lose it, even where no file was named.
    if ((options.Save ?? (stopped ? ModelFile.FreeName(Environment.CurrentDirectory, recipe) : null)) is { } path)
    {
        model.Save(path);
        Console.WriteLine($"model saved to {Path.GetFullPath(path)}");
    }

    var evaluation = Evaluation.Of(model, data.Test);
    if (!stopped)
    {
        Console.WriteLine();
        Report.Write(Console.Out, evaluation, data.Test, Console.IsOutputRedirected ? 80 : Console.WindowWidth);
    }

    Console.WriteLine($"test accuracy: {evaluation.Accuracy:F4}");
}

static void Load(Module model, string file, Recipe recipe)
{
    var state = Safetensors.Load(file);
    try
    {
        model.LoadStateDictionary(state);
    }
    catch (ArgumentException error)
    {
        var others = string.Join(" or ", Recipe.All.Where(other => other != recipe).Select(other => $"--model {other.Name}"));
        var differences = error.Message[(error.Message.IndexOf('\n', StringComparison.Ordinal) + 1)..];
        throw new InvalidDataException($"{file} does not fit --model {recipe.Name}; try {others}.\n{differences}", error);
    }
}
