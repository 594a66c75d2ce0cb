namespace Backprop;

/// <summary>
/// The tensors that are owed a gradient, latest position last. When the latest one comes up nobody can owe it any more, for whoever
/// used it is later and has been settled: no topological sort and no visited set.
/// </summary>
/// <remarks>
/// A sorted list in chunks. Most walks fit the first one; a very wide stretch (the sum of 100,000 terms) moves no more than one chunk per insertion.
/// </remarks>
internal sealed class Frontier
{
    private const int Capacity = 64;
    private const int ChunksKept = 4;

    private Chunk[] chunks = [new Chunk()];
    private int count = 1;

    /// <summary>Takes the latest entry.</summary>
    /// <param name="node">The node.</param>
    /// <param name="gradient">What it is owed.</param>
    /// <param name="owned">Whether nobody else refers to the gradient's buffer.</param>
    public bool TryTakeLatest(out Node node, out Tensor gradient, out bool owned)
    {
        var chunk = chunks[count - 1];
        if (chunk.Count == 0)
        {
            (node, gradient, owned) = (null!, null!, false);
            return false;
        }

        ref var entry = ref chunk.Entries[--chunk.Count];
        (node, gradient, owned) = (entry.Node, entry.Gradient!, entry.Owned);
        entry = default;

        // Only the first chunk may be empty. An emptied one stays behind the last, for reuse.
        count -= chunk.Count == 0 && count > 1 ? 1 : 0;
        return true;
    }

    /// <summary>The entry of a node, made where there was none (its gradient is then null).</summary>
    public ref Entry Owed(Node node)
    {
        var index = count == 1 ? 0 : ChunkOf(node.Position);
        var chunk = chunks[index];
        var at = chunk.Find(node.Position);
        if (at < chunk.Count && ReferenceEquals(chunk.Entries[at].Node, node))
        {
            return ref chunk.Entries[at];
        }

        if (chunk.Count == Capacity)
        {
            var upper = Split(index);
            if (at > chunk.Count)
            {
                at -= chunk.Count;
                chunk = upper;
            }
        }

        return ref chunk.Insert(at, node);
    }

    /// <summary>What a node is owed; null where there is nothing.</summary>
    public Tensor? Find(Node node)
    {
        var chunk = chunks[count == 1 ? 0 : ChunkOf(node.Position)];
        var at = chunk.Find(node.Position);
        return at < chunk.Count && ReferenceEquals(chunk.Entries[at].Node, node) ? chunk.Entries[at].Gradient : null;
    }

    /// <summary>The gradients owed now.</summary>
    public IEnumerable<Tensor> Gradients() => chunks.Take(count).SelectMany(chunk => chunk.Entries.Take(chunk.Count)).Select(entry => entry.Gradient!);

    public void Clear()
    {
        for (var i = 0; i < count; i++)
        {
            Array.Clear(chunks[i].Entries, 0, chunks[i].Count);
            chunks[i].Count = 0;
        }

        count = 1;
        if (chunks.Length > ChunksKept)
        {
            Array.Resize(ref chunks, ChunksKept);
        }
    }

    /// <summary>The last chunk that begins at or before a position; the first where none does.</summary>
    private int ChunkOf(long position)
    {
        int low = 0, high = count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            if (chunks[middle].Entries[0].Node.Position <= position)
            {
                low = middle;
            }
            else
            {
                high = middle - 1;
            }
        }

        return low;
    }

    /// <summary>Moves the upper half of a full chunk to a new one behind it.</summary>
    private Chunk Split(int index)
    {
        if (count == chunks.Length)
        {
            Array.Resize(ref chunks, count * 2);
        }

        var upper = chunks[count] ?? new Chunk();
        Array.Copy(chunks, index + 1, chunks, index + 2, count - index - 1);
        chunks[index + 1] = upper;
        count++;

        var lower = chunks[index];
        const int Half = Capacity / 2;
        Array.Copy(lower.Entries, Half, upper.Entries, 0, Half);
        Array.Clear(lower.Entries, Half, Half);
        (lower.Count, upper.Count) = (Half, Half);
        return upper;
    }

    internal struct Entry
    {
        public Node Node;
        public Tensor? Gradient;

        /// <summary>Whether nobody else refers to the gradient's buffer, so that it may be added to in place.</summary>
        public bool Owned;
    }

    private sealed class Chunk
    {
        public readonly Entry[] Entries = new Entry[Capacity];
        public int Count;

        /// <summary>Where a position is, or belongs.</summary>
        public int Find(long position)
        {
            int low = 0, high = Count;
            while (low < high)
            {
                var middle = (low + high) >>> 1;
                if (Entries[middle].Node.Position < position)
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle;
                }
            }

            return low;
        }

        public ref Entry Insert(int at, Node node)
        {
            Array.Copy(Entries, at, Entries, at + 1, Count - at);
            Count++;
            Entries[at] = new Entry { Node = node };
            return ref Entries[at];
        }
    }
}
