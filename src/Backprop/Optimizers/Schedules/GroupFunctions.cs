namespace Backprop.Optimizers;

/// <summary>Functions of the step: one for all groups or one for each.</summary>
internal static class GroupFunctions
{
    public static Func<int, double>[] Check(string schedule, Func<int, double>[] functions)
    {
        ArgumentNullException.ThrowIfNull(functions);
        if (functions.Length == 0 || Array.IndexOf(functions, null) >= 0)
        {
            throw new ArgumentException(
                $"{schedule}: {(functions.Length == 0 ? "there are no functions" : "a function is null")}; give one, or one for each group.",
                nameof(functions));
        }

        return [.. functions];
    }

    public static Func<int, double> Of(string schedule, Func<int, double>[] functions, int group) => functions.Length == 1 ? functions[0]
        : (uint)group < (uint)functions.Length ? functions[group]
        : throw Error.Range(schedule, nameof(group), group, $"0 … {functions.Length - 1}: the schedule was given functions for {functions.Length} groups");
}
