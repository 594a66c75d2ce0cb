using Backprop.Memory;

namespace Backprop.Replay;

/// <summary>
/// Where the tensors of a step lie in a few large buffers: two share a place where the one is used no more before the other is used first, or where the
/// other is computed from the one element by element. Placed by size, the largest first, each as low as it fits.
/// </summary>
internal sealed class BufferPlan
{
    /// <summary>Bytes of a buffer, unless a single tensor takes more.</summary>
    private const int Largest = 1 << 30;

    private const int Alignment = 64;

    private readonly Storage[] storages;
    private readonly (int Buffer, int At)[] places;
    private readonly byte[][] buffers;
    private readonly int[] starts;

    private BufferPlan(Storage[] storages, (int Buffer, int At)[] places, byte[][] buffers)
    {
        this.storages = storages;
        this.places = places;
        this.buffers = buffers;
        starts = Array.ConvertAll(buffers, Buffers.AlignedStart);
        Bytes = buffers.Sum(buffer => (long)buffer.Length);
    }

    /// <summary>What the buffers take.</summary>
    public long Bytes { get; }

    /// <summary>Plans for storages that are used from one piece of work to another.</summary>
    public static BufferPlan For(IReadOnlyList<Work> works, Func<Storage, bool> isPlanned)
    {
        var spans = new Dictionary<Storage, Span>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < works.Count; i++)
        {
            foreach (var storage in works[i].Uses)
            {
                if (spans.TryGetValue(storage, out var span))
                {
                    span.Last = i;
                }
                else if (isPlanned(storage))
                {
                    spans.Add(storage, new Span(storage, i));
                    storage.Plan();
                }
            }
        }

        for (var i = 0; i < works.Count; i++)
        {
            WriteInPlace(works[i], i, spans);
        }

        var order = spans.Values.Distinct().OrderByDescending(span => span.Size).ThenBy(span => span.First).ToArray();
        var placed = new List<List<Span>>();
        foreach (var span in order)
        {
            Place(span, placed);
        }

        var buffers = new byte[placed.Count][];
        for (var i = 0; i < buffers.Length; i++)
        {
            buffers[i] = Buffers.Pinned(placed[i].Max(span => span.At + span.Size));
        }

        return new BufferPlan([.. spans.Keys], [.. spans.Values.Select(span => (span.Buffer, span.At))], buffers);
    }

    /// <summary>Gives the tensors their elements.</summary>
    public void Attach()
    {
        for (var i = 0; i < storages.Length; i++)
        {
            var (buffer, at) = places[i];
            storages[i].Attach(buffers[buffer], starts[buffer] + at);
        }
    }

    /// <summary>Takes them away, so that nobody reads what is no longer theirs.</summary>
    public void Detach()
    {
        foreach (var storage in storages)
        {
            storage.Detach();
        }
    }

    /// <summary>A result takes over the place of an input that is used there for the last time, where the work can do with one place for both.</summary>
    private static void WriteInPlace(Work work, int position, Dictionary<Storage, Span> spans)
    {
        foreach (var (from, to) in work.InPlace())
        {
            if (spans.TryGetValue(from, out var input) && spans.TryGetValue(to, out var result) && input.Last == position && result.First == position
                && input.Size == result.Size)
            {
                input.Last = result.Last;
                spans[to] = input;
                work.Overwrites(from);
                return;
            }
        }
    }

    private static void Place(Span span, List<List<Span>> placed)
    {
        for (var buffer = 0; ; buffer++)
        {
            if (buffer == placed.Count)
            {
                placed.Add([]);
            }

            // The others that are in use meanwhile, from low to high; then the first gap that is large enough.
            long at = 0;
            foreach (var other in placed[buffer])
            {
                if (other.First <= span.Last && span.First <= other.Last)
                {
                    if (at + span.Size <= other.At)
                    {
                        break;
                    }

                    at = Math.Max(at, other.At + (long)other.Size);
                }
            }

            if (at + span.Size <= Largest || placed[buffer].Count == 0)
            {
                (span.Buffer, span.At) = (buffer, (int)at);
                var index = placed[buffer].FindIndex(other => other.At > at);
                placed[buffer].Insert(index < 0 ? placed[buffer].Count : index, span);
                return;
            }
        }
    }

    /// <summary>When a place is used, and where it lies.</summary>
    private sealed class Span(Storage storage, int first)
    {
        public int First { get; } = first;

        public int Last { get; set; } = first;

        /// <summary>Bytes, up to where the next may begin.</summary>
        public int Size { get; } = (int)Math.Min(((long)storage.ByteLength + Alignment - 1) / Alignment * Alignment, Layout.MaxBytes);

        public int Buffer { get; set; }

        public int At { get; set; }
    }
}
