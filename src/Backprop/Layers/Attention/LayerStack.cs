namespace Backprop.Layers;

/// <summary>Several layers of a kind.</summary>
internal static class LayerStack
{
    public static T[] Make<T>(string operation, int count, Func<T> layer)
        where T : Module
    {
        ArgumentNullException.ThrowIfNull(layer);
        if (count < 1)
        {
            throw Error.Range(operation, nameof(count), count, "at least 1");
        }

        var layers = new List<T>();
        for (var i = 0; i < count; i++)
        {
            var made = layer() ?? throw new ArgumentException($"{operation}: the function for layers gave nothing for layer {i}.", nameof(layer));
            if (layers.Contains(made))
            {
                throw new ArgumentException($"{operation}: the function for layers gave the same one twice; it must make a new one each time.", nameof(layer));
            }

            layers.Add(made);
        }

        return [.. layers];
    }
}
