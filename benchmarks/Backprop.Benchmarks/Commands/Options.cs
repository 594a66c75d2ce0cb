using System.Globalization;
using Backprop.Benchmarks.Suite;

namespace Backprop.Benchmarks.Commands;

/// <summary>Arguments that a command can't use; the message says why, and how the command is called.</summary>
public sealed class UsageException(string message) : Exception(message);

/// <summary>The options of a command, <c>--name value</c> each.</summary>
public sealed class Options
{
    private readonly Dictionary<string, string> values = [];
    private readonly string usage;

    /// <param name="arguments">What follows the command's name.</param>
    /// <param name="usage">Shown with every complaint.</param>
    /// <param name="known">The options there are.</param>
    public Options(ReadOnlySpan<string> arguments, string usage, params ReadOnlySpan<string> known)
    {
        this.usage = usage;
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (!known.Contains(arguments[i]) || i + 1 == arguments.Length)
            {
                throw Complaint($"'{arguments[i]}' is not understood");
            }

            values[arguments[i]] = arguments[i + 1];
        }
    }

    /// <summary>A whole number in a range.</summary>
    public int Integer(string name, int otherwise, int least, int most) =>
        !values.TryGetValue(name, out var text) ? otherwise
        : int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value
        : throw Complaint($"{name} {text}: not a whole number from {least} to {most}");

    /// <summary>A number in a range.</summary>
    public double Number(string name, double otherwise, double least, double most) =>
        !values.TryGetValue(name, out var text) ? otherwise
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value
        : throw Complaint(FormattableString.Invariant($"{name} {text}: not a number from {least} to {most}"));

    /// <summary>Some of a list of workloads by their names, separated by commas; all of them without <c>--only</c>.</summary>
    public IReadOnlyList<Workload> Choose(IReadOnlyList<Workload> all) =>
        values.TryGetValue("--only", out var names) ? [.. names.Split(',').Select(name => Find(all, name))] : all;

    /// <summary>One of a list of workloads.</summary>
    public Workload Find(IReadOnlyList<Workload> all, string name) =>
        all.FirstOrDefault(job => job.Name == name)
        ?? throw Complaint($"there is no '{name}'; there are {string.Join(", ", all.Select(job => job.Name))}");

    /// <summary>An error that ends with how the command is called.</summary>
    public UsageException Complaint(string message) => new(message + Environment.NewLine + usage);
}
