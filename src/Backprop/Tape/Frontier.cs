namespace Backprop;

/// <summary>
/// The tensors that are owed a gradient, latest position last. When the latest one comes up nobody can owe it any more, for whoever
/// used it is later and has been settled: no topological sort and no visited set.
/// </summary>
internal sealed class Frontier
{
    private Entry[] entries = new Entry[16];
    private int count;

    public bool TryTakeLatest(out Node node, out Tensor gradient)
    {
        if (count == 0)
        {
            node = null!;
            gradient = null!;
            return false;
        }

        ref var entry = ref entries[--count];
        node = entry.Node;
        gradient = entry.Gradient!;
        entry = default;
        return true;
    }

    /// <summary>The entry of a node, made where there was none (its gradient is then null).</summary>
    public ref Entry Owed(Node node)
    {
        int low = 0, high = count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (entries[middle].Node.Position < node.Position)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        if (low < count && ReferenceEquals(entries[low].Node, node))
        {
            return ref entries[low];
        }

        if (count == entries.Length)
        {
            Array.Resize(ref entries, count * 2);
        }

        Array.Copy(entries, low, entries, low + 1, count - low);
        count++;
        entries[low] = new Entry { Node = node };
        return ref entries[low];
    }

    public void Clear()
    {
        Array.Clear(entries, 0, count);
        count = 0;
    }

    internal struct Entry
    {
        public Node Node;
        public Tensor? Gradient;

        /// <summary>Whether nobody else refers to the gradient's buffer, so that it may be added to in place.</summary>
        public bool Owned;
    }
}
