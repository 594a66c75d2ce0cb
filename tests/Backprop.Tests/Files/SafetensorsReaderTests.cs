using System.Buffers.Binary;
using System.Text;
using Backprop.Files;
using Backprop.Tests.Data;

namespace Backprop.Tests.Files;

public class SafetensorsReaderTests
{
    private const string One = """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""";

    [Fact]
    public void ReadsTensorsAndText()
    {
        var header = """
            {"__metadata__":{"format":"pt","né\"e":""},"b":{"shape":[],"dtype":"U8","data_offsets":[8,9]},
             "a":{"dtype":"F32","data_offsets":[0,8],"shape":[1,2]},"none":{"dtype":"I64","shape":[0,3],"data_offsets":[9,9]}}   
            """;
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["m"], Content(header, [1, 2, 3, 4, 5, 6, 7, 8, 9]));
        using var reader = SafetensorsReader.Open(folder["m"]);
        Assert.Equal(["a", "b", "none"], reader.Header.Items.Keys.Order());
        Assert.Equal("pt", reader.Header.Metadata["format"]);
        Assert.Equal("", reader.Header.Metadata["né\"e"]);
        var a = reader.Header.Items["a"];
        Assert.Equal("F32 [1, 2]", a.Description);
        var bytes = new byte[8];
        reader.Read(a, bytes);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8], bytes);
        reader.Read(reader.Header.Items["b"], bytes.AsSpan(0, 1));
        Assert.Equal(9, bytes[0]);
        Assert.Empty(reader.Header.Items["b"].Shape);
        reader.Read(reader.Header.Items["none"], []);
        Assert.Throws<ArgumentException>("destination", () => reader.Read(a, new byte[7]));
    }

    [Fact]
    public void EveryTypeHasItsSize()
    {
        foreach (var (name, size) in ((string, int)[])[("BOOL", 1), ("U8", 1), ("I8", 1), ("U16", 2), ("I16", 2), ("U32", 4), ("I32", 4),
            ("U64", 8), ("I64", 8), ("F16", 2), ("BF16", 2), ("F32", 4), ("F64", 8)])
        {
            Accept($$$"""{"a":{"dtype":"{{{name}}}","shape":[3],"data_offsets":[0,{{{3 * size}}}]}}""", 3 * size);
        }
    }

    [Fact]
    public void LegalOdditiesAreRead()
    {
        Accept("{}", 0);
        Accept("{}     ", 0);
        Accept("""{"__metadata__":{}}""", 0);
        Accept(One, 8);
        Accept("""{"":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8);
        Accept("""{"z":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""", 0);
    }

    [Fact]
    public void TheLengthOfTheHeaderIsChecked()
    {
        Refuse([], "begins with 8 bytes, the length of its header");
        Refuse([2, 0, 0, 0, 0, 0, 0], "begins with 8 bytes, the length of its header");
        Refuse([3, 0, 0, 0, 0, 0, 0, 0, (byte)'{', (byte)'}'], "not a safetensors file, or a truncated one: the header's length is 3");
        Refuse("<!DOCTYPE html>"u8.ToArray(), "not a safetensors file: the header's length is ");
        Refuse([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, (byte)'{', (byte)'}'], "the header's length is 18446744073709551615");
        Refuse([0, 0, 0, 0, 0, 0, 0, 0], "does not begin with '{'");

        using var folder = new TemporaryFolder();
        using (var stream = File.Create(folder["m"]))
        {
            stream.Write([1, 0xE1, 0xF5, 5, 0, 0, 0, 0]); // 100,000,001
            stream.SetLength(100_000_100); // sparse
        }

        var error = Assert.Throws<InvalidDataException>(() => SafetensorsReader.Open(folder["m"]));
        Assert.Contains("the header's length is 100000001; it must be at most 100,000,000", error.Message);
    }

    [Fact]
    public void AFolderIsNoFile()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal($"'{folder.Path}' is a folder, not a file.", Assert.Throws<IOException>(() => SafetensorsReader.Open(folder.Path)).Message);
    }

    [Theory]
    [InlineData(" {}", "does not begin with '{'")]
    [InlineData("\uFEFF{}", "does not begin with '{'")]
    [InlineData("[]", "does not begin with '{'")]
    [InlineData("{}\n", "does not end with '}' and spaces")]
    [InlineData("{}\0", "does not end with '}' and spaces")]
    [InlineData("{", "does not end with '}'")]
    [InlineData("{}{}", "not valid JSON")]
    [InlineData("{}}", "not valid JSON")]
    [InlineData("{'a':1}", "not valid JSON")]
    [InlineData("{/**/}", "not valid JSON")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2,],"data_offsets":[0,8]}}""", "not valid JSON")]
    [InlineData("""{"\ud800":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "not valid JSON")]
    [InlineData("""{"a":[]}""", "tensor 'a' must be an object with dtype, shape and data_offsets")]
    [InlineData("""{"a":{"shape":[2],"data_offsets":[0,8]}}""", "tensor 'a' has no dtype")]
    [InlineData("""{"a":{"dtype":"F32","data_offsets":[0,8]}}""", "tensor 'a' has no shape")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2]}}""", "tensor 'a' has no data_offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}""", "unknown field 'x'")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "has dtype twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}""", "has shape twice")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"data_offsets":[0,8]}}""", "has data_offsets twice")]
    [InlineData("""{"a":{"dtype":"F33","shape":[2],"data_offsets":[0,8]}}""", "unknown dtype 'F33'; known are BOOL, U8")]
    [InlineData("""{"a":{"dtype":"f32","shape":[2],"data_offsets":[0,8]}}""", "unknown dtype 'f32'")]
    [InlineData("""{"a":{"dtype":1,"shape":[2],"data_offsets":[0,8]}}""", "the dtype of tensor 'a' must be text")]
    [InlineData("""{"a":{"dtype":"F32","shape":2,"data_offsets":[0,8]}}""", "the shape of tensor 'a' must be a list")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", "the shape of tensor 'a' must be a list of whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-0],"data_offsets":[0,0]}}""", "the shape of tensor 'a' must be a list of whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}""", "the shape of tensor 'a' must be a list of whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}""", "the shape of tensor 'a' must be a list of whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,8]}}""", "must be a list of whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}""", "must be [begin, end]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""", "must be [begin, end]")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", "must be [begin, end] with begin ≤ end")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", "must be a list of whole numbers")]
    [InlineData("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", "takes 12 bytes; its data_offsets span 8")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}""", "exceeds 63 bits")]
    [InlineData("""{"a":{"dtype":"F64","shape":[2305843009213693952],"data_offsets":[0,0]}}""", "exceeds 63 bits")]
    [InlineData("""{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"a":{"dtype":"U8","shape":[0],"data_offsets":[8,8]}}""", "'a' occurs twice")]
    [InlineData("""{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"\u0061":{"dtype":"U8","shape":[0],"data_offsets":[8,8]}}""", "twice")]
    [InlineData("""{"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}""", "inside another")]
    [InlineData("""{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}""", "inside another")]
    [InlineData("""{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},"b":{"dtype":"U8","shape":[0],"data_offsets":[3,3]}}""", "inside another")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}}""", "bytes 3 to 4")]
    [InlineData("""{"a":{"dtype":"U8","shape":[7],"data_offsets":[1,8]}}""", "bytes 0 to 1, before tensor 'a', belong to no tensor")]
    [InlineData("""{"a":{"dtype":"U8","shape":[7],"data_offsets":[0,7]}}""", "the last 1 bytes belong to no tensor")]
    [InlineData("""{}""", "the last 8 bytes belong to no tensor")]
    [InlineData("""{"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}""", "truncated: the tensors take 9 bytes behind the header, found 8")]
    [InlineData("""{"__metadata__":{"x":1}}""", "'x' is something else")]
    [InlineData("""{"__metadata__":[]}""", "__metadata__ must be an object from text to text")]
    [InlineData("""{"__metadata__":{"x":"1","x":"2"}}""", "__metadata__ has 'x' twice")]
    [InlineData("""{"__metadata__":{},"__metadata__":{}}""", "__metadata__ occurs twice")]
    public void ABrokenRuleIsNamed(string header, string message) => Refuse(Content(header, new byte[8]), message);

    [Fact]
    public void BytesThatAreNoTextAreRefused()
    {
        var content = Content(One, new byte[8]);
        content[10] = 0xFF; // the name
        Refuse(content, "not valid UTF-8");
    }

    [Fact]
    public void EveryCutIsRefused()
    {
        var content = Content(One, new byte[8]);
        for (var length = 0; length < content.Length; length++)
        {
            Refuse(content[..length], "");
        }

        Refuse([.. content, 0], "the last 1 bytes belong to no tensor");
    }

    internal static byte[] Content(string header, byte[] data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        return [.. length, .. json, .. data];
    }

    private static void Accept(string header, int dataLength)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["m"], Content(header, new byte[dataLength]));
        using var reader = SafetensorsReader.Open(folder["m"]);
        Assert.Equal(dataLength, reader.Header.Items.Values.Sum(item => item.End - item.Begin));
    }

    private static void Refuse(byte[] content, string message)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["m"], content);
        var error = Assert.Throws<InvalidDataException>(() => SafetensorsReader.Open(folder["m"]));
        Assert.StartsWith(folder["m"] + ": ", error.Message);
        Assert.Contains(message, error.Message);
        File.Delete(folder["m"]); // nobody holds it open
    }
}
