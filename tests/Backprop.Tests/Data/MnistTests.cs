using Backprop.Data;

namespace Backprop.Tests.Data;

public class MnistTests
{
    [Theory]
    [InlineData('-', false)]
    [InlineData('.', false)]
    [InlineData('-', true)]
    [InlineData('.', true)]
    public void LoadsTheFourFilesUnderTheirUsualNames(char dot, bool gzip)
    {
        using var folder = new TemporaryFolder();
        Assert.False(Mnist.IsIn(folder.Path));
        foreach (var (name, content) in Small())
        {
            var file = name.Replace("-idx", dot + "idx") + (gzip ? ".gz" : "");
            File.WriteAllBytes(folder[file], gzip ? IdxTests.Gzip(content) : content);
        }

        Assert.True(Mnist.IsIn(folder.Path));
        var data = Mnist.Load(folder.Path);
        Assert.Equal((3, 2), (data.Training.Count, data.Test.Count));
        Assert.Equal((28, 28), (data.Training.Rows, data.Training.Columns));
        Assert.Equal([0, 1, 2], data.Training.Labels.ToArray());
        Assert.Equal(785 % 251, data.Training.Image(1)[1]);
        Assert.Equal(folder.Path, data.Source);
        Assert.False(data.IsSynthetic);
    }

    [Fact]
    public void WhatIsMissingIsNamed()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<DirectoryNotFoundException>(() => Mnist.Load(folder["nowhere"]));
        File.WriteAllText(folder["file"], "");
        var file = Assert.Throws<DirectoryNotFoundException>(() => Mnist.Load(folder["file"]));
        Assert.Equal($"{folder["file"]}: is a file, not a folder.", file.Message);
        Write(folder, Small());
        File.Delete(folder["t10k-labels-idx1-ubyte"]);
        var error = Assert.Throws<FileNotFoundException>(() => Mnist.Load(folder.Path));
        Assert.Contains("no test labels; looked for t10k-labels-idx1-ubyte, t10k-labels-idx1-ubyte.gz, t10k-labels.idx1-ubyte", error.Message);
    }

    [Fact]
    public void FilesThatDisagreeAreRefused()
    {
        Refused("train-labels-idx1-ubyte", Labels(0, 1), "has 3 images", "has 2 labels");
        Refused("train-labels-idx1-ubyte", Labels(0, 10, 1), "label 1 is 10; labels are 0 to 9");
        Refused("t10k-images-idx3-ubyte", Images(2, 28, 27), "2 images of 28 × 27");
        Refused("t10k-images-idx3-ubyte", Images(0, 28, 28), "0 images");
        Refused("t10k-images-idx3-ubyte", Labels(0, 1), "holds UInt8 [2]; images");
        Refused("t10k-labels-idx1-ubyte", Images(2, 28, 28), "holds UInt8 [2, 28, 28]; labels");
        Refused("t10k-labels-idx1-ubyte", [0, 0, 9, 1, 0, 0, 0, 2, 0, 1], "holds Int8 [2]; labels");
        Refused("t10k-labels-idx1-ubyte", Labels(0, 1)[..^1], "truncated");

        static void Refused(string name, byte[] content, params string[] messages)
        {
            using var folder = new TemporaryFolder();
            Write(folder, Small());
            File.WriteAllBytes(folder[name], content);
            var error = Assert.Throws<InvalidDataException>(() => Mnist.Load(folder.Path));
            Assert.Contains(folder[name], error.Message);
            Assert.All(messages, message => Assert.Contains(message, error.Message));
        }
    }

    [Fact]
    public void TheCacheIsTheUsersOwn()
    {
        Assert.True(Path.IsPathFullyQualified(Mnist.CacheFolder));
        Assert.EndsWith(Path.Combine("Backprop", "mnist"), Mnist.CacheFolder);
    }

    [DataFact("mnist")]
    public void TheRealFilesAreReadWhole() => CheckReal("mnist", training => Assert.Equal(
        [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949], training));

    [DataFact("fashion-mnist")]
    public void ADataSetOfTheSameFormIsReadToo()
        => CheckReal("fashion-mnist", training => Assert.Equal(Enumerable.Repeat(6000, 10), training));

    [Fact]
    public void ImagesAreCheckedAndCut()
    {
        var images = new LabeledImages(new byte[12], new byte[] { 4, 5, 6 }, 2, 2, "here");
        Assert.Equal(2, images.Take(2).Count);
        Assert.Equal([4, 5], images.Take(2).Labels.ToArray());
        Assert.Equal(3, images.Take(9).Count);
        Assert.Equal(0, images.Take(0).Pixels.Length);
        Assert.Throws<ArgumentOutOfRangeException>("count", () => images.Take(-1));
        Assert.Throws<ArgumentOutOfRangeException>("index", () => images.Image(3).Length);
        Assert.Throws<ArgumentOutOfRangeException>("index", () => images.Image(-1).Length);
        var error = Assert.Throws<ArgumentException>("pixels", () => new LabeledImages(new byte[11], new byte[3], 2, 2, "here"));
        Assert.Contains("3 images of 2 × 2 take 12 bytes, got 11", error.Message);
    }

    internal static (string Name, byte[] Content)[] Small() =>
    [
        ("train-images-idx3-ubyte", Images(3, 28, 28)), ("train-labels-idx1-ubyte", Labels(0, 1, 2)),
        ("t10k-images-idx3-ubyte", Images(2, 28, 28)), ("t10k-labels-idx1-ubyte", Labels(9, 8)),
    ];

    internal static void Write(TemporaryFolder folder, (string Name, byte[] Content)[] files)
    {
        foreach (var (name, content) in files)
        {
            File.WriteAllBytes(folder[name], content);
        }
    }

    private static byte[] Images(byte count, byte rows, byte columns)
    {
        var pixels = Enumerable.Range(0, count * rows * columns).Select(i => (byte)(i % 251));
        return [0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, rows, 0, 0, 0, columns, .. pixels];
    }

    private static byte[] Labels(params byte[] labels) => [0, 0, 8, 1, 0, 0, 0, (byte)labels.Length, .. labels];

    private static void CheckReal(string folder, Action<int[]> checkCounts)
    {
        var data = Mnist.Load(DataFactAttribute.PathOf(folder));
        Assert.Equal((60_000, 10_000), (data.Training.Count, data.Test.Count));
        var counts = new int[10];
        foreach (var label in data.Training.Labels)
        {
            counts[label]++;
        }

        checkCounts(counts);
        Assert.Equal(60_000 * 784, data.Training.Pixels.Length);
    }
}
