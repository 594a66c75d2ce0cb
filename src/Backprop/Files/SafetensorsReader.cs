using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Backprop.Files;

/// <summary>An open safetensors file: the header is read and checked, the tensors are read one by one where they are wanted.</summary>
internal sealed class SafetensorsReader : IDisposable
{
    private const int LengthField = sizeof(ulong);

    private readonly SafeFileHandle handle;
    private readonly string path;
    private readonly long dataStart;

    private SafetensorsReader(SafeFileHandle handle, string path)
    {
        this.handle = handle;
        this.path = path;
        var fileLength = RandomAccess.GetLength(handle);
        if (fileLength < LengthField)
        {
            throw new InvalidDataException($"{path}: not a safetensors file: {fileLength} bytes; it begins with 8 bytes, the length of its header.");
        }

        Span<byte> field = stackalloc byte[LengthField];
        ReadExactly(field, 0);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(field);
        if (length > SafetensorsHeader.MaxLength || (long)length > fileLength - LengthField)
        {
            var kind = length > SafetensorsHeader.MaxLength ? "not a safetensors file" : "not a safetensors file, or a truncated one";
            throw new InvalidDataException(
                $"{path}: {kind}: the header's length is {length}; it must be at most "
                + FormattableString.Invariant($"{SafetensorsHeader.MaxLength:N0}, and the file has {fileLength - LengthField} bytes behind this number."));
        }

        var json = new byte[length];
        ReadExactly(json, LengthField);
        dataStart = LengthField + (long)length;
        Header = SafetensorsHeader.Parse(json, fileLength - dataStart, path);
    }

    /// <summary>What the file holds.</summary>
    public SafetensorsHeader Header { get; }

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="InvalidDataException">A rule of the format is broken.</exception>
    /// <exception cref="IOException">There is no such file, or it is a folder.</exception>
    public static SafetensorsReader Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path))
        {
            throw new IOException($"'{path}' is a folder, not a file.");
        }

        var handle = File.OpenHandle(path);
        try
        {
            return new SafetensorsReader(handle, path);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Reads the bytes of a tensor: little-endian, row-major.</summary>
    /// <param name="item">Which one.</param>
    /// <param name="destination">As many bytes as the tensor has.</param>
    public void Read(SafetensorsItem item, Span<byte> destination)
    {
        if (destination.Length != item.End - item.Begin)
        {
            throw new ArgumentException(
                $"{path}: tensor '{item.Name}' has {item.End - item.Begin} bytes, the destination {destination.Length}.",
                nameof(destination));
        }

        ReadExactly(destination, dataStart + item.Begin);
    }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    private void ReadExactly(Span<byte> destination, long position)
    {
        while (destination.Length > 0)
        {
            var read = RandomAccess.Read(handle, destination, position);
            if (read == 0)
            {
                throw new InvalidDataException($"{path}: the file became shorter while it was read.");
            }

            destination = destination[read..];
            position += read;
        }
    }
}
