using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Backprop.Data;

/// <summary>Copies chosen entries of axis 0.</summary>
internal static class Rows
{
    /// <summary>Refuses numbers that are not examples.</summary>
    public static void Check(ReadOnlySpan<int> indices, int count)
    {
        if (count == 0 && indices.Length > 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(indices), indices[0], FormattableString.Invariant($"get_batch: example {indices[0]} was asked for; the dataset is empty."));
        }

        var wrong = count > 0 ? indices.IndexOfAnyExceptInRange(0, count - 1) : -1;
        if (wrong >= 0)
        {
            throw Error.Range("get_batch", nameof(indices), indices[wrong], $"0 to {count - 1}");
        }
    }

    /// <summary>A tensor with the chosen rows, in the given one if there is one.</summary>
    public static Tensor Gather(Tensor source, ReadOnlySpan<int> indices, Tensor? reuse)
    {
        ReadOnlySpan<int> shape = [indices.Length, .. source.Shape[1..]];
        var result = Fits(reuse, shape, source.DType) ? reuse : Tensor.Zeros(shape, source.DType);
        switch (source.DType)
        {
            case DType.Float32:
                Copy<float>(source, indices, result);
                break;
            case DType.Float64:
                Copy<double>(source, indices, result);
                break;
            case DType.Int32:
                Copy<int>(source, indices, result);
                break;
            case DType.BFloat16:
                Copy<BFloat16>(source, indices, result);
                break;
            case DType.Float16:
                Copy<Half>(source, indices, result);
                break;
            case DType.Int64:
                Copy<long>(source, indices, result);
                break;
            default:
                Copy<bool>(source, indices, result);
                break;
        }

        return result;
    }

    /// <summary>
    /// Whether a tensor can be overwritten by one of that shape and type: not one that was recycled, nor one that somebody made a parameter.
    /// </summary>
    public static bool Fits([NotNullWhen(true)] Tensor? reuse, ReadOnlySpan<int> shape, DType dtype)
        => reuse is { RequiresGradient: false } && IsAlive(reuse) && reuse.DType == dtype && reuse.IsContiguous && reuse.Shape.SequenceEqual(shape);

    private static bool IsAlive(Tensor tensor)
    {
        try
        {
            tensor.CheckAlive();
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copy<T>(Tensor source, ReadOnlySpan<int> indices, Tensor result)
        where T : unmanaged
    {
        var from = source.AsSpan<T>();
        var to = result.AsWritableSpan<T>();
        var width = indices.Length == 0 ? 0 : to.Length / indices.Length;
        if (width == 1)
        {
            for (var i = 0; i < indices.Length; i++)
            {
                to[i] = from[indices[i]];
            }

            return;
        }

        for (var i = 0; i < indices.Length; i++)
        {
            from.Slice(indices[i] * width, width).CopyTo(to.Slice(i * width, width));
        }
    }
}
