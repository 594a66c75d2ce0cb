namespace Backprop;

/// <content>Gradients of views, added up where they belong in the gradient of the whole.</content>
internal sealed partial class Walk
{
    /// <summary>A tensor to add to: the gradient of an input, or its place in the gradient of what the input is a view of.</summary>
    public Tensor PlaceToAdd(Node input, Layout? order, Func<Layout, bool> fits)
    {
        if (script is not null)
        {
            return script.Next(out _);
        }

        return postponed is not null ? NotedPlace(input, order, fits) : FindPlace(input, order, fits);
    }

    private Tensor FindPlace(Node input, Layout? order, Func<Layout, bool> fits)
    {
        var whole = input;
        while (PassesOn(whole))
        {
            whole = whole.Input(0)!;
        }

        if (ReferenceEquals(whole, input) || View(input, whole, order) is not { } place || !fits(place.Layout))
        {
            place = Zeroed(input, order);
        }

        return place;
    }

    private Tensor Zeroed(Node input, Layout? order)
    {
        var buffer = FindBuffer(input, order, out var accumulate);
        if (!accumulate)
        {
            buffer.Clear();
        }

        return buffer;
    }

    /// <summary>The gradient of <paramref name="whole"/> seen as <paramref name="node"/> sees the value; null where that takes a copy.</summary>
    private Tensor? View(Node node, Node whole, Layout? order)
    {
        if (ReferenceEquals(node, whole))
        {
            return Zeroed(whole, order);
        }

        return View(node.Input(0)!, whole, order) is { } behind && ((ViewOp)node.Op!).View(behind) is { } layout
            ? new Tensor(behind.Storage, layout, behind.DType) : null;
    }

    /// <summary>Whether nobody asks for a view's own gradient, nor has begun to add it up.</summary>
    private bool PassesOn(Node node) => contributions is null && node.Op is ViewOp { PassesOn: true } && !node.RetainsGradient && Wants(node.Input(0)!)
        && frontier.Find(node) is null && (targets is null || PlaceOf(node) < 0) && !Devices.Watch.WantsEachGradient;
}
