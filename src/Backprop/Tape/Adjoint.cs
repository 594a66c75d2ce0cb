namespace Backprop;

/// <summary>
/// What a gradient rule sees: the gradient of the output, what the operation saved, and a place to add contributions to the
/// gradients of its inputs.
/// </summary>
public readonly ref struct Adjoint
{
    private readonly Walk walk;
    private readonly Node node;

    internal Adjoint(Walk walk, Node node, Tensor gradient)
    {
        this.walk = walk;
        this.node = node;
        Gradient = gradient;
    }

    /// <summary>The gradient of the result, in the result's shape. It may be a view of any strides: take Contiguous() before its span.</summary>
    public Tensor Gradient { get; }

    /// <summary>How many inputs the operation had.</summary>
    public int InputCount => node.InputCount;

    /// <summary>The operation's result. It must be among what the operation saves.</summary>
    public Tensor Output => Wide(node.SavedOutput());

    /// <summary>Whether a gradient of input <paramref name="index"/> is wanted; work for others is wasted.</summary>
    public bool Needs(int index) => node.Input(index) is { } input && walk.Wants(input);

    /// <summary>An input of the operation. It must be among what the operation saves.</summary>
    public Tensor Input(int index) => Wide(node.SavedInput(index));

    /// <summary>
    /// Adds to the gradient of an input. The contribution may have a shape that the input was broadcast to: it is summed back.
    /// Ignored where no gradient of that input is wanted.
    /// </summary>
    /// <exception cref="ShapeException">The contribution's shape is not one that the input broadcasts to.</exception>
    public void Add(int index, Tensor contribution)
    {
        ArgumentNullException.ThrowIfNull(contribution);
        if (node.Input(index) is { } input && walk.Wants(input))
        {
            walk.Contribute(node, input, contribution, owned: false);
        }
    }

    /// <summary>Lays the gradient aside for the node of the only input: that of its part number <paramref name="index"/>.</summary>
    internal void Stash(int index, int count)
    {
        Gradient.Storage.IsLent = true;
        walk.StashOf(node.Input(0)!, count)[index] = Gradient;
    }

    /// <summary>The gradients of this node's parts; null where there is none.</summary>
    internal Tensor?[] TakeStash() => walk.TakeStash(node);

    /// <summary>Goes on with the tape behind results that have just been computed, which are later than all that is owed.</summary>
    /// <param name="results">The results.</param>
    /// <param name="gradients">Their gradients.</param>
    /// <param name="begin">The position before the stretch.</param>
    /// <param name="scope">The scope that the stretch was computed in, to be ended when it has been walked; null for none.</param>
    internal void GoOn(Tensor[] results, Tensor?[] gradients, long begin, TensorScope? scope)
    {
        for (var i = 0; i < results.Length; i++)
        {
            if (gradients[i] is { } gradient && results[i].Node is { } root)
            {
                walk.Owe(root, gradient, begin);
            }
        }

        if (scope is not null)
        {
            walk.EndAfter(begin, scope);
        }
    }

    /// <summary>16-bit elements as float32; recorded, where the walk records.</summary>
    private static Tensor Wide(Tensor saved) => saved.DType.IsSixteen() ? saved.To(DType.Float32) : saved;

    /// <summary>The shape of an input, known even where the input itself was not saved.</summary>
    internal Layout LayoutOf(int index) => node.Input(index)!.Layout;

    /// <summary>The element type of an input.</summary>
    internal DType DTypeOf(int index) => node.Input(index)!.GradientDType;

    /// <summary>Adds a contribution whose buffer the caller gives away: it belongs to nobody else, and isn't looked at again.</summary>
    internal void Give(int index, Tensor contribution)
    {
        if (node.Input(index) is { } input && walk.Wants(input))
        {
            walk.Contribute(node, input, contribution, owned: true);
        }
    }

    /// <summary>
    /// A contiguous buffer in the shape of input <paramref name="index"/> to write its gradient to, or to add to where
    /// <paramref name="accumulate"/>. Only while not recording: what is written there leaves no trace on the tape.
    /// </summary>
    internal Tensor Buffer(int index, out bool accumulate) => walk.Buffer(node.Input(index)!, null, out accumulate);

    /// <summary>
    /// Like <see cref="Buffer"/>, but perhaps with the channels last in memory: a new buffer lies in the given order, one that is there may lie in the other.
    /// </summary>
    internal Tensor BufferInOrder(int index, Layout order, out bool accumulate) => walk.Buffer(node.Input(index)!, order, out accumulate);

    /// <summary>
    /// Like <see cref="Buffer"/>, but perhaps the buffer of <see cref="Gradient"/> itself: for a rule that writes each element when it has read the same
    /// one of the gradient for the last time.
    /// </summary>
    internal Tensor BufferInPlace(int index, out bool accumulate) => walk.BufferInPlace(node.Input(index)!, null, out accumulate);

    /// <summary><see cref="BufferInPlace"/> for a rule that takes either order, as <see cref="BufferInOrder"/> gives it.</summary>
    internal Tensor BufferInPlaceInOrder(int index, Layout order, out bool accumulate) => walk.BufferInPlace(node.Input(index)!, order, out accumulate);

    /// <summary>
    /// Where to add to the gradient of input <paramref name="index"/>, in the input's shape. Where the input is a view, this may be the same view of
    /// the gradient behind it, so that it need not be moved there. Only while not recording.
    /// </summary>
    /// <param name="index">The input.</param>
    /// <param name="order">Null for a contiguous place, where it is not a view; else any without gaps will do, and a new one lies like this, if it can.</param>
    /// <param name="fits">Whether the layout will do; a contiguous one must.</param>
    internal Tensor PlaceToAdd(int index, Layout? order, Func<Layout, bool> fits) => walk.PlaceToAdd(node.Input(index)!, order, fits);
}
