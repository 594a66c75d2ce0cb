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

        if (!Array.TrueForAll(items.ToArray(), item => item.Literal is not null))
        {
            var array = items.ToArray();
            CheckShapes(array);
            var typed = Array.Find(array, item => item.Literal is null)!;
            return Tensor.Stack(Array.ConvertAll(array, item => item.Adopt("collection", typed.DType)));
        }

        var result = new Tensor(Memory.Buffers.Allocate(items.Length, DType.Float32), Layout.Contiguous("collection", [items.Length]), DType.Float32);
        var numbers = new float[items.Length];
        for (var i = 0; i < items.Length; i++)
        {
            numbers[i] = (float)items[i].Literal!.Value;
        }

        Capture.Repeat(() => numbers.CopyTo(result.Storage.Span<float>()));
        return result;
    }

    /// <summary>Says what is wrong with a literal in its own terms, rows and elements, before it comes to be stacked.</summary>
    private static void CheckShapes(Tensor[] items)
    {
        var first = items[0].Shape;
        for (var i = 1; i < items.Length; i++)
        {
            var shape = items[i].Shape;
            if (shape.SequenceEqual(first))
            {
                continue;
            }

            var rows = shape.Length == 1 && first.Length == 1;
            throw Error.Shape("tensor_literal", rows
                ? $"row {i} has {shape[0]} element{(shape[0] == 1 ? "" : "s")}, row 0 has {first[0]}; all rows must have the same number."
                : $"part {i} is {Part(shape)}, part 0 is {Part(first)}; all parts must have the same shape.");
        }

        static string Part(ReadOnlySpan<int> shape) => shape.Length == 0 ? "a number" : $"of shape {Error.Text(shape)}";
    }
}
