using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Backprop.Data;

/// <summary>
/// Reads the IDX format, in which MNIST and its relatives are published, plain or compressed with gzip (told by the
/// content, not by the name).
/// </summary>
/// <remarks>
/// <para>
/// The format, all numbers big-endian: two zero bytes, one byte for the element type (<see cref="IdxType"/>), one byte for
/// the number of axes, an int32 for the size of every axis, then the elements in row-major order.
/// </para>
/// <para>
/// A file is taken whole or not at all: a wrong magic number, a size that is negative or too large, a truncated file,
/// trailing bytes (also behind a gzip stream, and be they another gzip member) and a gzip stream with a wrong checksum are errors. Memory is taken as data
/// arrives, so a header that lies about the size costs nothing.
/// </para>
/// </remarks>
public static class Idx
{
    private const int FirstBuffer = 1 << 20;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file, plain or gzip.</param>
    /// <exception cref="InvalidDataException">
    /// The content is not exactly one IDX array; the message names the file and says what was found and what is legal.
    /// </exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static IdxArray Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
        return Read(stream, path);
    }

    /// <summary>Reads a stream from its present position to its end.</summary>
    /// <param name="stream">Plain or gzip content.</param>
    /// <param name="name">What error messages call it.</param>
    /// <exception cref="InvalidDataException">The content is not exactly one IDX array.</exception>
    public static IdxArray Read(Stream stream, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(name);
        if (!stream.CanSeek)
        {
            var copy = new MemoryStream();
            stream.CopyTo(copy);
            copy.Position = 0;
            stream = copy;
        }

        var start = stream.Position;
        var gzip = stream.ReadByte() == 0x1F && stream.ReadByte() == 0x8B;
        stream.Position = start;
        return gzip ? ReadGzip(stream, name) : ReadPlain(stream, name, stream.Length - start);
    }

    private static IdxArray ReadGzip(Stream stream, string name)
    {
        // The library's gzip stream passes over a missing trailer and over anything behind it. A file that is one whole member
        // ends with the checksum and the length of its content, and its compressed data end right before them.
        Span<byte> trailer = stackalloc byte[8];
        var start = stream.Position;
        if (stream.Length - start < 18)
        {
            throw Bad(name, $"the gzip stream is truncated: {stream.Length - start} bytes, at least 18 needed");
        }

        stream.Seek(-8, SeekOrigin.End);
        stream.ReadExactly(trailer);
        stream.Position = start;

        var input = new GzipInput(stream, name);
        using var content = new GzipContent(input, name);
        var array = ReadPlain(content, name, length: null);
        var checksum = BinaryPrimitives.ReadUInt32LittleEndian(trailer);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..]);
        if (!input.IsAtEnd || checksum != content.Checksum || length != (uint)content.Length)
        {
            throw Bad(name, "the gzip stream is truncated, or other bytes or another gzip member follow it: the file does not end with the checksum "
                + $"and the length of its content (found {checksum:x8} and {length}, "
                + $"expected {content.Checksum:x8} and {(uint)content.Length})");
        }

        return array;
    }

    /// <param name="stream">The uncompressed content.</param>
    /// <param name="name">What error messages call it.</param>
    /// <param name="length">The length of the content, where it is known.</param>
    private static IdxArray ReadPlain(Stream stream, string name, long? length)
    {
        Span<byte> magic = stackalloc byte[4];
        ReadHeader(stream, name, magic, "the magic number");
        if (magic[0] != 0 || magic[1] != 0 || !Enum.IsDefined((IdxType)magic[2]) || magic[3] == 0)
        {
            throw Bad(name, $"wrong magic number {Convert.ToHexString(magic)}; an IDX file begins with 0000, a type (08, 09, 0B, 0C, 0D "
                + "or 0E) and the number of axes (01 to FF), so that images begin with 00000803 and labels with 00000801");
        }

        var type = (IdxType)magic[2];
        var shape = new int[magic[3]];
        Span<byte> size = stackalloc byte[4];
        for (var axis = 0; axis < shape.Length; axis++)
        {
            ReadHeader(stream, name, size, $"the size of axis {axis}");
            shape[axis] = BinaryPrimitives.ReadInt32BigEndian(size);
            if (shape[axis] < 0)
            {
                throw Bad(name, FormattableString.Invariant($"the size of axis {axis} is {shape[axis]}; it must be 0 or more"));
            }
        }

        var expected = ByteCount(name, shape, IdxArray.SizeOf(type));
        var header = 4 + (4 * shape.Length);
        if (length is { } known && known != header + expected)
        {
            throw Bad(name, $"{Describe(type, shape)} takes {header + expected} bytes, found {known}: the file is "
                + (known < header + expected ? "truncated" : "followed by trailing bytes"));
        }

        var bytes = ReadBody(stream, name, expected, Describe(type, shape));
        ToNativeOrder(bytes, IdxArray.SizeOf(type));
        return new IdxArray(type, shape, bytes);
    }

    private static long ByteCount(string name, int[] shape, int elementSize)
    {
        if (shape.Contains(0))
        {
            return 0;
        }

        var total = (long)elementSize;
        foreach (var size in shape)
        {
            if (total > Array.MaxLength / size)
            {
                throw Bad(name, $"shape [{string.Join(", ", shape)}] with {elementSize} bytes per element exceeds the largest array of "
                    + $"{Array.MaxLength} bytes");
            }

            total *= size;
        }

        return total;
    }

    private static byte[] ReadBody(Stream stream, string name, long expected, string what)
    {
        var bytes = new byte[Math.Min(expected, FirstBuffer)];
        var filled = 0;
        while (filled < expected)
        {
            if (filled == bytes.Length)
            {
                Array.Resize(ref bytes, (int)Math.Min(expected, bytes.Length * 2L));
            }

            var read = stream.Read(bytes, filled, bytes.Length - filled);
            if (read == 0)
            {
                throw Bad(name, $"truncated: {what} takes {expected} bytes behind the header, found {filled}");
            }

            filled += read;
        }

        // Also brings a gzip stream to its end, where it checks its checksum.
        if (stream.ReadByte() >= 0)
        {
            throw Bad(name, $"trailing bytes: {what} takes {expected} bytes behind the header, more were found");
        }

        return bytes;
    }

    private static void ReadHeader(Stream stream, string name, Span<byte> destination, string what)
    {
        var read = stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
        if (read < destination.Length)
        {
            throw Bad(name, $"truncated in the header: {what} takes 4 bytes, found {read}");
        }
    }

    private static void ToNativeOrder(byte[] bytes, int elementSize)
    {
        if (!BitConverter.IsLittleEndian)
        {
            return;
        }

        switch (elementSize)
        {
            case 2:
                var shorts = MemoryMarshal.Cast<byte, short>(bytes.AsSpan());
                BinaryPrimitives.ReverseEndianness(shorts, shorts);
                break;
            case 4:
                var ints = MemoryMarshal.Cast<byte, int>(bytes.AsSpan());
                BinaryPrimitives.ReverseEndianness(ints, ints);
                break;
            case 8:
                var longs = MemoryMarshal.Cast<byte, long>(bytes.AsSpan());
                BinaryPrimitives.ReverseEndianness(longs, longs);
                break;
        }
    }

    private static string Describe(IdxType type, int[] shape) => $"{type} [{string.Join(", ", shape)}]";

    private static InvalidDataException Bad(string name, string what) => new($"{name}: {what}.");
}
