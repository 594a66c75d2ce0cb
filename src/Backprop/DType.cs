using System.Runtime.CompilerServices;

namespace Backprop;

/// <summary>The element type of a <see cref="Tensor"/>.</summary>
/// <remarks>
/// <para>Nothing is converted silently: operands of different types are refused, and a number literal must be one of the tensor's type.</para>
/// <para>
/// Integers: +, −, ·, |x|, sums and products wrap around on overflow (two's complement, as unchecked C#); that includes the negative and the absolute value
/// of the smallest number, and its quotient by −1. Sums, products and their cumulative forms of int32 and bool are int64. Quotients are
/// <see cref="Tensor.FloorDivide(Tensor)"/> and <see cref="Tensor.TruncateDivide(Tensor)"/>, with <see cref="Tensor.Remainder(Tensor)"/> and
/// <see cref="Tensor.Fmod(Tensor)"/>; a divisor of 0 is refused. What leads out of the integers – /, powers other than 2, means, roots, exponentials – is
/// refused with the conversion to use. To(DType) truncates towards 0 and saturates; NaN becomes 0.
/// </para>
/// <para>Truth values have &amp;, |, ^, !, comparisons and sums (counts), and no other arithmetic.</para>
/// </remarks>
public enum DType
{
    /// <summary>32-bit floating point, the default.</summary>
    Float32,

    /// <summary>64-bit floating point, for checking and science.</summary>
    Float64,

    /// <summary>32-bit signed integer.</summary>
    Int32,

    /// <summary>64-bit signed integer: class indices, arg-max results.</summary>
    Int64,

    /// <summary>Truth values: comparisons and masks.</summary>
    Bool,

    /// <summary>16-bit floating point with the range of float32 (see <see cref="Backprop.BFloat16"/>), for storage: operations compute in float32.</summary>
    BFloat16,

    /// <summary>16-bit IEEE floating point (<see cref="Half"/>), for storage: operations compute in float32.</summary>
    Float16,
}

/// <summary>Facts about element types.</summary>
internal static class DTypes
{
    /// <summary>Bytes per element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Size(this DType dtype) => dtype switch
    {
        DType.Float32 or DType.Int32 => 4,
        DType.Float64 or DType.Int64 => 8,
        DType.BFloat16 or DType.Float16 => 2,
        _ => 1,
    };

    /// <summary>Whether gradients exist for this type.</summary>
    public static bool IsFloating(this DType dtype) => dtype is DType.Float32 or DType.Float64 || dtype.IsSixteen();

    /// <summary>Whether this is a type to store only.</summary>
    public static bool IsSixteen(this DType dtype) => dtype >= DType.BFloat16;

    /// <summary>The type that arithmetic is done in, and that gradients travel in.</summary>
    public static DType Computing(this DType dtype) => dtype.IsSixteen() ? DType.Float32 : dtype;

    /// <summary>The name used in messages and printing.</summary>
    public static string Label(this DType dtype) => dtype switch
    {
        DType.Float32 => "float32",
        DType.Float64 => "float64",
        DType.Int32 => "int32",
        DType.Int64 => "int64",
        DType.Bool => "bool",
        DType.BFloat16 => "bfloat16",
        DType.Float16 => "float16",
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "Not a dtype."),
    };

    /// <summary>The dtype whose elements are stored as <typeparamref name="T"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DType Of<T>()
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            return DType.Float32;
        }

        if (typeof(T) == typeof(double))
        {
            return DType.Float64;
        }

        if (typeof(T) == typeof(int))
        {
            return DType.Int32;
        }

        if (typeof(T) == typeof(long))
        {
            return DType.Int64;
        }

        if (typeof(T) == typeof(bool))
        {
            return DType.Bool;
        }

        if (typeof(T) == typeof(BFloat16))
        {
            return DType.BFloat16;
        }

        if (typeof(T) == typeof(Half))
        {
            return DType.Float16;
        }

        throw new DTypeException($"{typeof(T).Name} is not an element type of tensors; use float, double, int, long, bool, BFloat16 or Half.");
    }

    /// <summary>Refuses values that are not members of the enumeration.</summary>
    public static DType Check(this DType dtype) =>
        dtype is >= DType.Float32 and <= DType.Float16
            ? dtype
            : throw new ArgumentOutOfRangeException(
                nameof(dtype),
                dtype,
                FormattableString.Invariant($"dtype: {(int)dtype} is none; use Float32, Float64, Int32, Int64, Bool, BFloat16 or Float16."));
}
