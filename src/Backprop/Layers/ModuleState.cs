namespace Backprop.Layers;

/// <summary>Holds a state dictionary against the tensors of a module, and copies it.</summary>
internal static class ModuleState
{
    /// <summary>All that stands in the way of copying <paramref name="state"/> to <paramref name="own"/>, one line each.</summary>
    public static List<string> Misfits(List<(string Name, Tensor Tensor)> own, IReadOnlyDictionary<string, Tensor> state, bool strict)
    {
        var lines = new List<string>();
        var names = new HashSet<string>();
        foreach (var (name, tensor) in own)
        {
            names.Add(name);
            if (!state.TryGetValue(name, out var other) || other is null)
            {
                if (strict)
                {
                    lines.Add($"missing: {name} {Text(tensor)}");
                }
            }
            else if (!other.Shape.SequenceEqual(tensor.Shape))
            {
                lines.Add($"shape differs: {name} is {Text(tensor)} in the module, {Text(other)} in the state");
            }
            else if (other.DType != tensor.DType && !Widens(other.DType, tensor.DType))
            {
                lines.Add($"dtype differs: {name} is {Text(tensor)} in the module, {Text(other)} in the state; convert with To(DType.{tensor.DType})");
            }
        }

        if (strict)
        {
            lines.AddRange(state.Where(entry => !names.Contains(entry.Key)).Select(entry => $"unexpected: {entry.Key} {Text(entry.Value)}"));
        }

        return lines;
    }

    /// <summary>The headline and the lines below it.</summary>
    public static string Describe(string headline, List<string> misfits) =>
        $"{headline}; nothing was changed.\n  {string.Join("\n  ", misfits)}";

    /// <summary>Copies what both sides have.</summary>
    public static void Copy(IReadOnlyDictionary<string, Tensor> state, List<(string Name, Tensor Tensor)> own)
    {
        using (Recording.Pause())
        {
            // Every tensor is looked at first: a recycled one among them throws before anything is changed.
            var pairs = new List<(Tensor To, Tensor From)>();
            foreach (var (name, tensor) in own)
            {
                if (state.TryGetValue(name, out var other) && other is not null)
                {
                    tensor.CheckAlive();
                    other.CheckAlive();
                    pairs.Add((tensor, other));
                }
            }

            foreach (var (to, from) in pairs)
            {
                to.CopyFrom(from.To(to.DType));
            }
        }
    }

    /// <summary>Files of 16-bit weights go into wider models: nothing is lost.</summary>
    private static bool Widens(DType from, DType to) => from.IsSixteen() && to is DType.Float32 or DType.Float64;

    private static string Text(Tensor? tensor) => tensor is null ? "null" : $"{tensor.DType.Label()} {Error.Text(tensor.Shape)}";
}
