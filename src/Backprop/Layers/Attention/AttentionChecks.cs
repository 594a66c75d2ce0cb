namespace Backprop.Layers;

/// <summary>What layers of attention ask of their inputs.</summary>
internal static class AttentionChecks
{
    /// <summary>Ranks, sizes and dtypes of queries, keys and values.</summary>
    public static void Inputs(string operation, MultiHeadAttention layer, Tensor query, Tensor key, Tensor value, string location)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        foreach (var (name, x) in new[] { ("query", query), ("key", key), ("value", value) })
        {
            if (x.Rank is not (2 or 3) || x.Rank != query.Rank || x.Shape[^1] != layer.Features)
            {
                var wanted = layer.IsBatchFirst ? $"[batch, positions, {layer.Features}]" : $"[positions, batch, {layer.Features}]";
                throw new ShapeException($"{operation}: the {name} {Error.Text(x.Shape)} must be {wanted}, or all three [positions, {layer.Features}] for "
                    + $"one sequence, in {location}");
            }

            if (x.DType != layer.InWeight.DType)
            {
                throw new DTypeException($"{Error.DTypesDiffer(operation, x.DType, layer.InWeight.DType).Message} In {location}");
            }
        }

        if (!key.Shape.SequenceEqual(value.Shape))
        {
            throw new ShapeException($"{operation}: keys {Error.Text(key.Shape)} and values {Error.Text(value.Shape)} must have one shape, in {location}");
        }

        var batch = layer.IsBatchFirst ? 0 : 1;
        if (query.Rank == 3 && query.Shape[batch] != key.Shape[batch])
        {
            throw new ShapeException($"{operation}: queries {Error.Text(query.Shape)} and keys {Error.Text(key.Shape)} must have one batch "
                + $"({query.Shape[batch]} ≠ {key.Shape[batch]}), in {location}");
        }
    }

    /// <summary>Mask and padding as one mask, or null for neither.</summary>
    /// <param name="operation">For messages.</param>
    /// <param name="mask">As the caller gave it.</param>
    /// <param name="padding">True where a key is padding.</param>
    /// <param name="weights">[batch, heads, queries, keys].</param>
    /// <param name="dtype">Of a mask that is added.</param>
    /// <param name="single">Whether there is no batch in the inputs.</param>
    /// <param name="location">For messages.</param>
    public static Tensor? Mask(string operation, Tensor? mask, Tensor? padding, int[] weights, DType dtype, bool single, string location)
    {
        var full = single ? weights[1..] : weights;
        if (mask is not null)
        {
            if (mask.DType != DType.Bool && mask.DType != dtype)
            {
                throw new DTypeException(
                    $"{operation}: a mask is bool (true: may attend) or {dtype.Label()}, which is added, not {mask.DType.Label()}, in {location}");
            }

            if ((mask.Rank != 2 && mask.Rank != full.Length) || !Broadcasts(mask.Shape, full))
            {
                throw new ShapeException($"{operation}: the mask {Error.Text(mask.Shape)} must be [{full[^2]}, {full[^1]}], queries and keys, or "
                    + $"{Error.Text(full)} with sizes of 1 where they are shared, in {location}");
            }

            Tensor.CheckAddedMask(operation, mask, location);
        }

        if (padding is null)
        {
            return mask;
        }

        if (padding.DType != DType.Bool)
        {
            throw new DTypeException($"{operation}: the padding is bool, true where a key is padding, not {padding.DType.Label()}, in {location}");
        }

        int[] wanted = single ? [weights[3]] : [weights[0], weights[3]];
        if (!padding.Shape.SequenceEqual(wanted))
        {
            throw new ShapeException($"{operation}: the padding {Error.Text(padding.Shape)} must be {Error.Text(wanted)}, "
                + $"{(single ? "" : "batch and ")}keys, in {location}");
        }

        var allowed = (!padding).Reshape(single ? 1 : weights[0], 1, 1, weights[3]);
        return mask is null ? allowed
            : mask.DType == DType.Bool ? mask & allowed
            : Tensor.Where(allowed, mask, Tensor.Full([], double.NegativeInfinity, dtype));
    }

    /// <summary>Whether a mask repeated along axes of size 1 has the shape.</summary>
    private static bool Broadcasts(ReadOnlySpan<int> mask, ReadOnlySpan<int> full)
    {
        for (var i = 1; i <= mask.Length; i++)
        {
            if (mask[^i] != 1 && mask[^i] != full[^i])
            {
                return false;
            }
        }

        return true;
    }
}
