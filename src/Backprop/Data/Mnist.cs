namespace Backprop.Data;

/// <summary>
/// The MNIST handwritten digits (LeCun, Cortes, Burges), and data sets published in the same form: four IDX files with
/// 28 × 28 images and classes 0 … 9.
/// </summary>
public static class Mnist
{
    /// <summary>Height and width of an image.</summary>
    public const int Size = 28;

    /// <summary>How many classes there are.</summary>
    public const int Classes = 10;

    private const string FolderVariable = "BACKPROP_DATA";

    private static readonly Part[] Parts =
    [
        new("train-images", 3, "training images"),
        new("train-labels", 1, "training labels"),
        new("t10k-images", 3, "test images"),
        new("t10k-labels", 1, "test labels"),
    ];

    /// <summary>
    /// Where downloads are kept: <c>Backprop/mnist</c> in the user's folder for local application data
    /// (<c>$XDG_DATA_HOME</c> or <c>~/.local/share</c> on Linux).
    /// </summary>
    public static string CacheFolder
    {
        get
        {
            var home = Environment.GetFolderPath(
                Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
            return Path.Combine(home.Length > 0 ? home : Path.GetTempPath(), "Backprop", "mnist");
        }
    }

    /// <summary>Whether a folder holds the four files, under any of the names that <see cref="Load"/> knows.</summary>
    /// <param name="folder">The folder; it need not exist.</param>
    public static bool IsIn(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return Parts.All(part => Find(folder, part) is not null);
    }

    /// <summary>
    /// Loads the four files of a folder: <c>train-images-idx3-ubyte</c>, <c>train-labels-idx1-ubyte</c>,
    /// <c>t10k-images-idx3-ubyte</c>, <c>t10k-labels-idx1-ubyte</c>, also with a dot before <c>idx</c>, also with
    /// <c>.gz</c>.
    /// </summary>
    /// <param name="folder">Where the files are.</param>
    /// <returns>The data, checked: sizes, equal numbers of images and labels, labels 0 … 9.</returns>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file is missing.</exception>
    /// <exception cref="InvalidDataException">A file is not what it should be; the message says which and why.</exception>
    public static MnistData Load(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"{folder}: {(File.Exists(folder) ? "is a file, not a folder" : "there is no such folder")}.");
        }

        var files = Array.ConvertAll(Parts, part => Find(folder, part) ?? throw new FileNotFoundException(
            $"{folder}: no {part.What}; looked for {string.Join(", ", Names(part))}."));
        return LoadFiles(folder, files);
    }

    /// <summary>
    /// Downloads what is not there yet, and loads it. Files are checked against the published checksums and appear whole or
    /// not at all.
    /// </summary>
    /// <param name="folder">Where to keep the files; by default <see cref="CacheFolder"/>.</param>
    /// <param name="progress">Told about every piece that arrives.</param>
    /// <param name="cancellation">Stops the download.</param>
    /// <exception cref="MnistUnavailableException">
    /// No mirror answered within five seconds, or none has the right files, or the folder cannot be written.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was triggered.</exception>
    public static Task<MnistData> DownloadAsync(
        string? folder = null, IProgress<DownloadProgress>? progress = null, CancellationToken cancellation = default)
        => DownloadAsync(folder ?? CacheFolder, new MnistDownload(), progress, cancellation);

    /// <summary>
    /// Loads MNIST from wherever it can be had: the folder <c>$BACKPROP_DATA/mnist</c>, the cache, the network, and where
    /// none of them has it, <see cref="SyntheticDigits"/> in its place. <see cref="MnistData.Source"/> says which it was,
    /// <see cref="MnistData.Notes"/> what was passed over and why.
    /// </summary>
    /// <param name="progress">Told about every piece that arrives, if a download is needed.</param>
    /// <param name="cancellation">Stops the download.</param>
    /// <exception cref="InvalidDataException">A file in <c>$BACKPROP_DATA/mnist</c> is damaged.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellation"/> was triggered.</exception>
    public static Task<MnistData> LoadAsync(IProgress<DownloadProgress>? progress = null, CancellationToken cancellation = default)
    {
        var data = Environment.GetEnvironmentVariable(FolderVariable);
        var folder = string.IsNullOrEmpty(data) ? null : Path.Combine(data, "mnist");
        return LoadAsync(folder, CacheFolder, new MnistDownload(), progress, cancellation);
    }

    internal static async Task<MnistData> LoadAsync(
        string? folder, string cache, MnistDownload download, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        var notes = new List<string>();
        if (folder is not null)
        {
            if (IsIn(folder))
            {
                return Load(folder);
            }

            notes.Add(Directory.Exists(folder)
                ? $"{folder} does not hold the four files of MNIST"
                : $"{FolderVariable}={Path.GetDirectoryName(folder)} holds no mnist folder");
        }

        try
        {
            if (IsIn(cache))
            {
                return Load(cache) with { Notes = notes };
            }
        }
        catch (InvalidDataException error)
        {
            // Something else wrote there: the download below replaces whatever has a wrong checksum.
            notes.Add($"a kept file is damaged: {error.Message}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            notes.Add($"a kept file cannot be read: {error.Message}");
        }

        try
        {
            return await DownloadAsync(cache, download, progress, cancellation).ConfigureAwait(false) with { Notes = notes };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            notes.Add(error.Message);
            return Synthetic() with { Notes = notes };
        }
    }

    internal static async Task<MnistData> DownloadAsync(
        string folder, MnistDownload download, IProgress<DownloadProgress>? progress, CancellationToken cancellation)
    {
        await download.RunAsync(folder, progress, cancellation).ConfigureAwait(false);

        // Those that were checked, whatever else the folder holds under another name that Load knows.
        return LoadFiles(folder, Array.ConvertAll(download.Files, file => Path.Combine(folder, file.Name)));
    }

    private static MnistData LoadFiles(string folder, string[] files)
        => new(LoadPart(files[0], files[1]), LoadPart(files[2], files[3]), folder, IsSynthetic: false);

    private static MnistData Synthetic()
    {
        const int TrainingCount = 20_000;
        const int TestCount = 4_000;
        return new MnistData(
            SyntheticDigits.Generate(TrainingCount, seed: 1), SyntheticDigits.Generate(TestCount, seed: 2), "synthetic digits, not MNIST", IsSynthetic: true);
    }

    private static LabeledImages LoadPart(string imagesFile, string labelsFile)
    {
        var images = ReadBytes(imagesFile, axes: 3, "images [count, 28, 28]");
        var labels = ReadBytes(labelsFile, axes: 1, "labels [count]");
        if (images.Shape[1] != Size || images.Shape[2] != Size || images.Shape[0] == 0)
        {
            throw new InvalidDataException(
                $"{imagesFile}: {images.Shape[0]} images of {images.Shape[1]} × {images.Shape[2]}; "
                + $"at least one of {Size} × {Size} is needed.");
        }

        if (images.Shape[0] != labels.Count)
        {
            throw new InvalidDataException($"{imagesFile} has {images.Shape[0]} images, {labelsFile} has {labels.Count} labels.");
        }

        var wrong = labels.AsSpan<byte>().IndexOfAnyExceptInRange((byte)0, (byte)(Classes - 1));
        if (wrong >= 0)
        {
            throw new InvalidDataException(
                $"{labelsFile}: label {wrong} is {labels.AsSpan<byte>()[wrong]}; labels are 0 to {Classes - 1}.");
        }

        return new LabeledImages(images.Detach(), labels.Detach(), Size, Size, imagesFile);
    }

    private static IdxArray ReadBytes(string file, int axes, string what)
    {
        var array = Idx.Read(file);
        if (array.Type != IdxType.UInt8 || array.Shape.Length != axes)
        {
            throw new InvalidDataException(
                $"{file}: holds {array.Type} [{string.Join(", ", array.Shape.ToArray())}]; {what} of type UInt8 are needed.");
        }

        return array;
    }

    private static string? Find(string folder, Part part)
        => Names(part).Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private static IEnumerable<string> Names(Part part)
        => from dot in (char[])['-', '.'] from end in (string[])["", ".gz"] select $"{part.Stem}{dot}idx{part.Axes}-ubyte{end}";

    private sealed record Part(string Stem, int Axes, string What);
}
