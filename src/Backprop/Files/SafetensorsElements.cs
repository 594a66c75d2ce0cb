using System.Diagnostics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Backprop.Files;

/// <summary>Makes tensors from the bytes of a file, widening the types that tensors don't have.</summary>
internal static class SafetensorsElements
{
    private delegate void Widening<TFrom, TTo>(ReadOnlySpan<TFrom> from, Span<TTo> to);

    /// <summary>The type of the tensor that holds an item.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static DType TypeOf(SafetensorsItem item, string path) => item.Type.Name switch
    {
        "F32" => DType.Float32,
        "F16" => DType.Float16,
        "BF16" => DType.BFloat16,
        "F64" => DType.Float64,
        "I32" or "U8" or "I8" or "U16" or "I16" => DType.Int32,
        "I64" or "U32" => DType.Int64,
        "BOOL" => DType.Bool,
        _ => throw new InvalidDataException($"{path}: tensor '{item.Name}' is {item.Type}, which no tensor can hold."),
    };

    public static Tensor Read(SafetensorsReader reader, SafetensorsItem item, int[] shape, string path)
    {
        switch (item.Type.Name)
        {
            case "F32":
                return Direct<float>(reader, item, Tensor.Zeros(shape));
            case "F64":
                return Direct<double>(reader, item, Tensor.Zeros(shape, DType.Float64));
            case "I32":
                return Direct<int>(reader, item, Tensor.Zeros(shape, DType.Int32));
            case "I64":
                return Direct<long>(reader, item, Tensor.Zeros(shape, DType.Int64));
            case "BOOL":
                return Widened<byte, bool>(reader, item, Tensor.Zeros(shape, DType.Bool), (from, to) => ToBool(from, to, item, path));
            case "F16":
                return Direct<Half>(reader, item, Tensor.Zeros(shape, DType.Float16));
            case "BF16":
                return Direct<BFloat16>(reader, item, Tensor.Zeros(shape, DType.BFloat16));
            case "U8":
                return Widened<byte, int>(reader, item, Tensor.Zeros(shape, DType.Int32), TensorPrimitives.ConvertChecked);
            case "I8":
                return Widened<sbyte, int>(reader, item, Tensor.Zeros(shape, DType.Int32), TensorPrimitives.ConvertChecked);
            case "U16":
                return Widened<ushort, int>(reader, item, Tensor.Zeros(shape, DType.Int32), TensorPrimitives.ConvertChecked);
            case "I16":
                return Widened<short, int>(reader, item, Tensor.Zeros(shape, DType.Int32), TensorPrimitives.ConvertChecked);
            case "U32":
                return Widened<uint, long>(reader, item, Tensor.Zeros(shape, DType.Int64), TensorPrimitives.ConvertChecked);
            default:
                throw new UnreachableException();
        }
    }

    private static Tensor Direct<T>(SafetensorsReader reader, SafetensorsItem item, Tensor result)
        where T : unmanaged
    {
        reader.Read(item, MemoryMarshal.AsBytes(result.AsWritableSpan<T>()));
        return result;
    }

    private static Tensor Widened<TFrom, TTo>(SafetensorsReader reader, SafetensorsItem item, Tensor result, Widening<TFrom, TTo> widen)
        where TFrom : unmanaged
        where TTo : unmanaged
    {
        var narrow = new TFrom[result.Count];
        reader.Read(item, MemoryMarshal.AsBytes(narrow.AsSpan()));
        widen(narrow, result.AsWritableSpan<TTo>());
        return result;
    }

    private static void ToBool(ReadOnlySpan<byte> from, Span<bool> to, SafetensorsItem item, string path)
    {
        var wrong = from.IndexOfAnyExceptInRange((byte)0, (byte)1);
        if (wrong >= 0)
        {
            throw new InvalidDataException($"{path}: tensor '{item.Name}' is BOOL and holds the byte {from[wrong]}; legal are 0 and 1.");
        }

        for (var i = 0; i < from.Length; i++)
        {
            to[i] = from[i] != 0;
        }
    }
}
