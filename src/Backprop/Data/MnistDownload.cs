using System.Diagnostics;
using System.Security.Cryptography;

namespace Backprop.Data;

/// <summary>A published file: what it is called, how long it is, and its checksum.</summary>
internal sealed record PublishedFile(string Name, long Length, string Sha256);

/// <summary>
/// Fetches published files from the first mirror that delivers them. A file appears in the folder whole and with the right
/// checksum, or not at all.
/// </summary>
internal sealed class MnistDownload
{
    /// <summary>MNIST as its authors published it.</summary>
    public static readonly PublishedFile[] MnistFiles =
    [
        new("train-images-idx3-ubyte.gz", 9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
        new("train-labels-idx1-ubyte.gz", 28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
        new("t10k-images-idx3-ubyte.gz", 1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        new("t10k-labels-idx1-ubyte.gz", 4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    ];

    /// <summary>Where to ask, in this order. Addresses end with a slash.</summary>
    public Uri[] Mirrors { get; init; } =
    [
        new("https://ossci-datasets.s3.amazonaws.com/mnist/"),
        new("https://storage.googleapis.com/cvdf-datasets/mnist/"),
    ];

    /// <summary>What to fetch.</summary>
    public PublishedFile[] Files { get; init; } = MnistFiles;

    /// <summary>
    /// The first byte of the first file must have come by then. One deadline for all mirrors: each has an equal share of the time that is left.
    /// </summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest silence once a first byte has come, also between two files.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Fetches what is not in the folder yet.</summary>
    /// <exception cref="MnistUnavailableException">No mirror delivered a file, or the folder cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled by the caller.</exception>
    public async Task RunAsync(string folder, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var mirrors = new List<Uri>(Mirrors);
        var start = new Start();
        try
        {
            Directory.CreateDirectory(folder);
            RemoveLeftovers(folder);
            for (var number = 1; number <= Files.Length; number++)
            {
                var file = Files[number - 1];
                if (!await IsPresentAsync(Path.Combine(folder, file.Name), file, cancellation).ConfigureAwait(false))
                {
                    await FetchFromAnyAsync(client, mirrors, start, folder, number, progress, cancellation).ConfigureAwait(false);
                }
            }
        }
        catch (Exception error) when (error is (IOException and not MnistUnavailableException) or UnauthorizedAccessException)
        {
            throw new MnistUnavailableException($"MNIST cannot be stored in {folder}: {error.Message}", error);
        }
    }

    private static async Task<bool> IsPresentAsync(string path, PublishedFile file, CancellationToken cancellation)
    {
        var info = new FileInfo(path);
        if (!info.Exists || info.Length != file.Length)
        {
            return false;
        }

        try
        {
            var stream = info.OpenRead();
            await using (stream.ConfigureAwait(false))
            {
                var sum = await SHA256.HashDataAsync(stream, cancellation).ConfigureAwait(false);
                return Convert.ToHexStringLower(sum) == file.Sha256;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false; // what cannot be read is replaced
        }
    }

    /// <summary>Removes what downloads left that were killed; another one may be under way, so only what is old.</summary>
    private void RemoveLeftovers(string folder)
    {
        var old = DateTime.UtcNow - TimeSpan.FromDays(1);
        foreach (var part in Files.SelectMany(file => Directory.GetFiles(folder, $".{file.Name}.*.part")).Where(part => File.GetLastWriteTimeUtc(part) < old))
        {
            Remove(part);
        }
    }

    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary); // does nothing where there is none
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Left for a later download to remove; it must not hide why this one failed.
        }
    }

    private async Task FetchFromAnyAsync(
        HttpClient client, List<Uri> mirrors, Start start, string folder, int number, IProgress<DownloadProgress>? progress,
        CancellationToken cancellation)
    {
        var file = Files[number - 1];
        var failures = new List<string>();
        Exception? last = null;
        var left = mirrors.Count;
        foreach (var mirror in mirrors.ToArray())
        {
            var patience = start.Happened ? StallTimeout : (StartTimeout - start.Clock.Elapsed) / left--;
            patience = patience > TimeSpan.Zero ? patience : TimeSpan.Zero;
            try
            {
                void Report(long bytes) => progress?.Report(new DownloadProgress(file.Name, number, Files.Length, bytes, file.Length));
                await FetchAsync(client, mirror, start, patience, folder, file, Report, cancellation).ConfigureAwait(false);

                // A mirror that delivered is asked first next time.
                mirrors.Remove(mirror);
                mirrors.Insert(0, mirror);
                return;
            }
            catch (Exception error) when (error is HttpRequestException or TimeoutException or InvalidDataException)
            {
                failures.Add($"{mirror} ({error.Message})");
                last = error;
            }
        }

        throw new MnistUnavailableException(
            $"MNIST is not available from the network: {file.Name} from\n  {string.Join("\n  ", failures)}", last);
    }

    private static async ValueTask<int> ReadAsync(Stream source, byte[] buffer, CancellationToken cancellation)
    {
        try
        {
            return await source.ReadAsync(buffer, cancellation).ConfigureAwait(false);
        }
        catch (IOException error)
        {
            // Told apart from an error of the disk.
            throw new HttpRequestException($"the connection broke ({error.Message})", error);
        }
    }

    private async Task FetchAsync(
        HttpClient client, Uri mirror, Start start, TimeSpan untilFirst, string folder, PublishedFile file, Action<long> report,
        CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(untilFirst);
        var early = !start.Happened;
        var received = 0L;
        var temporary = Path.Combine(folder, $".{file.Name}.{Guid.NewGuid():N}.part");
        try
        {
            using var response = await client.GetAsync(new Uri(mirror, file.Name), HttpCompletionOption.ResponseHeadersRead, patience.Token)
                .ConfigureAwait(false);
            response.EnsureSuccessStatusCode();
            using var sum = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var source = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
            await using (source.ConfigureAwait(false))
            {
                var target = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None);
                await using (target.ConfigureAwait(false))
                {
                    var buffer = new byte[1 << 16];
                    while (true)
                    {
                        var read = await ReadAsync(source, buffer, patience.Token).ConfigureAwait(false);
                        if (read == 0)
                        {
                            break;
                        }

                        start.Happened = true;
                        patience.CancelAfter(StallTimeout);
                        received += read;
                        if (received > file.Length)
                        {
                            throw new InvalidDataException($"longer than the {file.Length} bytes of the original");
                        }

                        sum.AppendData(buffer, 0, read);
                        await target.WriteAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
                        report(received);
                    }

                    target.Flush(flushToDisk: true);
                }
            }

            if (received != file.Length)
            {
                throw new InvalidDataException($"{received} bytes instead of the {file.Length} of the original");
            }

            var found = Convert.ToHexStringLower(sum.GetHashAndReset());
            if (found != file.Sha256)
            {
                throw new InvalidDataException($"wrong checksum {found}, the original has {file.Sha256}");
            }

            File.Move(temporary, Path.Combine(folder, file.Name), overwrite: true);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException(
                received == 0
                    ? early
                        ? FormattableString.Invariant($"did not start in its share of {StartTimeout.TotalSeconds:0.###} s")
                        : FormattableString.Invariant($"did not start within {StallTimeout.TotalSeconds:0.###} s")
                    : FormattableString.Invariant($"stopped for {StallTimeout.TotalSeconds:0.###} s after {received} bytes"),
                error);
        }
        finally
        {
            Remove(temporary);
        }
    }

    /// <summary>Whether anything has come yet, and how long it has been waited for.</summary>
    private sealed class Start
    {
        public Stopwatch Clock { get; } = Stopwatch.StartNew();

        public bool Happened { get; set; }
    }
}
