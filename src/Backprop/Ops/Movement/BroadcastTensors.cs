namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>The tensors as views in the shape they broadcast to together.</summary>
    /// <exception cref="ShapeException">The shapes don't broadcast.</exception>
    public static Tensor[] BroadcastTensors(params ReadOnlySpan<Tensor> tensors)
    {
        int[] shape = [];
        foreach (var tensor in tensors)
        {
            ArgumentNullException.ThrowIfNull(tensor, nameof(tensors));
            shape = Layout.Broadcast("broadcast_tensors", shape, tensor.Shape);
        }

        var results = new Tensor[tensors.Length];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = tensors[i].Expand(shape);
        }

        return results;
    }

    /// <summary>
    /// The coordinates of the grid that vectors span: result k has one axis per vector and varies along axis k like vector k. Views.
    /// </summary>
    /// <param name="vectors">Vectors; scalars count as vectors of one element.</param>
    /// <param name="cartesian">
    /// Whether the first two axes change places (NumPy's "xy"), so that the first vector runs along the columns; otherwise "ij".
    /// </param>
    /// <exception cref="ShapeException">No vectors, or tensors of rank 2 and more.</exception>
    public static Tensor[] MeshGrid(ReadOnlySpan<Tensor> vectors, bool cartesian = false)
    {
        const string Operation = "mesh_grid";
        if (vectors.IsEmpty)
        {
            throw Error.Shape(Operation, "there must be at least one vector.");
        }

        Layout.CheckRank(Operation, vectors.Length);
        var shape = new int[vectors.Length];
        for (var i = 0; i < shape.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(vectors[i], nameof(vectors));
            shape[i] = vectors[i].Rank <= 1 ? vectors[i].Count : throw Error.Shape(
                Operation, $"number {i} must be a vector or a scalar, not of shape {Error.Text(vectors[i].Shape)}.");
        }

        Layout.CheckedCount(Operation, shape);
        var results = new Tensor[shape.Length];
        for (var i = 0; i < shape.Length; i++)
        {
            var own = new int[shape.Length];
            Array.Fill(own, 1);
            own[i] = shape[i];
            results[i] = vectors[i].Reshape(own).Expand(shape);
            if (cartesian && shape.Length > 1)
            {
                results[i] = results[i].Transpose(0, 1);
            }
        }

        return results;
    }
}
