using System.Runtime.CompilerServices;

namespace Backprop;

/// <summary>A set of nodes. Those of a short stretch of tape, the usual case, are bits.</summary>
internal sealed class NodeSet
{
    /// <summary>The most positions that are bits; beyond, looking at all of them would cost more than hashing the few that are there.</summary>
    public const int LongestStretch = 4096;

    private readonly long from;
    private readonly int length;
    private readonly ulong[] bits;

    /// <summary>What lies elsewhere, leaves above all: the first few here, the others hashed.</summary>
    private readonly Node?[] few = new Node?[4];
    private int fewCount;
    private HashSet<Node>? others;

    /// <summary>An empty set, quick for nodes at positions from <paramref name="from"/> on.</summary>
    public NodeSet(long from = 0, int length = 0)
    {
        this.from = from;
        this.length = length;
        bits = length == 0 ? [] : new ulong[(length + 63) / 64];
    }

    /// <summary>Whether nothing was added.</summary>
    public bool IsEmpty { get; private set; } = true;

    /// <summary>The given nodes.</summary>
    public static NodeSet Of(IEnumerable<Node> nodes)
    {
        var result = new NodeSet();
        foreach (var node in nodes)
        {
            result.Add(node);
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(Node node)
    {
        var at = node.Position - from;
        return (ulong)at < (ulong)length ? (bits[at >> 6] >> (int)at & 1) != 0 : IsElsewhere(node);
    }

    public void Add(Node node)
    {
        IsEmpty = false;
        var at = node.Position - from;
        if ((ulong)at < (ulong)length)
        {
            bits[at >> 6] |= 1UL << (int)at;
        }
        else
        {
            AddElsewhere(node);
        }
    }

    private bool IsElsewhere(Node node)
    {
        for (var i = 0; i < fewCount; i++)
        {
            if (ReferenceEquals(few[i], node))
            {
                return true;
            }
        }

        return others is not null && others.Contains(node);
    }

    private void AddElsewhere(Node node)
    {
        if (IsElsewhere(node))
        {
            return;
        }

        if (fewCount < few.Length)
        {
            few[fewCount++] = node;
        }
        else
        {
            (others ??= []).Add(node);
        }
    }
}
