namespace Backprop.Layers;

/// <summary>Joins axes into one; by default all but the first, the batch: [64, 1, 28, 28] becomes [64, 784].</summary>
/// <param name="first">The first axis to join; negative ones count from the end.</param>
/// <param name="last">The last axis to join; negative ones count from the end.</param>
public sealed class Flatten(int first = 1, int last = -1) : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        ArgumentNullException.ThrowIfNull(x);
        return x.Flatten(first, last);
    }
}
