using Backprop.Kernels;

namespace Backprop.Ops;

/// <summary>What attention asks of its operands, and its weights in ordinary operations.</summary>
internal static class AttentionScores
{
    /// <summary>The weights of one query must fit into memory several times.</summary>
    private const int MostKeys = 1 << 26;

    public static double DefaultScale(Tensor query) => query.Shape[^1] == 0 ? 1 : 1 / Math.Sqrt(query.Shape[^1]);

    /// <summary>Checks everything; gives the leading axes that all broadcast to.</summary>
    public static int[] Check(string operation, Tensor query, Tensor key, Tensor? value, Tensor? mask, double? scale)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(key);
        CheckOperand(operation, "query", query, query);
        CheckOperand(operation, "key", key, query);
        if (query.Shape[^1] != key.Shape[^1])
        {
            throw Error.Shape(operation, $"queries {Error.Text(query.Shape)} and keys {Error.Text(key.Shape)} must have one size "
                + $"({query.Shape[^1]} ≠ {key.Shape[^1]}).");
        }

        if (key.Shape[^2] > MostKeys)
        {
            throw Error.Shape(operation, $"{key.Shape[^2]} keys are more than a query can attend to; the most is {MostKeys}.");
        }

        var lead = Lead(operation, query.Shape[..^2], "query", key.Shape[..^2], "key");
        if (value is not null)
        {
            CheckOperand(operation, "value", value, query);
            if (value.Shape[^2] != key.Shape[^2])
            {
                throw Error.Shape(operation, $"keys {Error.Text(key.Shape)} and values {Error.Text(value.Shape)} must be equally many "
                    + $"({key.Shape[^2]} ≠ {value.Shape[^2]}).");
            }

            lead = Lead(operation, lead, "query and key", value.Shape[..^2], "value");
        }

        if (scale is { } factor && !double.IsFinite(factor))
        {
            throw Error.Range(operation, nameof(scale), factor, "finite");
        }

        return mask is null ? lead : CheckMask(operation, mask, query, key, lead);
    }

    /// <summary>softmax(scale · Q Kᵀ + mask); zeros where nothing is left.</summary>
    public static Tensor Weights(Tensor query, Tensor key, Tensor? mask, bool isCausal, double scale)
    {
        var scores = query.MatMul(key.Transpose()) * scale;
        var never = Tensor.Full([], double.NegativeInfinity, scores.DType);
        if (isCausal)
        {
            var allowed = Tensor.Arange(key.Shape[^2], DType.Int64) <= Tensor.Arange(query.Shape[^2], DType.Int64).Unsqueeze(1);
            scores = Tensor.Where(allowed, scores, never);
        }

        if (mask is null || key.Shape[^2] == 0)
        {
            return scores.Softmax();
        }

        scores = mask.DType == DType.Bool ? Tensor.Where(mask, scores, never) : scores + mask;
        Tensor dead;
        using (Recording.Pause())
        {
            dead = scores.Detach().Max(-1, keepDimensions: true).EqualTo(never);
        }

        // A row of nothing but −∞ has no softmax: it is left out before, so that no NaN comes into the gradient, and zero behind.
        var zero = Tensor.Zeros([], scores.DType);
        return Tensor.Where(dead, zero, Tensor.Where(dead, zero, scores).Softmax());
    }

    /// <summary>Takes the random bits for the weights [..., rows, columns], a stretch of them for each row.</summary>
    public static RandomStretch Reserve(Generator? generator, ReadOnlySpan<int> lead, int rows, int columns)
    {
        var stretch = new RandomStretch();
        if (generator is null)
        {
            return stretch;
        }

        var count = (ulong)Math.Max(Layout.CheckedCount("scaled_dot_product_attention", lead), 0) * (ulong)rows;
        Capture.Repeat(() => stretch.Begin = generator.Reserve(count * RandomFill.Blocks<float>(columns)));
        return stretch;
    }

    /// <summary>What weights are multiplied by when they are dropped: 0 or 1 / keep, in float32 bits whatever the dtype of the weights.</summary>
    public static Tensor DropoutMask(ReadOnlySpan<int> shape, double keep, RandomStretch random)
    {
        var mask = Tensor.Allocate(Layout.Contiguous("scaled_dot_product_attention", shape), DType.Float32);
        var columns = shape[^1];
        var blocks = RandomFill.Blocks<float>(columns);
        Capture.Repeat(() =>
        {
            var values = mask.AsWritableSpan<float>();
            for (var row = 0; columns > 0 && row < values.Length / columns; row++)
            {
                RandomFill.Mask(values.Slice(row * columns, columns), random.Begin.Counter + ((ulong)row * blocks), random.Begin.Seed, keep, 1);
            }
        });

        return mask.To(DType.Float64) * (keep == 0 ? 0 : 1 / keep);
    }

    private static void CheckOperand(string operation, string name, Tensor x, Tensor query)
    {
        if (!x.DType.IsFloating())
        {
            throw Error.DType(operation, x.DType, "convert with To(DType.Float32) first.");
        }

        if (x.DType != query.DType)
        {
            throw Error.DTypesDiffer(operation, query.DType, x.DType);
        }

        if (x.Rank < 2)
        {
            throw Error.Shape(operation, $"the {name} {Error.Text(x.Shape)} must have two axes or more: [..., positions, size].");
        }
    }

    private static int[] CheckMask(string operation, Tensor mask, Tensor query, Tensor key, int[] lead)
    {
        if (mask.DType != DType.Bool && mask.DType != query.DType)
        {
            throw Error.DType(operation, mask.DType, $"a mask is bool (true: may attend) or {query.DType.Label()}, which is added.");
        }

        int[] full = [.. lead, query.Shape[^2], key.Shape[^2]];
        int[] shape;
        try
        {
            shape = Layout.Broadcast(operation, full, mask.Shape);
        }
        catch (ShapeException)
        {
            shape = [];
        }

        if (shape.Length < 2 || shape[^2] != full[^2] || shape[^1] != full[^1])
        {
            throw Error.Shape(operation, $"the mask {Error.Text(mask.Shape)} does not broadcast to the weights {Error.Text(full)}: [..., queries, keys].");
        }

        Tensor.CheckAddedMask(operation, mask);
        return shape[..^2];
    }

    private static int[] Lead(string operation, ReadOnlySpan<int> a, string nameA, ReadOnlySpan<int> b, string nameB)
    {
        try
        {
            return Layout.Broadcast(operation, a, b);
        }
        catch (ShapeException)
        {
            throw Error.Shape(operation, $"the leading axes {Error.Text(a)} of {nameA} and {Error.Text(b)} of {nameB} do not broadcast.");
        }
    }
}
