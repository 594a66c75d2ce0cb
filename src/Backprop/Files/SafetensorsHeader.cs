using System.Text.Json;
using System.Text.Unicode;

namespace Backprop.Files;

/// <summary>What the header says about one tensor.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its element type.</param>
/// <param name="Shape">The size of every axis; empty for a scalar.</param>
/// <param name="Begin">Where its bytes begin, counted from the end of the header.</param>
/// <param name="End">Where they end.</param>
internal sealed record SafetensorsItem(string Name, SafetensorsType Type, long[] Shape, long Begin, long End)
{
    /// <summary>For messages: <c>F32 [2, 3]</c>.</summary>
    public string Description => $"{Type} [{string.Join(", ", Shape)}]";
}

/// <summary>
/// The header of a safetensors file: a JSON object from names to element type, shape and place, with text of the user's
/// under <c>__metadata__</c>. Every rule of the format is checked.
/// </summary>
internal sealed class SafetensorsHeader
{
    /// <summary>The longest header that the format allows.</summary>
    public const int MaxLength = 100_000_000;

    /// <summary>The key under which the user's text stands.</summary>
    public const string MetadataKey = "__metadata__";

    private readonly string file;
    private readonly Dictionary<string, SafetensorsItem> items = [];
    private readonly Dictionary<string, string> metadata = [];
    private bool hasMetadata;

    private SafetensorsHeader(string file) => this.file = file;

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, SafetensorsItem> Items => items;

    /// <summary>The user's text.</summary>
    public IReadOnlyDictionary<string, string> Metadata => metadata;

    /// <summary>Reads a header.</summary>
    /// <param name="json">The header, padding included.</param>
    /// <param name="dataLength">How many bytes follow the header.</param>
    /// <param name="file">What error messages call the file.</param>
    /// <exception cref="InvalidDataException">A rule of the format is broken.</exception>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, long dataLength, string file)
    {
        var header = new SafetensorsHeader(file);
        header.Read(json);
        header.CheckPlaces(dataLength);
        return header;
    }

    private void Read(ReadOnlySpan<byte> json)
    {
        if (json.IsEmpty || json[0] != (byte)'{')
        {
            throw Bad("the header does not begin with '{'");
        }

        json = json.TrimEnd((byte)' ');
        if (json[^1] != (byte)'}')
        {
            throw Bad("the header does not end with '}' and spaces");
        }

        if (!Utf8.IsValid(json))
        {
            throw Bad("the header is not valid UTF-8");
        }

        var reader = new Utf8JsonReader(json);
        try
        {
            reader.Read();
            while (NextKey(ref reader, out var name))
            {
                if (name == MetadataKey)
                {
                    ReadMetadata(ref reader);
                }
                else if (!items.TryAdd(name, ReadItem(ref reader, name)))
                {
                    throw Bad($"tensor '{name}' occurs twice");
                }
            }

            reader.Read(); // anything behind the object is an error
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{file}: the header is not valid JSON ({error.Message})", error);
        }
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (hasMetadata)
        {
            throw Bad($"{MetadataKey} occurs twice");
        }

        hasMetadata = true;
        Expect(ref reader, JsonTokenType.StartObject, $"{MetadataKey} must be an object from text to text");
        while (NextKey(ref reader, out var key))
        {
            Expect(ref reader, JsonTokenType.String, $"{MetadataKey} must be an object from text to text; '{key}' is something else");
            if (!metadata.TryAdd(key, reader.GetString()!))
            {
                throw Bad($"{MetadataKey} has '{key}' twice");
            }
        }
    }

    private SafetensorsItem ReadItem(ref Utf8JsonReader reader, string name)
    {
        Expect(ref reader, JsonTokenType.StartObject, $"tensor '{name}' must be an object with dtype, shape and data_offsets");
        SafetensorsType? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        while (NextKey(ref reader, out var field))
        {
            if (field is "dtype" && type is null)
            {
                Expect(ref reader, JsonTokenType.String, $"the dtype of tensor '{name}' must be text");
                var found = reader.GetString()!;
                type = SafetensorsType.Find(found) ?? throw Bad(
                    $"tensor '{name}' has the unknown dtype '{found}'; known are {string.Join(", ", (object[])SafetensorsType.All)}");
            }
            else if (field is "shape" && shape is null)
            {
                shape = ReadNumbers(ref reader, $"the shape of tensor '{name}'");
            }
            else if (field is "data_offsets" && offsets is null)
            {
                offsets = ReadNumbers(ref reader, $"data_offsets of tensor '{name}'");
            }
            else
            {
                throw Bad(field is "dtype" or "shape" or "data_offsets"
                    ? $"tensor '{name}' has {field} twice"
                    : $"tensor '{name}' has the unknown field '{field}'; legal are dtype, shape, data_offsets");
            }
        }

        if (type is null || shape is null || offsets is null)
        {
            var missing = type is null ? "dtype" : shape is null ? "shape" : "data_offsets";
            throw Bad($"tensor '{name}' has no {missing}");
        }

        if (offsets.Length != 2 || offsets[0] > offsets[1])
        {
            throw Bad($"data_offsets of tensor '{name}' are [{string.Join(", ", offsets)}]; they must be [begin, end] with begin ≤ end");
        }

        var item = new SafetensorsItem(name, type, shape, offsets[0], offsets[1]);
        var needed = type.ByteCount(shape) ?? throw Bad($"the size of tensor '{name}', {item.Description}, exceeds 63 bits");
        if (needed != item.End - item.Begin)
        {
            throw Bad($"tensor '{name}', {item.Description}, takes {needed} bytes; its data_offsets span {item.End - item.Begin}");
        }

        return item;
    }

    private long[] ReadNumbers(ref Utf8JsonReader reader, string what)
    {
        Expect(ref reader, JsonTokenType.StartArray, $"{what} must be a list of whole numbers");
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var number) || reader.ValueSpan[0] == (byte)'-')
            {
                throw Bad($"{what} must be a list of whole numbers from 0 to {long.MaxValue}");
            }

            numbers.Add(number);
        }

        return [.. numbers];
    }

    private void CheckPlaces(long dataLength)
    {
        var end = 0L;
        foreach (var item in items.Values.OrderBy(item => item.Begin).ThenBy(item => item.End))
        {
            if (item.Begin != end)
            {
                throw Bad(item.Begin < end
                    ? $"tensor '{item.Name}' begins at {item.Begin}, inside another one that ends at {end}"
                    : $"bytes {end} to {item.Begin}, before tensor '{item.Name}', belong to no tensor");
            }

            end = item.End;
        }

        if (end != dataLength)
        {
            throw Bad(end > dataLength
                ? $"truncated: the tensors take {end} bytes behind the header, found {dataLength}"
                : $"the last {dataLength - end} bytes belong to no tensor");
        }
    }

    /// <summary>Goes to the next key of an object; false at its end.</summary>
    private static bool NextKey(ref Utf8JsonReader reader, out string key)
    {
        reader.Read();
        key = reader.TokenType == JsonTokenType.PropertyName ? reader.GetString()! : "";
        return reader.TokenType == JsonTokenType.PropertyName;
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType token, string what)
    {
        reader.Read();
        if (reader.TokenType != token)
        {
            throw Bad(what);
        }
    }

    private InvalidDataException Bad(string what) => new($"{file}: {what}.");
}
