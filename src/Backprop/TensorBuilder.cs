namespace Backprop;

/// <summary>Makes tensors from collection expressions: <c>Tensor a = [[1, 2], [3, 4]];</c>.</summary>
public static class TensorBuilder
{
    /// <summary>
    /// Stacks the elements along a new first axis. Literals give float32 (truth values: bool); tensors are stacked as <see cref="Tensor.Stack"/> does.
    /// </summary>
    /// <remarks>
    /// The elements are rounded to float32 at once: <c>Tensor a = [0.1, 0.2];</c> and then To(DType.Float64) doesn't bring the digits back. For
    /// float64 write <c>Tensor.From([0.1, 0.2])</c>, with a shape after the numbers where there are more axes.
    /// </remarks>
    /// <exception cref="ShapeException">The elements' shapes differ.</exception>
    public static Tensor Create(ReadOnlySpan<Tensor> items)
    {
        if (items.IsEmpty)
        {
            return Tensor.Zeros([0]);
        }

        foreach (var item in items)
        {
            ArgumentNullException.ThrowIfNull(item, nameof(items));
        }

        if (!Array.TrueForAll(items.ToArray(), item => item.IsLiteral))
        {
            var array = items.ToArray();
            var typed = Array.Find(array, item => !item.IsLiteral)!;
            return Tensor.Stack(Array.ConvertAll(array, item => item.Adopt("collection", typed.DType)));
        }

        var result = new Tensor(Memory.Buffers.Allocate(items.Length, DType.Float32), Layout.Contiguous("collection", [items.Length]), DType.Float32);
        var values = result.Storage.Span<float>();
        for (var i = 0; i < items.Length; i++)
        {
            values[i] = (float)items[i].LiteralValue;
        }

        return result;
    }
}
