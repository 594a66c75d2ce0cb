using System.Buffers.Binary;
using Backprop.Data;

namespace Backprop.Tests.Samples;

/// <summary>A folder with a small data set in MNIST's form, and place for the files of a test.</summary>
public sealed class DigitFolder : IDisposable
{
    public const int TrainingCount = 1500;
    public const int TestCount = 400;

    public DigitFolder()
    {
        Directory.CreateDirectory(Data);
        Write("train", SyntheticDigits.Generate(TrainingCount, seed: 11));
        Write("t10k", SyntheticDigits.Generate(TestCount, seed: 12));
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("backprop-sample-").FullName;

    /// <summary>The folder with the four files; its name is the one that is looked for below $BACKPROP_DATA.</summary>
    public string Data => Path.Combine(Root, "mnist");

    public string PathOf(string name) => Path.Combine(Root, name);

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private void Write(string part, LabeledImages images)
    {
        WriteIdx($"{part}-images-idx3-ubyte", images.Pixels, images.Count, images.Rows, images.Columns);
        WriteIdx($"{part}-labels-idx1-ubyte", images.Labels, images.Count);
    }

    private void WriteIdx(string name, ReadOnlySpan<byte> bytes, params ReadOnlySpan<int> shape)
    {
        const byte UnsignedBytes = 8;
        var header = new byte[4 + (4 * shape.Length)];
        header[2] = UnsignedBytes;
        header[3] = (byte)shape.Length;
        for (var i = 0; i < shape.Length; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + (4 * i)), shape[i]);
        }

        File.WriteAllBytes(Path.Combine(Data, name), [.. header, .. bytes]);
    }
}
