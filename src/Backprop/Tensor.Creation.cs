using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Backprop.Memory;

namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>A scalar: float32 from a float, float64 from a double, int32, int64, bool likewise.</summary>
    public static Tensor Scalar<T>(T value)
        where T : unmanaged => From([value], []);

    /// <summary>A copy of <paramref name="values"/> in row-major order; their type decides the dtype.</summary>
    /// <typeparam name="T">float, double, int, long or bool.</typeparam>
    /// <exception cref="ShapeException">The number of values is not the product of the sizes.</exception>
    public static Tensor From<T>(ReadOnlySpan<T> values, params ReadOnlySpan<int> shape)
        where T : unmanaged
    {
        var dtype = DTypes.Of<T>();
        var layout = Layout.Contiguous("from", shape);
        if (layout.Count != values.Length)
        {
            throw Error.Shape("from", $"{values.Length} values don't fill shape {Error.Text(shape)}, which has {layout.Count} elements.");
        }

        var result = Allocate(layout, dtype);
        if (Ledger.IsOn)
        {
            result.NoteConstant(values.ToArray());
            return result;
        }

        values.CopyTo(result.Storage.Span<T>());
        return result;
    }

    /// <summary>A copy of <paramref name="values"/> as a vector; their type decides the dtype.</summary>
    /// <typeparam name="T">float, double, int, long or bool.</typeparam>
    public static Tensor From<T>(ReadOnlySpan<T> values)
        where T : unmanaged => From(values, values.Length);

    /// <summary>A copy of an array as a vector.</summary>
    public static Tensor From<T>(T[] values)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        return From<T>(values.AsSpan(), values.Length);
    }

    /// <inheritdoc cref="From{T}(ReadOnlySpan{T}, ReadOnlySpan{int})"/>
    public static Tensor From<T>(T[] values, params ReadOnlySpan<int> shape)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        return From<T>(values.AsSpan(), shape);
    }

    /// <summary>A copy of a matrix.</summary>
    public static Tensor From<T>(T[,] values)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        return From(Flat<T>(values), values.GetLength(0), values.GetLength(1));
    }

    /// <summary>A copy of a three-dimensional array.</summary>
    public static Tensor From<T>(T[,,] values)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        return From(Flat<T>(values), values.GetLength(0), values.GetLength(1), values.GetLength(2));
    }

    /// <summary>Elements of value 0 (or false).</summary>
    public static Tensor Zeros(ReadOnlySpan<int> shape, DType dtype = DType.Float32)
    {
        var result = Allocate(Layout.Contiguous("zeros", shape), dtype.Check());
        result.Clear();
        return result;
    }

    /// <summary>Elements of value 1 (or true).</summary>
    public static Tensor Ones(ReadOnlySpan<int> shape, DType dtype = DType.Float32) => Full(shape, 1, dtype);

    /// <summary>Elements of one value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not one of the dtype.</exception>
    public static Tensor Full(ReadOnlySpan<int> shape, double value, DType dtype = DType.Float32)
    {
        CheckConstant("full", value, dtype.Check());
        var result = Allocate(Layout.Contiguous("full", shape), dtype);
        result.FillStorage(value);
        return result;
    }

    /// <summary>Zeros in the shape and dtype of another tensor.</summary>
    public static Tensor ZerosLike(Tensor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Zeros(other.Shape, other.DType);
    }

    /// <summary>Ones in the shape and dtype of another tensor.</summary>
    public static Tensor OnesLike(Tensor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Ones(other.Shape, other.DType);
    }

    /// <summary>start, start + step, … up to but without end.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A step of 0 or one that leads away from the end, or values that are not finite.</exception>
    public static Tensor Arange(double start, double end, double step = 1, DType dtype = DType.Float32)
    {
        if (!double.IsFinite(start) || !double.IsFinite(end) || !double.IsFinite(step) || step == 0)
        {
            throw Error.Range("arange", nameof(step), step, "finite and not 0, with a finite start and end");
        }

        var count = Math.Max(Math.Ceiling((end - start) / step), 0);
        if (count > Array.MaxLength)
        {
            throw Error.Range("arange", nameof(end), end, $"such that there are at most {Array.MaxLength} elements");
        }

        return Sequence("arange", (int)count, start, step, dtype);
    }

    /// <summary>0, 1, … up to but without <paramref name="end"/>.</summary>
    public static Tensor Arange(int end, DType dtype = DType.Float32) => Arange(0, end, 1, dtype);

    /// <summary><paramref name="count"/> values evenly spaced from start to end, both included.</summary>
    public static Tensor Linspace(double start, double end, int count, DType dtype = DType.Float32)
    {
        if (count < 0)
        {
            throw Error.Range("linspace", nameof(count), count, "at least 0");
        }

        if (!dtype.Check().IsFloating())
        {
            throw Error.DType("linspace", dtype, "use Float32, Float64, BFloat16 or Float16.");
        }

        var result = Allocate(Layout.Contiguous("linspace", [count]), dtype);
        Capture.Repeat(() =>
        {
            for (var i = 0; i < count; i++)
            {
                // From the nearer end, so that both ends are exact.
                var step = (end - start) / Math.Max(count - 1, 1);
                result.Put(i, i < count / 2 || count == 1 ? start + (step * i) : end - (step * (count - 1 - i)));
            }
        });

        return result;
    }

    /// <summary>A matrix of ones on the diagonal.</summary>
    public static Tensor Eye(int rows, int? columns = null, DType dtype = DType.Float32)
    {
        _ = Layout.Contiguous("eye", [rows, columns ?? rows]);
        var result = Zeros([rows, columns ?? rows], dtype);
        Capture.Repeat(() =>
        {
            for (var i = 0; i < Math.Min(rows, columns ?? rows); i++)
            {
                result.Put((i * (columns ?? rows)) + i, 1);
            }
        });

        return result;
    }

    /// <summary>Uniform in [low, high), from a reproducible generator.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="low">The lower bound.</param>
    /// <param name="high">The upper bound.</param>
    /// <param name="dtype">Float32 or Float64.</param>
    /// <param name="generator">Where the numbers come from; <see cref="Generator.Default"/> if not given.</param>
    public static Tensor Uniform(ReadOnlySpan<int> shape, double low = 0, double high = 1, DType dtype = DType.Float32, Generator? generator = null)
    {
        if (!(low <= high) || !double.IsFinite(high - low))
        {
            throw Error.Range("uniform", nameof(low), low, FormattableString.Invariant($"finite and at most high, {high}"));
        }

        var result = Random("uniform", shape, dtype);
        generator ??= Generator.Default;
        Capture.Repeat(() =>
        {
            if (result.DType == DType.Float32)
            {
                generator.FillUniform(result.Storage.Span<float>(), (float)low, (float)high);
            }
            else
            {
                generator.FillUniform(result.Storage.Span<double>(), low, high);
            }
        });

        return result.To(dtype);
    }

    /// <summary>Normally distributed, from a reproducible generator.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="mean">The mean.</param>
    /// <param name="deviation">The standard deviation, not negative.</param>
    /// <param name="dtype">A floating point type.</param>
    /// <param name="generator">Where the numbers come from; <see cref="Generator.Default"/> if not given.</param>
    public static Tensor Normal(ReadOnlySpan<int> shape, double mean = 0, double deviation = 1, DType dtype = DType.Float32, Generator? generator = null)
    {
        if (!(deviation >= 0) || !double.IsFinite(deviation) || !double.IsFinite(mean))
        {
            throw Error.Range("normal", nameof(deviation), deviation, "finite and not negative, with a finite mean");
        }

        var result = Random("normal", shape, dtype);
        generator ??= Generator.Default;
        Capture.Repeat(() =>
        {
            if (result.DType == DType.Float32)
            {
                generator.FillNormal(result.Storage.Span<float>(), (float)mean, (float)deviation);
            }
            else
            {
                generator.FillNormal(result.Storage.Span<double>(), mean, deviation);
            }
        });

        return result.To(dtype);
    }

    /// <summary>Elements that are <paramref name="value"/> with a probability, else 0, from a reproducible generator.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="probability">The chance of an element, from 0 to 1.</param>
    /// <param name="value">What the chosen elements are.</param>
    /// <param name="dtype">A floating point type.</param>
    /// <param name="generator">Where the numbers come from; <see cref="Generator.Default"/> if not given.</param>
    /// <exception cref="ArgumentOutOfRangeException">The probability is not one.</exception>
    public static Tensor Bernoulli(
        ReadOnlySpan<int> shape, double probability, double value = 1, DType dtype = DType.Float32, Generator? generator = null)
    {
        if (!(probability is >= 0 and <= 1))
        {
            throw Error.Range("bernoulli", nameof(probability), probability, "from 0 to 1");
        }

        var result = Random("bernoulli", shape, dtype);
        generator ??= Generator.Default;
        Capture.Repeat(() =>
        {
            if (result.DType == DType.Float32)
            {
                generator.FillMask(result.Storage.Span<float>(), probability, (float)value);
            }
            else
            {
                generator.FillMask(result.Storage.Span<double>(), probability, value);
            }
        });

        return result.To(dtype);
    }

    /// <summary>A number takes the dtype of the tensor it meets; on its own it is a float32 scalar.</summary>
    /// <remarks>
    /// Whole numbers beyond 2⁵³ are rounded on the way: write Tensor.Scalar(9007199254740993L) for them. A float64 scalar is Tensor.Scalar(0.1).
    /// </remarks>
    public static implicit operator Tensor(double value)
    {
        var result = new Tensor(Buffers.Allocate(1, DType.Float32), Layout.Scalar, DType.Float32) { Literal = value };
        if (Ledger.IsOn)
        {
            result.NoteConstant([(float)value]);
            return result;
        }

        result.Storage.Span<float>()[0] = (float)value;
        return result;
    }

    /// <summary>A truth value as a scalar.</summary>
    public static implicit operator Tensor(bool value) => Scalar(value);

    /// <summary>Refuses constants that the dtype can't hold: fractions in integers, numbers other than 0 and 1 in truth values.</summary>
    internal static void CheckConstant(string operation, double value, DType dtype)
    {
        var fits = dtype switch
        {
            DType.Int32 => value == Math.Truncate(value) && value is >= int.MinValue and <= int.MaxValue,
            DType.Int64 => value == Math.Truncate(value) && value is >= -9223372036854775808.0 and < 9223372036854775808.0,
            DType.Bool => value is 0 or 1,
            _ => true,
        };
        if (!fits)
        {
            throw Error.Range(operation, nameof(value), value, $"a value of {dtype.Label()}; convert the tensor with To(DType.Float32) for others");
        }
    }

    /// <summary>Fills fresh storage.</summary>
    internal void FillStorage(double value)
    {
        if (Ledger.IsOn)
        {
            NoteFill(value);
            return;
        }

        FillNow(value);
    }

    private void NoteFill(double value) => Ledger.Current!.Perform(() => FillNow(value));

    private void NoteConstant<T>(T[] values)
        where T : unmanaged => Ledger.Current!.Perform(() => values.AsSpan().CopyTo(Storage.Span<T>()));

    private void FillNow(double value)
    {
        switch (DType)
        {
            case DType.Float32: Storage.Span<float>().Fill((float)value); break;
            case DType.Float64: Storage.Span<double>().Fill(value); break;
            case DType.Int32: Storage.Span<int>().Fill((int)value); break;
            case DType.Int64: Storage.Span<long>().Fill((long)value); break;
            case DType.BFloat16: Storage.Span<BFloat16>().Fill((BFloat16)Kernels.RoundToOdd.ToSingle(value)); break;
            case DType.Float16: Storage.Span<Half>().Fill((Half)value); break;
            default: Storage.Span<byte>().Fill(value == 0 ? (byte)0 : (byte)1); break;
        }
    }

    private static Tensor Sequence(string operation, int count, double start, double step, DType dtype)
    {
        if (dtype.Check() == DType.Bool)
        {
            throw Error.DType(operation, dtype, "use a numeric dtype.");
        }

        CheckConstant(operation, start, dtype);
        CheckConstant(operation, step, dtype);
        CheckConstant(operation, start + (step * Math.Max(count - 1, 0)), dtype);
        var result = Allocate(Layout.Contiguous(operation, [count]), dtype);
        Capture.Repeat(() =>
        {
            for (var i = 0; i < count; i++)
            {
                result.Put(i, start + (step * i));
            }
        });

        return result;
    }

    private static Tensor Random(string operation, ReadOnlySpan<int> shape, DType dtype) => dtype.Check().IsFloating()
        ? Allocate(Layout.Contiguous(operation, shape), dtype.Computing())
        : throw Error.DType(operation, dtype, "use Float32, Float64, BFloat16 or Float16.");

    /// <summary>Writes an element of contiguous storage.</summary>
    private void Put(int index, double value)
    {
        switch (DType)
        {
            case DType.Float32: Storage.Span<float>()[index] = (float)value; break;
            case DType.Float64: Storage.Span<double>()[index] = value; break;
            case DType.Int32: Storage.Span<int>()[index] = (int)value; break;
            case DType.Int64: Storage.Span<long>()[index] = (long)value; break;
            case DType.BFloat16: Storage.Span<BFloat16>()[index] = (BFloat16)Kernels.RoundToOdd.ToSingle(value); break;
            case DType.Float16: Storage.Span<Half>()[index] = (Half)value; break;
            default: Storage.Span<byte>()[index] = value == 0 ? (byte)0 : (byte)1; break;
        }
    }

    private static ReadOnlySpan<T> Flat<T>(Array values)
        where T : unmanaged =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(values)), values.Length);
}
