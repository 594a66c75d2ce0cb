using System.IO.Compression;
using System.Runtime.CompilerServices;

namespace Backprop.Data;

/// <summary>The content of a gzip member, with its length and its CRC-32 as far as it was read (RFC 1952, section 8).</summary>
internal sealed class GzipContent(GzipInput compressed, string name) : Stream
{
    private static readonly uint[] Table = MakeTable();

    private readonly DeflateStream inner = new(compressed, CompressionMode.Decompress, leaveOpen: true);
    private uint register = uint.MaxValue;
    private long length;

    public uint Checksum => ~register;

    /// <summary>Bytes read so far.</summary>
    public override long Length => length;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Position { get => length; set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        try
        {
            var read = inner.Read(buffer);
            register = Update(register, buffer[..read]);
            length += read;
            return read;
        }
        catch (InvalidDataException error)
        {
            throw new InvalidDataException($"{name}: the gzip stream is damaged ({error.Message})", error);
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        return Read(one) == 1 ? one[0] : -1;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    // Eight bytes at a time, with one table for each distance to the end ("slicing by 8").
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static uint Update(uint crc, ReadOnlySpan<byte> bytes)
    {
        var table = Table;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            crc ^= bytes[0] | ((uint)bytes[1] << 8) | ((uint)bytes[2] << 16) | ((uint)bytes[3] << 24);
            crc = table[(7 * 256) + (byte)crc] ^ table[(6 * 256) + (byte)(crc >> 8)]
                ^ table[(5 * 256) + (byte)(crc >> 16)] ^ table[(4 * 256) + (byte)(crc >> 24)]
                ^ table[(3 * 256) + bytes[4]] ^ table[(2 * 256) + bytes[5]] ^ table[256 + bytes[6]] ^ table[bytes[7]];
        }

        foreach (var value in bytes)
        {
            crc = table[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        return crc;
    }

    private static uint[] MakeTable()
    {
        const uint Polynomial = 0xEDB8_8320;
        var table = new uint[8 * 256];
        for (var i = 0u; i < 256; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? (value >> 1) ^ Polynomial : value >> 1;
            }

            table[i] = value;
        }

        for (var i = 256; i < table.Length; i++)
        {
            table[i] = table[(byte)table[i - 256]] ^ (table[i - 256] >> 8);
        }

        return table;
    }
}
