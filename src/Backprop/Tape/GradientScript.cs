namespace Backprop;

/// <summary>What the walk answered a gradient rule while a step was captured, to be answered again at every replay.</summary>
internal sealed class GradientScript
{
    private readonly List<(Tensor Buffer, bool Accumulate)> buffers = [];
    private readonly List<Tensor?[]> stashes = [];
    private int nextBuffer;
    private int nextStash;

    public void Add(Tensor buffer, bool accumulate) => buffers.Add((buffer, accumulate));

    public void Add(Tensor?[] stash) => stashes.Add(stash);

    public void Rewind() => (nextBuffer, nextStash) = (0, 0);

    public Tensor Next(out bool accumulate)
    {
        (var buffer, accumulate) = buffers[nextBuffer++];
        return buffer;
    }

    public Tensor?[] NextStash() => stashes[nextStash++];
}
