using System.Runtime.InteropServices;
using Backprop.Files;

namespace Backprop;

/// <summary>
/// Tensors by name in a file of the safetensors format, which other frameworks read and write too: a JSON header and the
/// elements, nothing that could be executed.
/// </summary>
/// <remarks>
/// <para>
/// The format: 8 bytes with the length of the header (little-endian, at most 100,000,000), the header, the elements. The
/// header is a JSON object; each name has <c>dtype</c>, <c>shape</c> and <c>data_offsets</c> [begin, end], counted from the
/// end of the header; <c>__metadata__</c> may hold text. Elements are little-endian and row-major.
/// </para>
/// <para>
/// Reading is strict: unknown types and fields, duplicate names, sizes that overflow or disagree with the offsets, overlaps,
/// holes and bytes that belong to no tensor are errors, found before any tensor is made.
/// </para>
/// <para>
/// Tensors are written as F32, F64, I32, I64 and BOOL. Other types become the narrowest tensor that holds every value when
/// they are read: F16 and BF16 float32, U8, I8, U16 and I16 int32, U32 int64; U64 is refused.
/// </para>
/// </remarks>
public static class Safetensors
{
    /// <summary>
    /// Saves tensors. The file is written under a temporary name, brought to the disk and then moved to its place: a failure
    /// leaves what was there before. A file that exists keeps its permissions, and a link to it stays a link.
    /// </summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="tensors">What to save; views are written in row-major order.</param>
    /// <param name="metadata">Text to go with it.</param>
    /// <exception cref="ArgumentException">A name is not legal: <c>__metadata__</c>, or half of a surrogate pair.</exception>
    /// <exception cref="IOException">The file cannot be written, or is a pipe or a device; the message names it and says why.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder does not allow it.</exception>
    public static void Save(
        string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        CheckByteOrder();
        SafetensorsWriter.Write(path, tensors.Select(pair => ToEntry(pair.Key, pair.Value)), metadata);
    }

    /// <summary>Loads all tensors of a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The tensors by name, with storage of their own that no <see cref="TensorScope"/> recycles.</returns>
    /// <exception cref="InvalidDataException">The file breaks a rule of the format, or holds what a tensor cannot hold.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Dictionary<string, Tensor> Load(string path)
    {
        CheckByteOrder();
        using var reader = SafetensorsReader.Open(path);
        using var pause = TensorScope.Pause(); // what is loaded outlives the step in which it is
        var shapes = reader.Header.Items.Values.ToDictionary(item => item, item => ToShape(item, path));
        return shapes.ToDictionary(pair => pair.Key.Name, pair => SafetensorsElements.Read(reader, pair.Key, pair.Value, path));
    }

    /// <summary>Reads the text that goes with the tensors of a file.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The text by key; empty where there is none.</returns>
    /// <exception cref="InvalidDataException">The file breaks a rule of the format.</exception>
    public static IReadOnlyDictionary<string, string> ReadMetadata(string path)
    {
        using var reader = SafetensorsReader.Open(path);
        return reader.Header.Metadata;
    }

    private static SafetensorsEntry ToEntry(string name, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        var type = SafetensorsType.Find(tensor.DType switch
        {
            DType.Float32 => "F32",
            DType.Float64 => "F64",
            DType.Int32 => "I32",
            DType.Int64 => "I64",
            DType.BFloat16 => "BF16",
            DType.Float16 => "F16",
            _ => "BOOL",
        })!;
        return new SafetensorsEntry(name, type, [.. tensor.Shape.ToArray().Select(size => (long)size)], () => BytesOf(tensor));
    }

    private static ReadOnlySpan<byte> BytesOf(Tensor tensor)
    {
        tensor = tensor.Detach().Contiguous();
        return tensor.DType switch
        {
            DType.Float32 => MemoryMarshal.AsBytes(tensor.AsSpan<float>()),
            DType.Float64 => MemoryMarshal.AsBytes(tensor.AsSpan<double>()),
            DType.Int32 => MemoryMarshal.AsBytes(tensor.AsSpan<int>()),
            DType.Int64 => MemoryMarshal.AsBytes(tensor.AsSpan<long>()),
            DType.BFloat16 => MemoryMarshal.AsBytes(tensor.AsSpan<BFloat16>()),
            DType.Float16 => MemoryMarshal.AsBytes(tensor.AsSpan<Half>()),
            _ => MemoryMarshal.AsBytes(tensor.AsSpan<bool>()),
        };
    }

    private static int[] ToShape(SafetensorsItem item, string path)
    {
        var positive = 1L;
        var most = Layout.MaxBytes / SafetensorsElements.TypeOf(item, path).Size();
        foreach (var size in item.Shape)
        {
            positive = size > Array.MaxLength ? long.MaxValue : positive * Math.Max(size, 1);
            if (positive > most)
            {
                throw new InvalidDataException(
                    $"{path}: tensor '{item.Name}', {item.Description}, is larger than a tensor can be ({most} elements).");
            }
        }

        return item.Shape.Length <= Layout.MaxRank
            ? Array.ConvertAll(item.Shape, size => (int)size)
            : throw new InvalidDataException(
                $"{path}: tensor '{item.Name}' has {item.Shape.Length} axes; a tensor has at most {Layout.MaxRank}.");
    }

    private static void CheckByteOrder()
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("Safetensors: files are little-endian, this processor is not.");
        }
    }
}
