namespace Backprop;

/// <summary>Questions about a stretch of tape that need a look at all of it.</summary>
internal static class Relevance
{
    /// <summary>The nodes behind <paramref name="root"/> through which one of the targets is reached, the targets included.</summary>
    public static HashSet<Node> Of(Node root, IReadOnlyCollection<Node> targets)
    {
        var earliest = targets.Min(target => target.Position);
        var result = new HashSet<Node>(targets);
        var visited = new HashSet<Node>();
        var stack = new Stack<(Node Node, int Next)>();
        stack.Push((root, 0));
        visited.Add(root);
        while (stack.TryPop(out var top))
        {
            var (node, next) = top;
            if (next < node.InputCount)
            {
                stack.Push((node, next + 1));
                if (node.Input(next) is { } input && input.Position >= earliest && visited.Add(input))
                {
                    stack.Push((input, 0));
                }

                continue;
            }

            for (var i = 0; i < node.InputCount; i++)
            {
                if (node.Input(i) is { } input && result.Contains(input))
                {
                    result.Add(node);
                    break;
                }
            }
        }

        return result;
    }

    /// <summary>Adds the nodes of a stretch later than <paramref name="begin"/> that lead to a node which is relevant already.</summary>
    public static void Extend(HashSet<Node> relevant, Node root, long begin)
    {
        var stretch = new HashSet<Node>();
        var stack = new Stack<Node>();
        if (stretch.Add(root))
        {
            stack.Push(root);
        }

        while (stack.TryPop(out var node))
        {
            for (var i = 0; i < node.InputCount; i++)
            {
                if (node.Input(i) is { } input && input.Position > begin && stretch.Add(input))
                {
                    stack.Push(input);
                }
            }
        }

        // An input is earlier than what it is used by.
        foreach (var node in stretch.OrderBy(node => node.Position))
        {
            for (var i = 0; i < node.InputCount; i++)
            {
                if (node.Input(i) is { } input && relevant.Contains(input))
                {
                    relevant.Add(node);
                    break;
                }
            }
        }
    }

    /// <summary>Throws where something on the way was dropped or changed, before anything has been computed.</summary>
    public static void Verify(string operation, Node root, HashSet<Node>? relevant, bool accumulates)
    {
        var visited = new HashSet<Node> { root };
        var stack = new Stack<Node>();
        stack.Push(root);
        while (stack.TryPop(out var node))
        {
            var leadsOn = false;
            for (var i = 0; i < node.InputCount; i++)
            {
                if (node.Input(i) is { } input && (relevant is null || relevant.Contains(input)))
                {
                    leadsOn = true;
                    if (visited.Add(input))
                    {
                        stack.Push(input);
                    }
                }
            }

            // The walk ends at a target that no other lies behind, and needs nothing that it saved.
            if (leadsOn && node.Verify(operation, accumulates) is { } error)
            {
                throw error;
            }
        }
    }
}
