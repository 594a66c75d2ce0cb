namespace Backprop.Ops;

/// <summary>The operands of attention as the kernels take them, and where each head of each begins.</summary>
internal sealed class AttentionParts
{
    public AttentionParts(Tensor query, Tensor key, Tensor value, Tensor? mask)
    {
        Query = Arranged(query);
        Key = Arranged(key);
        Value = Arranged(value);
        Mask = mask;
        Mask?.CheckAlive();
        Heads = Layout.CheckedCount("scaled_dot_product_attention", query.Shape[..^2]);
        Starts = new nint[4 * Math.Max(Heads, 1)];
        Fill(Query, Starts.AsSpan(0, Heads));
        Fill(Key, Starts.AsSpan(Heads, Heads));
        Fill(Value, Starts.AsSpan(2 * Heads, Heads));
        if (Mask is not null)
        {
            Fill(Mask, Starts.AsSpan(3 * Heads, Heads));
        }
    }

    public Tensor Query { get; }

    public Tensor Key { get; }

    public Tensor Value { get; }

    public Tensor? Mask { get; }

    /// <summary>All leading axes together.</summary>
    public int Heads { get; }

    /// <summary>The heads' positions in storage: those of Q, K, V and the mask, one after the other.</summary>
    public nint[] Starts { get; }

    /// <summary>Elements from one row to the next, as products take it.</summary>
    public static int RowStride(Tensor x) => x.Shape[^2] <= 1 ? Math.Max(x.Shape[^1], 1) : x.Strides[^2];

    /// <summary>Rows whose elements lie side by side, at a distance; else a copy.</summary>
    private static Tensor Arranged(Tensor x)
    {
        x.CheckAlive();
        var fits = (x.Strides[^1] == 1 || x.Shape[^1] <= 1) && (x.Shape[^2] <= 1 || (x.Strides[^2] >= x.Shape[^1] && x.Strides[^2] > 0));
        if (fits)
        {
            return x;
        }

        var copy = Tensor.Allocate(Layout.Contiguous("scaled_dot_product_attention", x.Shape), x.DType);
        copy.CopyElements(x);
        return copy;
    }

    private static void Fill(Tensor x, Span<nint> starts)
    {
        var sizes = x.Shape[..^2];
        var counter = new int[sizes.Length];
        nint at = x.Layout.Offset;
        for (var i = 0; i < starts.Length; i++)
        {
            starts[i] = at;
            for (var axis = counter.Length - 1; axis >= 0; axis--)
            {
                at += x.Strides[axis];
                if (++counter[axis] < sizes[axis])
                {
                    break;
                }

                at -= (nint)x.Strides[axis] * sizes[axis];
                counter[axis] = 0;
            }
        }
    }
}
