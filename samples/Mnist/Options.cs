using System.Globalization;

namespace MnistSample;

/// <summary>A command line that can't be understood.</summary>
public sealed class UsageException(string message) : Exception(message);

/// <summary>What the command line asks for.</summary>
public sealed record Options
{
    public const string Usage =
        """
        usage: Mnist [--data FOLDER] [--model keras|torch] [--epochs N] [--seed N] [--threads N] [--save FILE] [--load FILE] [--limit N]

          --data FOLDER    the four IDX files of MNIST, or of another data set in its form, plain or gzipped; by default
                           $BACKPROP_DATA/mnist, a folder of this user's where downloads are kept, a download, synthetic digits
          --model NAME     keras: 784-128-10, Adam 0.001, batches of 32, 5 epochs (the default)
                           torch: 784-200-10, SGD 0.01 with momentum 0.9, batches of 64, 10 epochs
          --epochs N       how often to go through the training images; 0 only evaluates
          --seed N         decides first weights and order; the same seed gives the same result on any number of threads; 0 by default
          --threads N      how many threads compute, 1 to 1024; by default as many as there are cores
          --save FILE      where to put the model after training (safetensors); also where Ctrl+C saves, which without it
                           takes mnist-MODEL.safetensors in the current folder, or -2, -3, … where that exists
          --load FILE      the model to begin with
          --limit N        only the first N training images; the test images are always all used
          --help           this text

        Ctrl+C stops the training, saves and evaluates the model; a second one ends the program at once.
        exit code: 0 done, or stopped and saved; 1 a file cannot be read or written; 2 this command line; 130 stopped before training
        """;

    public string? Data { get; init; }

    public Recipe Model { get; init; } = Recipe.All[0];

    public int? Epochs { get; init; }

    public ulong Seed { get; init; }

    public int? Threads { get; init; }

    public string? Save { get; init; }

    public string? Load { get; init; }

    public int? Limit { get; init; }

    public bool Help { get; init; }

    /// <summary>Reads a command line: <c>--name value</c> or <c>--name=value</c>, in any order, each at most once.</summary>
    /// <exception cref="UsageException">It can't be understood; the message says why.</exception>
    public static Options Parse(IReadOnlyList<string> arguments)
    {
        var options = new Options();
        var seen = new HashSet<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var parts = arguments[i].Split('=', 2);
            var name = parts[0];
            if (name is "--help" or "-h" && parts.Length == 1)
            {
                return options with { Help = true };
            }

            if (!seen.Add(name))
            {
                throw new UsageException($"{name} is given twice");
            }

            // Asked for only where the name is known, so that an unknown one is reported as such.
            string Value() => Given(name, parts.Length == 2 ? parts[1] : ++i < arguments.Count ? arguments[i] : "");
            options = name switch
            {
                "--data" => options with { Data = Value() },
                "--model" => options with { Model = Named(Value()) },
                "--epochs" => options with { Epochs = Number(name, Value(), 0, int.MaxValue) },
                "--seed" => options with { Seed = Number<ulong>(name, Value(), 0, ulong.MaxValue) },
                "--threads" => options with { Threads = Number(name, Value(), 1, 1024) },
                "--save" => options with { Save = Value() },
                "--load" => options with { Load = Value() },
                "--limit" => options with { Limit = Number(name, Value(), 1, int.MaxValue) },
                _ => throw new UsageException($"unknown option '{arguments[i]}'"),
            };
        }

        return options;
    }

    private static string Given(string name, string value) =>
        value.Length > 0 && !value.StartsWith("--", StringComparison.Ordinal) ? value : throw new UsageException($"{name} needs a value");

    private static Recipe Named(string name) =>
        Recipe.All.FirstOrDefault(recipe => recipe.Name == name)
        ?? throw new UsageException($"--model must be {string.Join(" or ", Recipe.All.Select(recipe => recipe.Name))}, not '{name}'");

    private static T Number<T>(string name, string value, T least, T most)
        where T : struct, System.Numerics.IBinaryInteger<T> =>
        T.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : throw new UsageException($"{name} must be a whole number from {least} to {most}, not '{value}'");
}
