namespace Backprop;

/// <summary>Questions about a stretch of tape that need a look at all of it.</summary>
internal static class Relevance
{
    [ThreadStatic]
    private static Node?[]? spare;

    /// <summary>The nodes behind <paramref name="root"/> through which one of the targets is reached, the targets included.</summary>
    public static NodeSet Of(Node root, ReadOnlySpan<Node> targets)
    {
        // What is earlier than all targets leads to none. Leaves are as old as the model: they stand apart, and all that was computed may lead to one.
        var earliest = root.Earliest;
        if (!HasLeaf(targets))
        {
            var first = long.MaxValue;
            foreach (var target in targets)
            {
                first = Math.Min(first, target.Position);
            }

            earliest = Math.Max(earliest, first);
        }

        var length = root.Position - earliest + 1;
        if (length is <= 0 or > NodeSet.LongestStretch)
        {
            return OfLong(root, targets);
        }

        var result = new NodeSet(earliest, (int)length);
        foreach (var target in targets)
        {
            result.Add(target);
        }

        // Everything is earlier than what was computed from it: going down finds what is reached, going up what reaches a target.
        var places = spare ?? new Node?[NodeSet.LongestStretch];
        spare = null;
        places[length - 1] = root is Leaf ? null : root;
        for (var at = (int)length - 1; at >= 0; at--)
        {
            if (places[at] is { } node)
            {
                for (var i = 0; i < node.InputCount; i++)
                {
                    if (node.Input(i) is { } input && input.Position >= earliest && input is not Leaf)
                    {
                        places[input.Position - earliest] = input;
                    }
                }
            }
        }

        for (var at = 0; at < length; at++)
        {
            if (places[at] is { } node)
            {
                places[at] = null;
                AddIfItLeadsOn(result, node);
            }
        }

        spare = places;
        return result;
    }

    private static bool HasLeaf(ReadOnlySpan<Node> targets)
    {
        foreach (var target in targets)
        {
            if (target is Leaf)
            {
                return true;
            }
        }

        return false;
    }

    private static NodeSet OfLong(Node root, ReadOnlySpan<Node> targets)
    {
        var earliest = long.MaxValue;
        foreach (var target in targets)
        {
            earliest = Math.Min(earliest, target.Position);
        }

        var result = new NodeSet();
        foreach (var target in targets)
        {
            result.Add(target);
        }

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

            AddIfItLeadsOn(result, node);
        }

        return result;
    }

    private static void AddIfItLeadsOn(NodeSet relevant, Node node)
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

    /// <summary>Adds the nodes of a stretch later than <paramref name="begin"/> that lead to a node which is relevant already.</summary>
    public static void Extend(NodeSet relevant, Node root, long begin)
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
            AddIfItLeadsOn(relevant, node);
        }
    }

    /// <summary>Throws where something on the way was dropped or changed, before anything has been computed.</summary>
    public static void Verify(string operation, Node root, NodeSet? relevant, bool accumulates)
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
