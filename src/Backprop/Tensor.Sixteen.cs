namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>
    /// This tensor, or a float32 copy of its 16-bit elements, recorded. A function that is put together from several operations computes with these and
    /// ends in To(DType): it rounds once, and nothing on the way leaves the range of float16.
    /// </summary>
    internal Tensor Wide => DType.IsSixteen() ? To(DType.Float32) : this;
}
