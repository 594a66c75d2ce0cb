using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Backprop.Files;

/// <summary>The bytes of a tensor, little-endian and row-major; asked for when it is their turn.</summary>
internal delegate ReadOnlySpan<byte> TensorBytes();

/// <summary>A tensor to write.</summary>
internal sealed record SafetensorsEntry(string Name, SafetensorsType Type, long[] Shape, TensorBytes Bytes);

/// <summary>
/// Writes safetensors files, laid out as the reference implementation does: wide types first, then by name, the header
/// padded with spaces to a multiple of 8.
/// </summary>
internal static class SafetensorsWriter
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>
    /// Writes a file under a temporary name in the same folder, brings it to the disk and then moves it to its name: a
    /// failure leaves whatever was there before.
    /// </summary>
    /// <exception cref="ArgumentException">A name is not legal, occurs twice, or bytes do not fit their shape.</exception>
    /// <exception cref="IOException">The file cannot be written; the message says why.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder does not allow it.</exception>
    public static void Write(string path, IEnumerable<SafetensorsEntry> entries, IReadOnlyDictionary<string, string>? metadata)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var ordered = Order(entries);
        var header = MakeHeader(ordered, metadata);
        var target = FinalTarget(path);
        if (Directory.Exists(target))
        {
            throw new IOException($"cannot write '{path}': it is a folder, not a file.");
        }

        var folder = Path.GetDirectoryName(target)!;
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"cannot write '{path}': the folder '{folder}' does not exist.");
        }

        RefuseSpecial(path, target);

        // Not made from the name: that may be as long as the file system allows.
        var temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            using (var stream = Create(temporary, target))
            {
                stream.Write(header);
                foreach (var (entry, _) in ordered)
                {
                    var bytes = entry.Bytes();
                    var needed = entry.Type.ByteCount(entry.Shape);
                    if (bytes.Length != needed)
                    {
                        throw new ArgumentException(
                            $"Safetensors: tensor '{entry.Name}', {entry.Type} [{string.Join(", ", entry.Shape)}], takes {needed} bytes, "
                            + $"got {bytes.Length}.",
                            nameof(entries));
                    }

                    stream.Write(bytes);
                }

                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new UnauthorizedAccessException($"cannot write '{path}': the folder '{folder}' does not allow it.", error);
        }
        catch (IOException error)
        {
            // The temporary name is nothing that a caller knows.
            throw new IOException($"cannot write '{path}': {error.Message.Replace(temporary, target, StringComparison.Ordinal)}", error);
        }
        finally
        {
            Remove(temporary);
        }
    }

    /// <summary>Where the bytes go: links are followed, so that they stay links.</summary>
    private static string FinalTarget(string path)
    {
        var target = new FileInfo(Path.GetFullPath(path));
        try
        {
            return target.LinkTarget is null ? target.FullName : target.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
        }
        catch (IOException error)
        {
            throw new IOException($"cannot write '{path}': the link leads nowhere ({error.Message}).", error);
        }
    }

    /// <summary>Refuses pipes and devices: a file would take their place.</summary>
    private static void RefuseSpecial(string path, string target)
    {
        var info = new FileInfo(target);
        if (OperatingSystem.IsWindows() || !info.Exists || info.Length > 0)
        {
            return; // what is not a regular file has length 0
        }

        try
        {
            // Opened for both, a pipe does not wait for its other end. Only the length of a regular file can be set.
            using var handle = File.OpenHandle(target, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            RandomAccess.SetLength(handle, 0);
        }
        catch (Exception error) when (error is IOException or NotSupportedException or ArgumentException)
        {
            throw new IOException($"cannot write '{path}': it is not a regular file.", error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new UnauthorizedAccessException($"cannot write '{path}': it allows no writing.", error);
        }
    }

    /// <summary>Creates the temporary file, as open or closed to others as the file whose place it takes.</summary>
    private static FileStream Create(string temporary, string target)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (OperatingSystem.IsWindows() || !File.Exists(target))
        {
            return new FileStream(temporary, options);
        }

        var mode = File.GetUnixFileMode(target);
        options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var stream = new FileStream(temporary, options);
        try
        {
            File.SetUnixFileMode(stream.SafeFileHandle, mode);
            return stream;
        }
        catch
        {
            stream.Dispose();
            throw;
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
            // It must not hide why the file could not be written.
        }
    }

    private static List<(SafetensorsEntry Entry, byte[] Name)> Order(IEnumerable<SafetensorsEntry> entries)
    {
        var ordered = entries.Select(entry => (Entry: entry, Name: ToUtf8(entry.Name))).ToList();
        ordered.Sort(static (a, b) =>
        {
            var byType = b.Entry.Type.Rank.CompareTo(a.Entry.Type.Rank);
            return byType != 0 ? byType : a.Name.AsSpan().SequenceCompareTo(b.Name);
        });
        var names = new HashSet<string>();
        foreach (var (entry, _) in ordered)
        {
            if (entry.Name == SafetensorsHeader.MetadataKey)
            {
                throw new ArgumentException($"Safetensors: a tensor cannot be called '{entry.Name}'; the format reserves this name.");
            }

            if (!names.Add(entry.Name))
            {
                throw new ArgumentException($"Safetensors: two tensors are called '{entry.Name}'.");
            }
        }

        return ordered;
    }

    private static byte[] MakeHeader(List<(SafetensorsEntry Entry, byte[] Name)> ordered, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.Advance(Space(buffer, sizeof(ulong)));
        using (var json = new Utf8JsonWriter(buffer, Json))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach (var (key, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    json.WriteString(ToUtf8(key), ToUtf8(value));
                }

                json.WriteEndObject();
            }

            var offset = 0L;
            foreach (var (entry, name) in ordered)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", entry.Type.Name);
                json.WriteStartArray("shape");
                foreach (var size in entry.Shape)
                {
                    json.WriteNumberValue(size);
                }

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                offset = checked(offset + (entry.Type.ByteCount(entry.Shape) ?? throw new OverflowException()));
                json.WriteNumberValue(offset);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        var padding = -buffer.WrittenCount & 7;
        buffer.GetSpan(padding)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        var length = buffer.WrittenCount - sizeof(ulong);
        if (length > SafetensorsHeader.MaxLength)
        {
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"Safetensors: names and metadata make a header of {length:N0} bytes; at most {SafetensorsHeader.MaxLength:N0} are legal."));
        }

        var header = buffer.WrittenSpan.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)length);
        return header;
    }

    private static int Space(ArrayBufferWriter<byte> buffer, int count)
    {
        buffer.GetSpan(count)[..count].Clear();
        return count;
    }

    private static byte[] ToUtf8(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            return StrictUtf8.GetBytes(text);
        }
        catch (EncoderFallbackException error)
        {
            throw new ArgumentException("Safetensors: a name or a text holds half of a surrogate pair.", error);
        }
    }
}
