namespace Backprop;

/// <summary>What a walk remembers of stretches that were computed again on its way: the gradients of their parts, and the scopes they live in.</summary>
internal sealed class Stretches
{
    private readonly Dictionary<Node, Tensor?[]> stashes = [];
    private readonly Stack<(long Begin, TensorScope Scope)> scopes = [];

    public Tensor?[] StashOf(Node node, int count)
    {
        if (!stashes.TryGetValue(node, out var stash))
        {
            stashes.Add(node, stash = new Tensor?[count]);
        }

        return stash;
    }

    public Tensor?[] TakeStash(Node node) => stashes.Remove(node, out var stash) ? stash : throw new InvalidOperationException("No part was owed a gradient.");

    public void EndAfter(long begin, TensorScope scope) => scopes.Push((begin, scope));

    /// <summary>Ends the scopes of stretches that lie behind; what is still owed is handed up to the scope around.</summary>
    public void Leave(long position, Tensor gradient, Frontier frontier)
    {
        while (scopes.TryPeek(out var stretch) && position <= stretch.Begin)
        {
            scopes.Pop();
            stretch.Scope.HandUp(gradient.Storage);
            foreach (var owed in frontier.Gradients())
            {
                stretch.Scope.HandUp(owed.Storage);
            }

            stretch.Scope.Dispose();
        }
    }

    /// <summary>Ends what is left, at the end of a walk.</summary>
    public void End(Tensor?[] results)
    {
        while (scopes.TryPop(out var stretch))
        {
            foreach (var result in results)
            {
                if (result is not null)
                {
                    stretch.Scope.HandUp(result.Storage);
                }
            }

            stretch.Scope.Dispose();
        }
    }
}
