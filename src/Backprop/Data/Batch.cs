namespace Backprop.Data;

/// <summary>Some examples, put together: what a model sees in one step.</summary>
/// <param name="Inputs">What the model is given; one example per step along axis 0.</param>
/// <param name="Targets">What it should say; as many along axis 0.</param>
/// <example><code>
/// foreach (var (images, labels) in loader)
/// </code></example>
public readonly record struct Batch(Tensor Inputs, Tensor Targets);
