namespace Backprop.Data;

/// <summary>Ten classes of 28 × 28 images, in two parts.</summary>
/// <param name="Training">What to learn from; 60,000 images in MNIST itself.</param>
/// <param name="Test">What to judge by; 10,000 images in MNIST itself.</param>
/// <param name="Source">Where the data come from, for people to read.</param>
/// <param name="IsSynthetic">True where <see cref="SyntheticDigits"/> stand in for the real ones.</param>
public sealed record MnistData(LabeledImages Training, LabeledImages Test, string Source, bool IsSynthetic)
{
    /// <summary>Where else data were looked for, and why they are not from there; empty where there is nothing to tell.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>How far a download has come.</summary>
/// <param name="File">The file that is on its way.</param>
/// <param name="FileNumber">Its number: 1 … <paramref name="FileCount"/>.</param>
/// <param name="FileCount">How many files there are.</param>
/// <param name="BytesReceived">Bytes of this file received so far.</param>
/// <param name="TotalBytes">Bytes of this file.</param>
public readonly record struct DownloadProgress(string File, int FileNumber, int FileCount, long BytesReceived, long TotalBytes);

/// <summary>MNIST cannot be had from the network: no mirror answered in time with the right files.</summary>
public sealed class MnistUnavailableException : IOException
{
    /// <summary>Creates the error.</summary>
    /// <param name="message">What was tried, and what came of it.</param>
    /// <param name="inner">The last failure.</param>
    public MnistUnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
