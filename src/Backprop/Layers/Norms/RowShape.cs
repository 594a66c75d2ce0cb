namespace Backprop.Layers;

/// <summary>The sizes of last axes that are normalised together.</summary>
internal static class RowShape
{
    /// <summary>A copy of sizes that may be.</summary>
    public static int[] Check(string operation, ReadOnlySpan<int> shape)
    {
        if (shape.IsEmpty)
        {
            throw Error.Shape(operation, "the normalised shape must have at least one axis.");
        }

        foreach (var size in shape)
        {
            NormSettings.CheckSize(operation, "size", size);
        }

        return shape.ToArray();
    }

    /// <summary>Refuses inputs with other last axes.</summary>
    public static void CheckInput(string operation, Tensor x, int[] shape, string location)
    {
        if (x.Rank < shape.Length || !x.Shape[^shape.Length..].SequenceEqual(shape))
        {
            throw new ShapeException($"{operation}: the input {Error.Text(x.Shape)} must be [..., {string.Join(", ", shape)}], in {location}");
        }
    }

    /// <summary>A number for one axis, a list for several.</summary>
    public static string Text(int[] shape) => shape.Length == 1 ? $"{shape[0]}" : Error.Text(shape);
}
