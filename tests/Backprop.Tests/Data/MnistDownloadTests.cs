using System.Security.Cryptography;
using Backprop.Data;

namespace Backprop.Tests.Data;

public class MnistDownloadTests
{
    private static readonly Dictionary<string, byte[]> Content = MnistTests.Small().ToDictionary(
        file => file.Name + ".gz", file => IdxTests.Gzip(file.Content));

    private static readonly PublishedFile[] Files =
        [.. Content.Select(file => new PublishedFile(file.Key, file.Value.Length, Convert.ToHexStringLower(SHA256.HashData(file.Value))))];

    [Fact]
    public async Task FetchesAllFilesAndReportsProgress()
    {
        using var folder = new TemporaryFolder();
        using var mirror = Good();
        var reports = new Reports();
        var data = await Mnist.DownloadAsync(folder["new/cache"], From(mirror), reports, default);
        Assert.Equal((3, 2), (data.Training.Count, data.Test.Count));
        Assert.Equal(Files.Select(file => file.Name), mirror.Requests);
        Assert.Equal(4, Directory.GetFiles(folder["new/cache"]).Length);
        foreach (var (file, number) in Files.Select((file, i) => (file, i + 1)))
        {
            var last = reports.All.Last(report => report.File == file.Name);
            Assert.Equal(new DownloadProgress(file.Name, number, 4, file.Length, file.Length), last);
        }
    }

    [Fact]
    public async Task FetchesOnlyWhatIsMissingOrWrong()
    {
        using var folder = new TemporaryFolder();
        using var mirror = Good();
        await From(mirror).RunAsync(folder.Path, null, default);
        await From(mirror).RunAsync(folder.Path, null, default);
        Assert.Equal(4, mirror.Requests.Length);
        var damaged = Content[Files[1].Name].ToArray();
        damaged[^1] ^= 1;
        File.WriteAllBytes(folder[Files[1].Name], damaged);
        File.Delete(folder[Files[3].Name]);
        await From(mirror).RunAsync(folder.Path, null, default);
        Assert.Equal([Files[1].Name, Files[3].Name], mirror.Requests[4..]);
        Assert.Equal(Content[Files[1].Name], File.ReadAllBytes(folder[Files[1].Name]));
    }

    [Fact]
    public Task AWrongChecksumLeavesNoFile() => Fails(
        (_, stream, _) =>
        {
            var body = Content[Files[0].Name].ToArray();
            body[20] ^= 1;
            return Mirror.Send(stream, body);
        },
        "wrong checksum");

    [Fact]
    public Task ATruncatedBodyLeavesNoFile() => Fails(
        (file, stream, _) => Mirror.Send(stream, Content[file][..50], announced: Content[file].Length), "the connection broke");

    [Fact]
    public Task AShortBodyLeavesNoFile() => Fails(
        (file, stream, _) => Mirror.SendUnannounced(stream, Content[file][..50]), "50 bytes instead of the");

    [Fact]
    public Task AnEndlessBodyIsCutOff() => Fails(
        (_, stream, _) => Mirror.SendUnannounced(stream, new byte[100_000]), "longer than the");

    [Fact]
    public Task AnErrorPageIsNoFile() => Fails(
        (_, stream, _) => Mirror.Send(stream, "gone"u8.ToArray(), status: "404 Not Found"), "404 (Not Found)");

    [Fact]
    public Task AMirrorThatHangsGivesWay() => Fails((_, _, cancellation) => Task.Delay(-1, cancellation), "did not start in its share of 0.5 s", startSeconds: 0.5);

    [Fact]
    public Task HeadersAloneAreNoStart() => Fails(
        async (file, stream, cancellation) =>
        {
            await Mirror.Send(stream, [], announced: Content[file].Length);
            await Task.Delay(-1, cancellation);
        },
        "did not start in its share of 0.5 s", startSeconds: 0.5);

    [Fact]
    public Task ADownloadThatStopsGivesWay() => Fails(
        async (file, stream, cancellation) =>
        {
            await Mirror.Send(stream, Content[file][..50], announced: Content[file].Length);
            await Task.Delay(-1, cancellation);
        },
        "stopped for 0.5 s after 50 bytes", stallSeconds: 0.5);

    [Fact]
    public async Task TheNextMirrorIsAskedAndThenFirst()
    {
        using var folder = new TemporaryFolder();
        using var broken = new Mirror((_, stream, _) => Mirror.Send(stream, [], status: "503 Service Unavailable"));
        using var good = Good();
        await From(broken, good).RunAsync(folder.Path, null, default);
        Assert.Equal(4, folder.Files.Length);
        Assert.Single(broken.Requests);
        Assert.Equal(4, good.Requests.Length);
    }

    [Fact]
    public async Task CancellingIsNotAFailure()
    {
        using var folder = new TemporaryFolder();
        using var cancellation = new CancellationTokenSource();
        using var mirror = new Mirror((_, _, stop) =>
        {
            cancellation.Cancel();
            return Task.Delay(-1, stop);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => From(mirror).RunAsync(folder.Path, null, cancellation.Token));
        Assert.Empty(folder.Files);
    }

    [Fact]
    public async Task AFolderThatCannotBeWrittenIsNamed()
    {
        using var folder = new TemporaryFolder();
        using var mirror = Good();
        File.WriteAllText(folder["file"], "");
        var error = await Assert.ThrowsAsync<MnistUnavailableException>(() => From(mirror).RunAsync(folder["file/cache"], null, default));
        Assert.Contains("cannot be stored", error.Message);
    }

    [Fact]
    public async Task DataAreTakenFromTheFirstPlaceThatHasThem()
    {
        using var folder = new TemporaryFolder();
        using var cache = new TemporaryFolder();
        using var mirror = Good();
        var fetched = await Mnist.LoadAsync(folder.Path, cache.Path, From(mirror), null, default);
        Assert.Equal(cache.Path, fetched.Source);
        Assert.Equal(4, mirror.Requests.Length);
        var cached = await Mnist.LoadAsync(folder.Path, cache.Path, From(mirror), null, default);
        Assert.Equal(cache.Path, cached.Source);
        Assert.Equal(4, mirror.Requests.Length);
        File.WriteAllBytes(cache[Files[0].Name], [1, 2, 3]); // a damaged cache is mended
        var mended = await Mnist.LoadAsync(folder.Path, cache.Path, From(mirror), null, default);
        Assert.Equal([$"{folder.Path} does not hold the four files of MNIST"], cached.Notes);
        Assert.Equal(2, mended.Notes.Count);
        Assert.StartsWith($"a kept file is damaged: {cache[Files[0].Name]}", mended.Notes[1], StringComparison.Ordinal);
        Assert.Equal(5, mirror.Requests.Length);
        MnistTests.Write(folder, MnistTests.Small());
        var own = await Mnist.LoadAsync(folder.Path, cache.Path, From(mirror), null, default);
        Assert.Equal(folder.Path, own.Source);
        Assert.Empty(own.Notes);
        File.WriteAllBytes(folder["t10k-labels-idx1-ubyte"], [1, 2, 3]); // a damaged folder of the user's is not passed over
        await Assert.ThrowsAsync<InvalidDataException>(() => Mnist.LoadAsync(folder.Path, cache.Path, From(mirror), null, default));
    }

    [Fact]
    public async Task SyntheticDigitsStandInAndSaySo()
    {
        using var cache = new TemporaryFolder();
        using var mirror = new Mirror((_, stream, _) => Mirror.Send(stream, [], status: "403 Forbidden"));
        var data = await Mnist.LoadAsync(cache["nope/mnist"], cache.Path, From(mirror), null, default);
        Assert.True(data.IsSynthetic);
        Assert.Equal("synthetic digits, not MNIST", data.Source);
        Assert.Equal(2, data.Notes.Count);
        Assert.Equal($"BACKPROP_DATA={cache["nope"]} holds no mnist folder", data.Notes[0]);
        Assert.Contains("403 (Forbidden)", data.Notes[1]);
        Assert.Equal((20_000, 4_000), (data.Training.Count, data.Test.Count));
    }

    [Fact]
    public async Task TheDeadlineIsForTheFirstByteOfAll()
    {
        using var folder = new TemporaryFolder();
        using var broken = new Mirror((_, stream, _) => Mirror.Send(stream, [], status: "503 Service Unavailable"));
        using var slow = new Mirror(async (file, stream, cancellation) =>
        {
            // More than half the time for the first file, more than all of it for the second.
            await Task.Delay(TimeSpan.FromSeconds(file == Files[0].Name ? 1.8 : file == Files[1].Name ? 3.2 : 0), cancellation);
            await Mirror.Send(stream, Content[file]);
        });
        var download = new MnistDownload { StartTimeout = TimeSpan.FromSeconds(3), Mirrors = [broken.Address, slow.Address], Files = Files };
        await download.RunAsync(folder.Path, null, default);
        Assert.Equal(4, folder.Files.Length);
        Assert.Equal(4, slow.Requests.Length);
    }

    [Fact]
    public async Task OldLeftoversAreRemoved()
    {
        using var folder = new TemporaryFolder();
        using var mirror = Good();
        string[] names = [$".{Files[0].Name}.old.part", $".{Files[1].Name}.new.part", ".other.old.part"];
        foreach (var name in names)
        {
            File.WriteAllText(folder[name], "");
            File.SetLastWriteTimeUtc(folder[name], DateTime.UtcNow - (name.Contains("old") ? TimeSpan.FromHours(25) : TimeSpan.FromHours(23)));
        }

        await From(mirror).RunAsync(folder.Path, null, default);
        Assert.Equal(names[1..].Concat(Files.Select(file => file.Name)).Order(), folder.Files);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AnUnusableFileBesideTheDownloadedOnesDoesNoHarm(bool locked)
    {
        using var cache = new TemporaryFolder();
        using var mirror = Good();
        await From(mirror).RunAsync(cache.Path, null, default);
        var plain = Path.ChangeExtension(cache[Files[1].Name], null); // preferred to the one with .gz
        File.WriteAllBytes(plain, [1, 2, 3]);
        using var user = locked ? new FileStream(plain, FileMode.Open, FileAccess.Write, FileShare.None) : null;
        var data = await Mnist.LoadAsync(null, cache.Path, From(mirror), null, default);
        Assert.False(data.IsSynthetic);
        Assert.Equal([0, 1, 2], data.Training.Labels.ToArray());
        Assert.Contains(locked ? "a kept file cannot be read" : "a kept file is damaged", Assert.Single(data.Notes));
        Assert.Equal(4, mirror.Requests.Length);
    }

    [Fact]
    public async Task ACacheThatIsAFileGivesWayToSyntheticDigits()
    {
        using var folder = new TemporaryFolder();
        using var mirror = Good();
        File.WriteAllText(folder["cache"], "");
        var data = await Mnist.LoadAsync(null, folder["cache"], From(mirror), null, default);
        Assert.True(data.IsSynthetic);
        Assert.Contains("cannot be stored", Assert.Single(data.Notes));
    }

    private static Mirror Good() => new((file, stream, _) => Mirror.Send(stream, Content[file]));

    private static MnistDownload From(params Mirror[] mirrors) => new()
    {
        StartTimeout = TimeSpan.FromSeconds(60), // the machine may be busy
        Mirrors = [.. mirrors.Select(mirror => mirror.Address)],
        Files = Files,
    };

    private static async Task Fails(Func<string, System.Net.Sockets.NetworkStream, CancellationToken, Task> answer, string message, double startSeconds = 60,
        double stallSeconds = 10)
    {
        using var folder = new TemporaryFolder();
        using var first = new Mirror(answer);
        using var second = new Mirror(answer);
        var download = new MnistDownload
        {
            Mirrors = [first.Address, second.Address],
            Files = Files,
            StartTimeout = TimeSpan.FromSeconds(startSeconds),
            StallTimeout = TimeSpan.FromSeconds(stallSeconds),
        };
        var error = await Assert.ThrowsAsync<MnistUnavailableException>(() => download.RunAsync(folder.Path, null, default));
        Assert.Contains(Files[0].Name, error.Message);
        Assert.Contains($"{first.Address} (", error.Message);
        Assert.Contains($"{second.Address} (", error.Message);
        Assert.Equal(3, error.Message.Split(message).Length);
        Assert.NotNull(error.InnerException);
        Assert.Empty(folder.Files);
    }

    private sealed class Reports : IProgress<DownloadProgress>
    {
        public List<DownloadProgress> All { get; } = [];

        public void Report(DownloadProgress value) => All.Add(value);
    }
}
