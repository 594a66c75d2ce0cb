using Backprop.Data;

namespace MnistSample;

/// <summary>Tells of every file of a download, once.</summary>
internal sealed class DownloadLines : IProgress<DownloadProgress>
{
    private int last;

    public void Report(DownloadProgress value)
    {
        if (value.FileNumber != last)
        {
            last = value.FileNumber;
            Console.WriteLine($"downloading {value.File} ({value.FileNumber} of {value.FileCount}, {value.TotalBytes / 1e6:F1} MB)");
        }
    }
}
