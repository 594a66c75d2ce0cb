using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Backprop.Data;

/// <summary>The element types of the IDX format; the values are the codes in the file.</summary>
public enum IdxType : byte
{
    /// <summary>Unsigned byte.</summary>
    UInt8 = 0x08,

    /// <summary>Signed byte.</summary>
    Int8 = 0x09,

    /// <summary>16-bit integer.</summary>
    Int16 = 0x0B,

    /// <summary>32-bit integer.</summary>
    Int32 = 0x0C,

    /// <summary>32-bit floating point.</summary>
    Float32 = 0x0D,

    /// <summary>64-bit floating point.</summary>
    Float64 = 0x0E,
}

/// <summary>The content of an IDX file: an array of numbers in row-major order.</summary>
public sealed class IdxArray
{
    private readonly byte[] bytes;
    private readonly int[] shape;

    internal IdxArray(IdxType type, int[] shape, byte[] bytes)
    {
        Type = type;
        this.shape = shape;
        this.bytes = bytes;
    }

    /// <summary>The type of the elements.</summary>
    public IdxType Type { get; }

    /// <summary>The size of every axis; at least one axis.</summary>
    public ReadOnlySpan<int> Shape => shape;

    /// <summary>How many elements there are: the product of <see cref="Shape"/>.</summary>
    public int Count => bytes.Length / SizeOf(Type);

    /// <summary>The elements, in this machine's byte order.</summary>
    /// <typeparam name="T">The C# type that belongs to <see cref="Type"/>, such as <see cref="byte"/>.</typeparam>
    /// <exception cref="InvalidOperationException"><typeparamref name="T"/> is not the type of the elements.</exception>
    public ReadOnlySpan<T> AsSpan<T>() where T : unmanaged
    {
        if (!Holds<T>())
        {
            throw new InvalidOperationException($"IdxArray.AsSpan<{typeof(T).Name}>: the elements are {Type}.");
        }

        return MemoryMarshal.Cast<byte, T>(bytes);
    }

    internal static int SizeOf(IdxType type) => type switch
    {
        IdxType.UInt8 or IdxType.Int8 => 1,
        IdxType.Int16 => 2,
        IdxType.Int32 or IdxType.Float32 => 4,
        _ => 8,
    };

    /// <summary>The bytes themselves, without a copy; for <see cref="IdxType.UInt8"/>.</summary>
    internal byte[] Detach() => bytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Holds<T>() => Type switch
    {
        IdxType.UInt8 => typeof(T) == typeof(byte),
        IdxType.Int8 => typeof(T) == typeof(sbyte),
        IdxType.Int16 => typeof(T) == typeof(short),
        IdxType.Int32 => typeof(T) == typeof(int),
        IdxType.Float32 => typeof(T) == typeof(float),
        _ => typeof(T) == typeof(double),
    };
}
