using Backprop.Memory;

namespace Backprop.Replay;

/// <summary>
/// Where tensors come from while work of a captured step is done: at a replay the work is given the very tensors that it made when it was captured, one
/// after the other, so that it allocates nothing.
/// </summary>
internal static class Supply
{
    [ThreadStatic]
    private static List<Tensor>? noting;

    [ThreadStatic]
    private static Tensor[]? given;

    [ThreadStatic]
    private static int next;

    /// <summary>How many threads capture or replay.</summary>
    private static int users;

    public static bool IsOn => users != 0;

    public static void TurnOn() => Interlocked.Increment(ref users);

    public static void TurnOff() => Interlocked.Decrement(ref users);

    /// <summary>Notes what this thread makes from here on, until called with null.</summary>
    public static List<Tensor>? Note(List<Tensor>? list)
    {
        var before = noting;
        noting = list;
        return before;
    }

    /// <summary>Gives this thread these tensors from here on, until called with null.</summary>
    public static void Give(Tensor[]? tensors)
    {
        given = tensors;
        next = 0;
    }

    public static Tensor Take(Layout layout, DType dtype)
    {
        if (given is { } tensors && next < tensors.Length)
        {
            var tensor = tensors[next];
            if (tensor.DType == dtype && tensor.Layout.HasShape(layout.Sizes) && tensor.Strides.SequenceEqual(layout.Strides))
            {
                next++;
                tensor.Node = null;
                return tensor;
            }
        }

        var made = new Tensor(Buffers.Allocate(layout.Count, dtype), layout, dtype);
        noting?.Add(made);
        return made;
    }
}
