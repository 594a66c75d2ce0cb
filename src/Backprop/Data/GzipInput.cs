namespace Backprop.Data;

/// <summary>
/// The compressed data of a gzip file that is one member: what is between its header and its trailer (RFC 1952, section 2.3).
/// </summary>
/// <remarks>
/// A decompressor reads in large pieces and doesn't tell how much of the last one it needed. The last bytes are given to it one
/// by one, so that <see cref="IsAtEnd"/> is exact.
/// </remarks>
internal sealed class GzipInput : Stream
{
    private const int Trailer = 8;
    private const int OneByOne = 64;

    private readonly Stream file;
    private readonly string name;
    private long left;

    /// <summary>Reads the header.</summary>
    /// <exception cref="InvalidDataException">It is not one of gzip, or cut off.</exception>
    public GzipInput(Stream file, string name)
    {
        this.file = file;
        this.name = name;
        left = file.Length - file.Position - Trailer;
        Span<byte> header = stackalloc byte[10];
        foreach (ref var value in header)
        {
            value = Next();
        }

        if (header[0] != 0x1F || header[1] != 0x8B || header[2] != 8 || (header[3] & 0xE0) != 0)
        {
            throw new InvalidDataException($"{name}: the gzip stream is damaged (its header begins with {Convert.ToHexString(header[..4])}).");
        }

        var flags = header[3];
        if ((flags & 4) != 0)
        {
            Skip(Next() | (Next() << 8)); // extra field
        }

        for (var texts = ((flags >> 3) & 1) + ((flags >> 4) & 1); texts > 0; texts--)
        {
            while (Next() != 0)
            {
                // file name, comment
            }
        }

        Skip((flags & 2) != 0 ? 2 : 0); // checksum of the header
    }

    /// <summary>Whether all was asked for: the compressed data go up to the trailer of the file.</summary>
    public bool IsAtEnd => left == 0;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        var wanted = left > OneByOne ? left - OneByOne : Math.Min(left, 1);
        var read = file.Read(buffer[..(int)Math.Min(buffer.Length, wanted)]);
        left -= read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Skip(int count)
    {
        for (; count > 0; count--)
        {
            Next();
        }
    }

    private byte Next()
    {
        left--;
        return left >= 0 && file.ReadByte() is >= 0 and var value
            ? (byte)value
            : throw new InvalidDataException($"{name}: the gzip stream is truncated in its header.");
    }
}
