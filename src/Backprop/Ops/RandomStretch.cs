namespace Backprop.Ops;

/// <summary>
/// The stretch of random numbers that an operation draws, and its gradient rule again. A captured step takes another at every replay.
/// </summary>
internal sealed class RandomStretch
{
    /// <summary>Where it begins.</summary>
    public GeneratorState Begin { get; set; }
}
