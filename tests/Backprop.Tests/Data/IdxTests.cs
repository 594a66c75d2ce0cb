using System.Buffers.Binary;
using System.IO.Compression;
using Backprop.Data;

namespace Backprop.Tests.Data;

public class IdxTests
{
    private static readonly byte[] Images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ReadsImages(bool gzip)
    {
        var array = Read(gzip ? Gzip(Images) : Images);
        Assert.Equal(IdxType.UInt8, array.Type);
        Assert.Equal([2, 2, 3], array.Shape.ToArray());
        Assert.Equal(12, array.Count);
        Assert.Equal(Enumerable.Range(1, 12).Select(i => (byte)i), array.AsSpan<byte>().ToArray());
    }

    [Fact]
    public void ReadsEveryTypeInTheMachinesOrder()
    {
        Assert.Equal([-1, 2], Read([0, 0, 9, 1, 0, 0, 0, 2, 0xFF, 2]).AsSpan<sbyte>().ToArray());
        Assert.Equal([-2, 258], Read([0, 0, 0x0B, 1, 0, 0, 0, 2, 0xFF, 0xFE, 1, 2]).AsSpan<short>().ToArray());
        Assert.Equal([0x01020304], Read([0, 0, 0x0C, 1, 0, 0, 0, 1, 1, 2, 3, 4]).AsSpan<int>().ToArray());
        Assert.Equal([1.5f], Read([0, 0, 0x0D, 1, 0, 0, 0, 1, 0x3F, 0xC0, 0, 0]).AsSpan<float>().ToArray());
        Assert.Equal([-2.0], Read([0, 0, 0x0E, 1, 0, 0, 0, 1, 0xC0, 0, 0, 0, 0, 0, 0, 0]).AsSpan<double>().ToArray());
    }

    [Fact]
    public void AnotherTypeIsRefused()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Read(Images).AsSpan<float>().Length);
        Assert.Contains("the elements are UInt8", error.Message);
    }

    [Fact]
    public void AnEmptyAxisIsLegal()
        => Assert.Equal(0, Read([0, 0, 8, 3, 0, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF]).Count);

    [Fact]
    public void GzipOfAnySizeIsRead()
    {
        foreach (var count in (int[])[0, 1, 7, 8, 9, 100_000, 3_000_000])
        {
            var content = new byte[8 + count];
            content[2] = 8;
            content[3] = 1;
            BinaryPrimitives.WriteInt32BigEndian(content.AsSpan(4), count);
            new Random(1).NextBytes(content.AsSpan(8));
            Assert.Equal(content[8..], Read(Gzip(content)).AsSpan<byte>().ToArray());
            Assert.Equal(content[8..], Idx.Read(new OneWay(Gzip(content)), "pipe").AsSpan<byte>().ToArray());
        }
    }

    [Theory]
    [InlineData("01000803", "wrong magic number 01000803")]
    [InlineData("00010803", "wrong magic number 00010803")]
    [InlineData("00000703", "wrong magic number")]
    [InlineData("00000A01", "wrong magic number")]
    [InlineData("00000F01", "wrong magic number")]
    [InlineData("00000800", "wrong magic number")]
    [InlineData("", "truncated in the header")]
    [InlineData("000008", "truncated in the header: the magic number")]
    [InlineData("00000802000000020000", "truncated in the header: the size of axis 1")]
    [InlineData("00000801FFFFFFFF01", "the size of axis 0 is -1")]
    [InlineData("00000802000000028000000001", "the size of axis 1 is -2147483648")]
    [InlineData("000008037FFFFFFF7FFFFFFF7FFFFFFF", "exceeds the largest array")]
    [InlineData("00000E027FFFFFFF0000000201", "exceeds the largest array")]
    [InlineData("0000080100000003010203FF", "trailing bytes")]
    [InlineData("00000801000000030102", "truncated")]
    [InlineData("000008017FFFFF0001", "truncated")]
    public void BrokenContentIsRefusedPlainAndCompressed(string hex, string message)
    {
        var content = Convert.FromHexString(hex);
        foreach (var bytes in (byte[][])[content, Gzip(content)])
        {
            var error = Assert.ThrowsAny<InvalidDataException>(() => Read(bytes));
            Assert.StartsWith("some.idx: ", error.Message);
            Assert.Contains(message, error.Message);
        }
    }

    [Fact]
    public void AHeaderThatLiesTakesNoMemory()
    {
        var lie = Gzip(Convert.FromHexString("000008017FFFFF0001"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.ThrowsAny<InvalidDataException>(() => Read(lie));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void EveryCutOfAGzipFileIsRefused()
    {
        var whole = Gzip(Images);
        for (var length = 2; length < whole.Length; length++)
        {
            var error = Assert.ThrowsAny<InvalidDataException>(() => Read(whole[..length]));
            Assert.StartsWith("some.idx: ", error.Message);
        }
    }

    [Fact]
    public void BytesBehindAGzipStreamAreRefused()
    {
        var whole = Gzip(Images);
        Refuse([.. whole, 0]);
        Refuse([.. whole, .. new byte[20_000]]);
        Refuse([.. whole, 0x1F, 0x8B]);
        Refuse([.. whole, .. whole]);
        Refuse([.. whole, .. whole[^8..]]);
        Refuse([.. Convert.FromHexString("1F8B080000000000000303000000000000000000"), .. whole]);
        Refuse([.. whole, .. Convert.FromHexString("1F8B080000000000000303000000000000000000")]); // gzip of nothing

        static void Refuse(byte[] bytes) => Assert.ThrowsAny<InvalidDataException>(() => Read(bytes));
    }

    [Fact]
    public void EveryFieldOfAGzipHeaderIsPassedOver()
    {
        var whole = Gzip(Images);
        byte[] fields = [3, 0, 1, 2, 3, (byte)'n', 0, (byte)'c', (byte)'d', 0, 9, 9];
        byte[] full = [.. whole[..3], 0x1F, .. whole[4..10], .. fields, .. whole[10..]];
        Assert.Equal(12, Read(full).Count);
        for (var length = 2; length < full.Length; length++)
        {
            Assert.StartsWith("some.idx: ", Assert.Throws<InvalidDataException>(() => Read(full[..length])).Message);
        }

        full[3] = 0x3F; // a reserved flag
        Assert.Contains("header begins with 1F8B083F", Assert.Throws<InvalidDataException>(() => Read(full)).Message);
    }

    [Fact]
    public void DamageInAGzipFileIsRefused()
    {
        var whole = Gzip(Images);
        foreach (var fromEnd in (int[])[1, 4, 5, 8])
        {
            var damaged = (byte[])whole.Clone();
            damaged[^fromEnd] ^= 1;
            Assert.ThrowsAny<InvalidDataException>(() => Read(damaged));
        }
    }

    [Fact]
    public void AFileIsReadFromItsPath()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("backprop").FullName, "t.idx"); // gzip without the name for it
        try
        {
            File.WriteAllBytes(path, Gzip(Images));
            Assert.Equal(12, Idx.Read(path).Count);
            File.WriteAllBytes(path, Images[..^1]);
            var error = Assert.ThrowsAny<InvalidDataException>(() => Idx.Read(path));
            Assert.Contains(path, error.Message);
            Assert.Throws<FileNotFoundException>(() => Idx.Read(path + ".none"));
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }

    internal static byte[] Gzip(byte[] content)
    {
        var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(content);
            gzip.Flush();
        }

        return target.ToArray();
    }

    private static IdxArray Read(byte[] bytes) => Idx.Read(new MemoryStream(bytes), "some.idx");

    /// <summary>A stream that cannot seek.</summary>
    private sealed class OneWay(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
