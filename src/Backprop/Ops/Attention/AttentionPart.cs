using Backprop.Kernels.Attention;

namespace Backprop.Ops;

/// <summary>One operand of attention, a result or a gradient as the kernels take it, and where each of its heads begins.</summary>
internal readonly struct AttentionPart
{
    public AttentionPart(Tensor x, int heads, ref HeadStarts? known)
    {
        Tensor = x;
        if (known is { Starts: var starts } && starts.Length == Math.Max(heads, 1) && ReferenceEquals(known.Layout, x.Layout))
        {
            Starts = starts;
            return;
        }

        Starts = new nint[Math.Max(heads, 1)];
        known = new HeadStarts(x.Layout, Starts);
        var sizes = x.Shape[..^2];
        var counter = new int[sizes.Length];
        nint at = x.Layout.Offset;
        for (var i = 0; i < heads; i++)
        {
            Starts[i] = at;
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

    public Tensor Tensor { get; }

    /// <summary>The heads' positions in storage.</summary>
    public nint[] Starts { get; }

    /// <summary>An operand; copied where its rows don't fit.</summary>
    public static AttentionPart Operand(Tensor x, int heads, ref HeadStarts? known)
    {
        x.CheckAlive();
        if (!Fits(x.Layout))
        {
            var copy = Tensor.Allocate(Layout.Contiguous("scaled_dot_product_attention", x.Shape), x.DType);
            copy.CopyElements(x);
            x = copy;
        }

        return new AttentionPart(x, heads, ref known);
    }

    /// <summary>Rows whose elements lie side by side, at a distance.</summary>
    public static bool Fits(Layout x)
    {
        var sizes = x.Sizes;
        var strides = x.Strides;
        return (strides[^1] == 1 || sizes[^1] <= 1) && (sizes[^2] <= 1 || (strides[^2] >= sizes[^1] && strides[^2] > 0));
    }

    /// <summary>As kernels take it.</summary>
    public unsafe HeadRows<T> Rows<T>(byte* storage, nint* starts)
        where T : unmanaged => new()
        {
            Start = (T*)storage,
            At = starts,
            Row = Tensor.Shape[^2] <= 1 ? Math.Max(Tensor.Shape[^1], 1) : Tensor.Strides[^2],
        };
}

/// <summary>Where the heads of a layout begin: found once, for replays.</summary>
/// <param name="Layout">The layout.</param>
/// <param name="Starts">The heads' positions in storage; never changed.</param>
internal sealed record HeadStarts(Layout Layout, nint[] Starts);
