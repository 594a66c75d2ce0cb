namespace Backprop.Files;

/// <summary>An element type of the safetensors format.</summary>
/// <param name="Name">What the file calls it.</param>
/// <param name="Size">Bytes per element.</param>
/// <param name="Rank">Place in the order of the reference implementation, which writes high ranks (wide types) first.</param>
internal sealed record SafetensorsType(string Name, int Size, int Rank)
{
    /// <summary>All types that are read and written; others are refused.</summary>
    public static readonly SafetensorsType[] All =
    [
        new("BOOL", 1, 0), new("U8", 1, 1), new("I8", 1, 2), new("I16", 2, 3), new("U16", 2, 4), new("F16", 2, 5), new("BF16", 2, 6),
        new("I32", 4, 7), new("U32", 4, 8), new("F32", 4, 9), new("F64", 8, 10), new("I64", 8, 11), new("U64", 8, 12),
    ];

    /// <summary>The type of that name, or null.</summary>
    public static SafetensorsType? Find(string name) => Array.Find(All, type => type.Name == name);

    /// <summary>Bytes that elements of this type take, or null if the number exceeds 63 bits.</summary>
    public long? ByteCount(ReadOnlySpan<long> shape)
    {
        var count = 1L;
        foreach (var size in shape)
        {
            if (size > 0 && count > long.MaxValue / size)
            {
                return null;
            }

            count *= size;
        }

        return count <= long.MaxValue / Size ? count * Size : null;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
