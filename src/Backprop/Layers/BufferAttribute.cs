namespace Backprop.Layers;

/// <summary>
/// Marks a tensor field of a <see cref="Module"/> as a buffer: part of the module's state (saved, loaded, listed by
/// <see cref="Module.NamedBuffers"/>), but not a parameter, like the running mean of a normalisation.
/// </summary>
/// <remarks>
/// On a property, write <c>[field: Buffer]</c>. Change a buffer in place (<see cref="Tensor.CopyFrom(Tensor)"/>): a tensor assigned to the
/// field during a training step would be recycled with the step's <see cref="TensorScope"/>.
/// </remarks>
/// <example><code>
/// [Buffer] private readonly Tensor runningMean = Buffer([64]);
/// </code></example>
[AttributeUsage(AttributeTargets.Field)]
public sealed class BufferAttribute : Attribute;
