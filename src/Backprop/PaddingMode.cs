namespace Backprop;

/// <summary>What <see cref="Tensor.Pad(ReadOnlySpan{ValueTuple{int, int}}, PaddingMode, double)"/> puts around a tensor.</summary>
public enum PaddingMode
{
    /// <summary>A number: 0 0 | a b c | 0 0.</summary>
    Constant,

    /// <summary>A mirror at the last element, which is not repeated: c b | a b c | b a.</summary>
    Reflect,

    /// <summary>The last element again: a a | a b c | c c.</summary>
    Replicate,

    /// <summary>The other end: b c | a b c | a b.</summary>
    Circular,
}
