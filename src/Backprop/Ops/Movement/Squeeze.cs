using Backprop.Ops;

namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>A view without the axes of size 1.</summary>
    public Tensor Squeeze()
    {
        var sizes = Shape.ToArray().Where(size => size != 1).ToArray();
        return sizes.Length == Rank ? this : new Reshape(sizes).Run(new Operands(this));
    }

    /// <summary>A view without an axis of size 1.</summary>
    /// <exception cref="ShapeException">The axis has another size.</exception>
    public Tensor Squeeze(int axis)
    {
        axis = Error.CheckAxis("squeeze", axis, Rank);
        return Shape[axis] == 1
            ? new Reshape([.. Shape[..axis], .. Shape[(axis + 1)..]]).Run(new Operands(this))
            : throw Error.Shape("squeeze", $"axis {axis} of shape {Error.Text(Shape)} has size {Shape[axis]}, not 1.");
    }

    /// <summary>A view with a new axis of size 1 at position <paramref name="axis"/> of the result.</summary>
    /// <exception cref="ShapeException">There are 16 axes already.</exception>
    public Tensor Unsqueeze(int axis) => Unsqueeze("unsqueeze", axis);

    private Tensor Unsqueeze(string operation, int axis)
    {
        Layout.CheckRank(operation, Rank + 1);
        axis = Error.CheckAxis(operation, axis, Rank + 1);
        return new Reshape([.. Shape[..axis], 1, .. Shape[axis..]]).Run(new Operands(this));
    }
}
