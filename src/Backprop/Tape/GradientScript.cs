namespace Backprop;

/// <summary>What the walk answered a gradient rule while a step was captured, to be answered again at every replay.</summary>
internal sealed class GradientScript
{
    private readonly List<(Tensor Buffer, bool Accumulate)> buffers = [];
    private readonly List<Tensor?[]> stashes = [];
    private int nextBuffer;
    private readonly List<Tensor> contributions = [];
    private int nextStash;
    private int nextContribution;

    public void Add(Tensor buffer, bool accumulate) => buffers.Add((buffer, accumulate));

    public void Add(Tensor?[] stash) => stashes.Add(stash);

    public void Contributed(Tensor contribution) => contributions.Add(contribution);

    public void Rewind() => (nextBuffer, nextStash, nextContribution) = (0, 0, 0);

    /// <summary>What follows from a contribution was noted on its own, for the tensor that it was then.</summary>
    public void Contribute(Tensor contribution)
    {
        if (nextContribution == contributions.Count || !ReferenceEquals(contributions[nextContribution++].Storage, contribution.Storage))
        {
            throw TakesAnotherCourse();
        }
    }

    public void CheckEnd()
    {
        if (nextContribution != contributions.Count || nextBuffer != buffers.Count || nextStash != stashes.Count)
        {
            throw TakesAnotherCourse();
        }
    }

    private static Memory.CourseException TakesAnotherCourse() => new("a gradient rule takes another course for other numbers");

    public Tensor Next(out bool accumulate)
    {
        if (nextBuffer == buffers.Count)
        {
            throw TakesAnotherCourse();
        }

        (var buffer, accumulate) = buffers[nextBuffer++];
        return buffer;
    }

    public Tensor?[] NextStash() => nextStash < stashes.Count ? stashes[nextStash++] : throw TakesAnotherCourse();
}
