namespace Backprop.Optimizers;

/// <summary>Reads single numbers from a state dictionary.</summary>
internal static class SavedScalar
{
    /// <summary>The number under a name, or an exception that says what is there instead.</summary>
    public static T Read<T>(IReadOnlyDictionary<string, Tensor> state, string key)
        where T : unmanaged
    {
        if (!state.TryGetValue(key, out var value) || value is null)
        {
            throw new ArgumentException($"load_state_dictionary: '{key}' is missing; was the state saved with as many parameters and groups?", nameof(state));
        }

        var dtype = DTypes.Of<T>();
        return value.DType == dtype && value.Count == 1
            ? value.Item<T>()
            : throw new ArgumentException($"load_state_dictionary: '{key}' is {ParameterGroup.Text(value)}; it must be one {dtype.Label()}.", nameof(state));
    }
}
