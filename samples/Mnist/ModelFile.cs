namespace MnistSample;

/// <summary>The file that a model is saved to.</summary>
public static class ModelFile
{
    /// <summary>Refuses a name that nothing can be written to: now rather than after the training.</summary>
    /// <exception cref="IOException">It is a folder, its folder does not exist, or the disk refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">Its folder does not allow files to be made.</exception>
    public static void CheckWritable(string file)
    {
        if (Directory.Exists(file))
        {
            throw new IOException($"cannot write '{file}': it is a folder, --save needs the name of a file.");
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"cannot write '{file}': the folder '{folder}' does not exist.");
        }

        try
        {
            using var probe = File.Create(Path.Combine(folder, $".{Guid.NewGuid():N}.tmp"), bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new UnauthorizedAccessException($"cannot write '{file}': the folder '{folder}' does not allow it.", error);
        }
        catch (IOException error)
        {
            throw new IOException($"cannot write '{file}': nothing can be written to the folder '{folder}'.", error);
        }
    }

    /// <summary>A name in a folder that no file has: <c>mnist-keras.safetensors</c>, else <c>mnist-keras-2.safetensors</c>, and so on.</summary>
    public static string FreeName(string folder, Recipe recipe)
    {
        var file = Path.Combine(folder, $"mnist-{recipe.Name}.safetensors");
        for (var number = 2; Path.Exists(file); number++)
        {
            file = Path.Combine(folder, $"mnist-{recipe.Name}-{number}.safetensors");
        }

        return file;
    }
}
