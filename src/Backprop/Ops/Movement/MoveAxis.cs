namespace Backprop;

public sealed partial class Tensor
{
    private const int MostEmptyPieces = 1 << 16;

    /// <summary>A view in which one axis has gone to another place; the others keep their order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An axis that isn't there.</exception>
    public Tensor MoveAxis(int from, int to) => MoveAxis([from], [to]);

    /// <summary>A view in which axes have gone to other places: axis from[i] becomes axis to[i]; the others keep their order.</summary>
    /// <param name="from">Axes of this tensor.</param>
    /// <param name="to">Axes of the result, as many.</param>
    /// <exception cref="ShapeException">An axis named twice, or lists of different lengths.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An axis that isn't there.</exception>
    public Tensor MoveAxis(ReadOnlySpan<int> from, ReadOnlySpan<int> to)
    {
        const string Operation = "move_axis";
        if (from.Length != to.Length)
        {
            throw Error.Shape(Operation, $"axes {Error.Text(from)} and places {Error.Text(to)} must be as many.");
        }

        var order = new int[Rank];
        Array.Fill(order, -1);
        var moved = new bool[Rank];
        for (var i = 0; i < from.Length; i++)
        {
            var (source, place) = (Error.CheckAxis(Operation, from[i], Rank), Error.CheckAxis(Operation, to[i], Rank));
            if (moved[source] || order[place] >= 0)
            {
                throw Error.Shape(Operation, $"axes {Error.Text(from)} or places {Error.Text(to)} name one twice.");
            }

            moved[source] = true;
            order[place] = source;
        }

        var next = 0;
        for (var place = 0; place < Rank; place++)
        {
            if (order[place] < 0)
            {
                while (moved[next])
                {
                    next++;
                }

                order[place] = next++;
            }
        }

        return Permute(order);
    }

    /// <summary>
    /// The tensor turned by 90 degrees a number of times in the plane of two axes, from the first towards the second: a view. For a matrix that is
    /// anticlockwise.
    /// </summary>
    /// <param name="times">How often; negative turns the other way.</param>
    /// <param name="first">An axis of the plane.</param>
    /// <param name="second">The other axis.</param>
    /// <exception cref="ArgumentOutOfRangeException">An axis that isn't there.</exception>
    /// <exception cref="ShapeException">The axes are the same.</exception>
    public Tensor Rotate90(int times = 1, int first = 0, int second = 1)
    {
        const string Operation = "rotate90";
        (first, second) = (Error.CheckAxis(Operation, first, Rank), Error.CheckAxis(Operation, second, Rank));
        if (first == second)
        {
            throw Error.Shape(Operation, $"a plane needs two axes, not {first} twice.");
        }

        return (((times % 4) + 4) % 4) switch
        {
            1 => Flip(second).Transpose(first, second),
            2 => Flip(first, second),
            3 => Flip(first).Transpose(first, second),
            _ => Flip(),
        };
    }

    /// <summary>One axis as several: the opposite of <see cref="Flatten"/>.</summary>
    /// <param name="axis">The axis.</param>
    /// <param name="sizes">What it becomes; one of them may be −1 and is then computed.</param>
    /// <exception cref="ShapeException">The sizes don't multiply to the axis.</exception>
    public Tensor Unflatten(int axis, params ReadOnlySpan<int> sizes)
    {
        const string Operation = "unflatten";
        axis = Error.CheckAxis(Operation, axis, Rank);
        var parts = sizes.ToArray();
        var unknown = Array.IndexOf(parts, -1);
        if (unknown >= 0)
        {
            // A second unknown, like any other negative size, is refused with the rest.
            parts[unknown] = 1;
            var known = parts.Any(size => size < 1) ? 0 : Layout.CheckedCount(Operation, parts);
            parts[unknown] = known > 0 && Shape[axis] % known == 0 ? Shape[axis] / known : -1;
        }

        if (parts.Length == 0 || parts.Any(size => size < 0) || Layout.CheckedCount(Operation, parts) != Shape[axis])
        {
            throw Error.Shape(Operation, $"sizes {Error.Text(sizes)} don't fit axis {axis} of shape {Error.Text(Shape)}, which has {Shape[axis]}.");
        }

        Layout.CheckRank(Operation, Rank - 1 + parts.Length);
        return Reshape([.. Shape[..axis], .. parts, .. Shape[(axis + 1)..]]);
    }

    /// <summary>
    /// Cuts an axis into at most <paramref name="count"/> pieces of equal size, the last one possibly smaller; views. There may be fewer pieces than
    /// asked for: 6 elements in 4 chunks are 3 pieces of 2, as in PyTorch.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is not positive, or above 65536 for an empty axis, which has as many empty pieces.</exception>
    public Tensor[] Chunk(int count, int axis = 0)
    {
        axis = Error.CheckAxis("chunk", axis, Rank);
        if (count < 1)
        {
            throw Error.Range("chunk", nameof(count), count, "at least 1");
        }

        var size = (Shape[axis] / count) + (Shape[axis] % count == 0 ? 0 : 1);
        if (size > 0)
        {
            return Split(size, axis);
        }

        if (count > MostEmptyPieces)
        {
            throw Error.Range("chunk", nameof(count), count, FormattableString.Invariant($"at most {MostEmptyPieces} for an empty axis"));
        }

        var empty = new Tensor[count];
        for (var i = 0; i < count; i++)
        {
            empty[i] = Narrow(axis, 0, 0);
        }

        return empty;
    }

    /// <summary>The positions of an axis one by one, each without the axis; views.</summary>
    public Tensor[] Unbind(int axis = 0)
    {
        axis = Error.CheckAxis("unbind", axis, Rank);
        var parts = new Tensor[Shape[axis]];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = Select(axis, i);
        }

        return parts;
    }
}
