using System.Text;
using Backprop.Files;
using Backprop.Tests.Data;

namespace Backprop.Tests.Files;

public class SafetensorsWriterTests
{
    // What the reference implementation writes for the same tensors.
    [Theory]
    [InlineData("attn.0", """{"attn.0":{"dtype":"F32","shape":[1,2,3],"data_offsets":[0,24]}}""")]
    [InlineData("attn00", """{"attn00":{"dtype":"F32","shape":[1,2,3],"data_offsets":[0,24]}}""")]
    [InlineData("attn0", """{"attn0":{"dtype":"F32","shape":[1,2,3],"data_offsets":[0,24]}} """)]
    public void TheHeaderIsCompactAndPaddedToEight(string name, string header)
    {
        var data = Enumerable.Range(0, 24).Select(i => (byte)i).ToArray();
        Assert.Equal(SafetensorsReaderTests.Content(header, data), Write([Entry(name, "F32", [1, 2, 3], data)]));
    }

    [Fact]
    public void NothingIsWrittenAsTheReferenceDoes()
    {
        Assert.Equal(SafetensorsReaderTests.Content("{}      ", []), Write([]));
        Assert.Equal(
            SafetensorsReaderTests.Content("""{"__metadata__":{"framework":"pt"}}     """, []),
            Write([], new Dictionary<string, string> { ["framework"] = "pt" }));
    }

    [Fact]
    public void WideTypesComeFirstThenNamesByTheirBytes()
    {
        var content = Write(
        [
            Entry("b", "BOOL", [1], [1]), Entry("é", "F32", [1], [2, 2, 2, 2]), Entry("z", "F32", [1], [3, 3, 3, 3]),
            Entry("\uFF5E", "U8", [1], [4]), Entry("😀", "U8", [1], [5]), Entry("d", "F64", [], [6, 6, 6, 6, 6, 6, 6, 6]),
            Entry("i", "I64", [0], []), Entry("h", "BF16", [1], [7, 7]),
        ]);
        var text = Encoding.UTF8.GetString(content.AsSpan(8));
        string[] order = ["\"i\"", "\"d\"", "\"z\"", "\"h\"", "\"b\""];
        Assert.Equal(order, order.OrderBy(name => text.IndexOf(name, StringComparison.Ordinal)));
        Assert.Equal([6, 6, 6, 6, 6, 6, 6, 6, 3, 3, 3, 3, 2, 2, 2, 2, 7, 7, 4, 5, 1], content[^21..]);
        Assert.Equal(0, (content.Length - 21) % 8);
    }

    [Fact]
    public void WhatIsWrittenIsReadBack()
    {
        using var folder = new TemporaryFolder();
        var metadata = new Dictionary<string, string> { ["über"] = "\"\\\n\u0001</😀", [""] = "x" };
        SafetensorsEntry[] entries =
        [
            .. SafetensorsType.All.Select((type, i) => Entry($"t\"\\{i}/é😀", type.Name, [2, i], [.. Enumerable.Repeat((byte)i, 2 * i * type.Size)])),
        ];
        SafetensorsWriter.Write(folder["m"], entries, metadata);
        using var reader = SafetensorsReader.Open(folder["m"]);
        Assert.Equal(metadata.OrderBy(pair => pair.Key), reader.Header.Metadata.OrderBy(pair => pair.Key));
        Assert.Equal(entries.Length, reader.Header.Items.Count);
        foreach (var entry in entries)
        {
            var item = reader.Header.Items[entry.Name];
            Assert.Equal(entry.Type, item.Type);
            Assert.Equal(entry.Shape, item.Shape);
            var bytes = new byte[item.End - item.Begin];
            reader.Read(item, bytes);
            Assert.Equal(entry.Bytes().ToArray(), bytes);
        }
    }

    [Fact]
    public void AFailureLeavesTheOldFile()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["m"], "old");
        Fail([Entry("a", "F32", [2], new byte[7])], null, "tensor 'a', F32 [2], takes 8 bytes, got 7");
        Fail([Entry("a", "F32", [1], new byte[4]), Entry("a", "U8", [1], new byte[1])], null, "two tensors are called 'a'");
        Fail([Entry("__metadata__", "U8", [1], new byte[1])], null, "the format reserves this name");
        Fail([Entry("\ud800", "U8", [1], new byte[1])], null, "half of a surrogate pair");
        Fail([], new() { ["a"] = "\udc00" }, "half of a surrogate pair");
        Assert.Throws<IOException>(() => SafetensorsWriter.Write(
            folder["m"], [Entry("a", "U8", [1], [1]), new("b", Type("U8"), [1], () => throw new IOException("disk"))], null));
        Assert.Equal(["m"], folder.Files);
        Assert.Equal("old", File.ReadAllText(folder["m"]));
        SafetensorsWriter.Write(folder["m"], [], null);
        Assert.Equal(["m"], folder.Files);
        Assert.Equal(16, new FileInfo(folder["m"]).Length);

        void Fail(SafetensorsEntry[] entries, Dictionary<string, string>? metadata, string message)
        {
            var error = Assert.ThrowsAny<ArgumentException>(() => SafetensorsWriter.Write(folder["m"], entries, metadata));
            Assert.Contains(message, error.Message);
        }
    }

    [Fact]
    public void WhatCannotBeWrittenIsNamedAsTheCallerNamesIt()
    {
        using var folder = new TemporaryFolder();
        var path = folder["none/m"];
        var missing = Assert.Throws<DirectoryNotFoundException>(() => SafetensorsWriter.Write(path, [], null));
        Assert.Equal($"cannot write '{path}': the folder '{folder["none"]}' does not exist.", missing.Message);
        var taken = Assert.Throws<IOException>(() => SafetensorsWriter.Write(folder.Path, [], null));
        Assert.Equal($"cannot write '{folder.Path}': it is a folder, not a file.", taken.Message);
        var disk = Assert.Throws<IOException>(() => SafetensorsWriter.Write(
            folder["m"], [new("b", Type("U8"), [1], () => throw new IOException($"no space: '{Directory.GetFiles(folder.Path)[0]}'"))], null));
        Assert.Equal($"cannot write '{folder["m"]}': no space: '{folder["m"]}'", disk.Message);
    }

    [Fact]
    public void AFolderThatAllowsNoFilesIsNamed()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            return; // who may do anything is refused nothing
        }

        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["shut"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var error = Assert.Throws<UnauthorizedAccessException>(() => SafetensorsWriter.Write(folder["shut/m"], [], null));
        Assert.Equal($"cannot write '{folder["shut/m"]}': the folder '{folder["shut"]}' does not allow it.", error.Message);
    }

    [Fact]
    public void AFileKeepsItsPermissionsAndALinkStaysOne()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // other permissions, and links need a privilege
        }

        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["far"]);
        File.WriteAllText(folder["far/m"], "old");
        File.SetUnixFileMode(folder["far/m"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
        File.CreateSymbolicLink(folder["a"], "b");
        File.CreateSymbolicLink(folder["b"], "far/m");
        SafetensorsWriter.Write(folder["a"], [], null);
        Assert.Equal("b", new FileInfo(folder["a"]).LinkTarget);
        Assert.Equal("far/m", new FileInfo(folder["b"]).LinkTarget);
        Assert.Equal(16, new FileInfo(folder["far/m"]).Length);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite, File.GetUnixFileMode(folder["far/m"]));
        File.CreateSymbolicLink(folder["new"], "far/new");
        SafetensorsWriter.Write(folder["new"], [], null);
        Assert.Equal(16, new FileInfo(folder["far/new"]).Length);
        File.CreateSymbolicLink(folder["loop"], "loop");
        Assert.Contains("cannot write", Assert.Throws<IOException>(() => SafetensorsWriter.Write(folder["loop"], [], null)).Message);
        Assert.Equal(["a", "b", "loop", "new"], folder.Files);
        Assert.Equal(2, Directory.GetFiles(folder["far"]).Length);
    }

    [Fact]
    public void PipesAndDevicesAreRefused()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // has neither in folders
        }

        using var folder = new TemporaryFolder();
        using (var tool = System.Diagnostics.Process.Start("mkfifo", [folder["pipe"]]))
        {
            tool.WaitForExit();
        }

        File.CreateSymbolicLink(folder["null"], "/dev/null");
        foreach (var name in (string[])["pipe", "null"])
        {
            var error = Assert.Throws<IOException>(() => SafetensorsWriter.Write(folder[name], [], null));
            Assert.Equal($"cannot write '{folder[name]}': it is not a regular file.", error.Message);
        }

        Assert.Equal(["null", "pipe"], folder.Files);
        File.WriteAllText(folder["empty"], "");
        SafetensorsWriter.Write(folder["empty"], [], null);
        Assert.Equal(16, new FileInfo(folder["empty"]).Length);
    }

    [Fact]
    public void ANameMayBeAsLongAsTheFileSystemAllows()
    {
        using var folder = new TemporaryFolder();
        var name = new string('n', 255);
        SafetensorsWriter.Write(folder[name], [], null);
        Assert.Equal([name], folder.Files);
    }

    private static SafetensorsEntry Entry(string name, string type, long[] shape, byte[] bytes) => new(name, Type(type), shape, () => bytes);

    private static SafetensorsType Type(string name) => SafetensorsType.Find(name)!;

    private static byte[] Write(SafetensorsEntry[] entries, Dictionary<string, string>? metadata = null)
    {
        using var folder = new TemporaryFolder();
        SafetensorsWriter.Write(folder["m"], entries, metadata);
        Assert.Equal(["m"], folder.Files);
        return File.ReadAllBytes(folder["m"]);
    }
}
