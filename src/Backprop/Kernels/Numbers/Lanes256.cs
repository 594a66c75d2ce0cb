using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Backprop.Kernels;

/// <summary>
/// A 256-bit register of float or double as a number: the kernels' number without AVX-512. Where there is no 256-bit
/// hardware either, the runtime splits it into two 128-bit registers or scalars.
/// </summary>
internal readonly struct Lanes256<T>(Vector256<T> value) : ILanes<Lanes256<T>, T>
    where T : unmanaged
{
    private readonly Vector256<T> v = value;

    /// <summary>The register itself.</summary>
    public Vector256<T> Register
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        get => v;
    }

    /// <inheritdoc/>
    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        get => Vector256<T>.Count;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Load(ref readonly T source) => new(Vector256.LoadUnsafe(in source));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Store(Lanes256<T> value, ref T destination) => value.v.StoreUnsafe(ref destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Broadcast(T value) => new(Vector256.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static implicit operator Lanes256<T>(double value) => typeof(T) == typeof(float)
        ? From((Singles256)(float)value)
        : From(Vector256.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> operator +(Lanes256<T> a, Lanes256<T> b) => new(a.v + b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> operator -(Lanes256<T> a, Lanes256<T> b) => new(a.v - b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> operator *(Lanes256<T> a, Lanes256<T> b) => new(a.v * b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> operator /(Lanes256<T> a, Lanes256<T> b) => new(a.v / b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> operator -(Lanes256<T> a) => new(-a.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> MultiplyAdd(Lanes256<T> a, Lanes256<T> b, Lanes256<T> c) => typeof(T) == typeof(float)
        ? From(Singles256.MultiplyAdd(Single(a), Single(b), Single(c)))
        : From(Vector256.MultiplyAddEstimate(Double(a), Double(b), Double(c)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Larger(Lanes256<T> a, Lanes256<T> b) => new(Vector256.MaxNative(a.v, b.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> ExpOfNegative(Lanes256<T> x) => typeof(T) == typeof(float)
        ? From(SingleMath.ExpUpTo150(Single(x)))
        : From(Vector256.Exp(Double(x)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Abs(Lanes256<T> x) => new(Vector256.Abs(x.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Sqrt(Lanes256<T> x) => new(Vector256.Sqrt(x.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Exp(Lanes256<T> x) => typeof(T) == typeof(float)
        ? From(SingleMath.Exp(Single(x)))
        : From(Vector256.Exp(Double(x)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Expm1(Lanes256<T> x) => typeof(T) == typeof(float)
        ? From(SingleMath.Expm1(Single(x)))
        : new(PerLane.Map<PerLane.Expm1, Vector256<double>>(x.v.As<T, double>()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Log(Lanes256<T> x) => typeof(T) == typeof(float)
        ? From(SingleMath.Log(Single(x)))
        : From(Vector256.Log(Double(x)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Log1p(Lanes256<T> x) => typeof(T) == typeof(float)
        ? From(SingleMath.Log1p(Single(x)))
        : new(PerLane.Map<PerLane.Log1p, Vector256<double>>(x.v.As<T, double>()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Sin(Lanes256<T> x) => typeof(T) == typeof(float)
        ? From(SingleMath.Sin(Single(x)))
        : From(Vector256.Sin(Double(x)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Cos(Lanes256<T> x) => typeof(T) == typeof(float)
        ? From(SingleMath.Cos(Single(x)))
        : From(Vector256.Cos(Double(x)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Tanh(Lanes256<T> x) => typeof(T) == typeof(float)
        ? From(SingleMath.Tanh(Single(x)))
        : new(PerLane.Map<PerLane.Tanh, Vector256<double>>(x.v.As<T, double>()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Sigmoid(Lanes256<T> x)
    {
        if (typeof(T) == typeof(float))
        {
            return From(SingleMath.Sigmoid(Single(x)));
        }
        // From e^-|x|, so that neither tail overflows.
        var z = Exp(-Abs(x));
        return IfGreaterOrEqual(x, 0, 1, z) / (1 + z);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Erf(Lanes256<T> x) => typeof(T) == typeof(float)
        ? From(SingleMath.Erf(Single(x)))
        : new(PerLane.Map<PerLane.Erf, Vector256<double>>(x.v.As<T, double>()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Erfc(Lanes256<T> x) => typeof(T) == typeof(float)
        ? From(SingleMath.Erfc(Single(x)))
        : new(PerLane.Map<PerLane.Erfc, Vector256<double>>(x.v.As<T, double>()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> NormalDistribution(Lanes256<T> x) => typeof(T) == typeof(float)
        ? From(SingleMath.NormalDistribution(Single(x)))
        : 0.5 * Erfc(-0.7071067811865476 * x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static (Lanes256<T> Distribution, Lanes256<T> Density) Normal(Lanes256<T> x) =>
        (NormalDistribution(x), 0.3989422804014327 * Exp(-0.5 * x * x));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> ErfInv(Lanes256<T> x) => typeof(T) == typeof(float)
        ? new(PerLane.MapSingle<PerLane.ErfInv, Vector256<float>>(x.v.As<T, float>()).As<float, T>())
        : new(PerLane.Map<PerLane.ErfInv, Vector256<double>>(x.v.As<T, double>()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> LogGamma(Lanes256<T> x) => typeof(T) == typeof(float)
        ? new(PerLane.MapSingle<PerLane.LogGamma, Vector256<float>>(x.v.As<T, float>()).As<float, T>())
        : new(PerLane.Map<PerLane.LogGamma, Vector256<double>>(x.v.As<T, double>()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Polygamma(int order, Lanes256<T> x) => typeof(T) == typeof(float)
        ? new(PerLane.PolygammaSingle(order, x.v.As<T, float>()).As<float, T>())
        : new(PerLane.Polygamma(order, x.v.As<T, double>()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Fmod(Lanes256<T> a, Lanes256<T> b) => typeof(T) == typeof(float)
        ? new(PerLane.FmodSingle(a.v.As<T, float>(), b.v.As<T, float>()).As<float, T>())
        : new(PerLane.Fmod(a.v.As<T, double>(), b.v.As<T, double>()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Quotient(Lanes256<T> a, Lanes256<T> b) => new(a.v / b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Pow(Lanes256<T> x, Lanes256<T> y) => typeof(T) == typeof(float)
        ? new(SinglePow.Pow(x.v.As<T, float>(), y.v.As<T, float>()).As<float, T>())
        : new(PerLane.Pow(x.v.As<T, double>(), y.v.As<T, double>()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Max(Lanes256<T> a, Lanes256<T> b) => new(Vector256.Max(a.v, b.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Min(Lanes256<T> a, Lanes256<T> b) => new(Vector256.Min(a.v, b.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Floor(Lanes256<T> x) => typeof(T) == typeof(float)
        ? new(Vector256.Floor(x.v.As<T, float>()).As<float, T>())
        : From(Vector256.Floor(Double(x)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> Round(Lanes256<T> x) => typeof(T) == typeof(float)
        ? new(Vector256.Round(x.v.As<T, float>()).As<float, T>())
        : From(Vector256.Round(Double(x)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> IfGreater(Lanes256<T> a, Lanes256<T> b, Lanes256<T> then, Lanes256<T> otherwise) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThan(a.v, b.v), then.v, otherwise.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> IfGreaterOrEqual(Lanes256<T> a, Lanes256<T> b, Lanes256<T> then, Lanes256<T> otherwise) =>
        new(Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(a.v, b.v), then.v, otherwise.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes256<T> IfEqual(Lanes256<T> a, Lanes256<T> b, Lanes256<T> then, Lanes256<T> otherwise) =>
        new(Vector256.ConditionalSelect(Vector256.Equals(a.v, b.v), then.v, otherwise.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static unsafe Lanes256<T> LoadFirst(T* source, int count, Lanes256<T> rest)
    {
        if (!Avx.IsSupported)
        {
            var lanes = rest;
            Unsafe.CopyBlockUnaligned(&lanes, source, (uint)(count * sizeof(T)));
            return lanes;
        }
        if (typeof(T) == typeof(float))
        {
            var mask = Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count)).AsSingle();
            return new(Vector256.ConditionalSelect(mask, Avx.MaskLoad((float*)source, mask), rest.v.As<T, float>()).As<float, T>());
        }
        else
        {
            var mask = Vector256.LessThan(Vector256<long>.Indices, Vector256.Create((long)count)).AsDouble();
            return new(Vector256.ConditionalSelect(mask, Avx.MaskLoad((double*)source, mask), rest.v.As<T, double>()).As<double, T>());
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static unsafe void StoreFirst(Lanes256<T> value, T* destination, int count)
    {
        if (!Avx.IsSupported)
        {
            Unsafe.CopyBlockUnaligned(destination, &value, (uint)(count * sizeof(T)));
        }
        else if (typeof(T) == typeof(float))
        {
            var mask = Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count)).AsSingle();
            Avx.MaskStore((float*)destination, mask, value.v.As<T, float>());
        }
        else
        {
            var mask = Vector256.LessThan(Vector256<long>.Indices, Vector256.Create((long)count)).AsDouble();
            Avx.MaskStore((double*)destination, mask, value.v.As<T, double>());
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static T Fold<TFold>(Lanes256<T> value)
        where TFold : struct, IFold
    {
        // Every step brings the other half to the front; the front lanes hold the tree.
        value = TFold.Combine(value, new(Vector256.Create(value.v.GetUpper(), value.v.GetLower())));
        if (typeof(T) == typeof(float))
        {
            value = TFold.Combine(value, Shuffled(value, Vector256.Create(2, 3, 0, 1, 6, 7, 4, 5)));
            value = TFold.Combine(value, Shuffled(value, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6)));
        }
        else
        {
            value = TFold.Combine(value, Shuffled(value, Vector256.Create(2, 3, 0, 1, 6, 7, 4, 5)));
        }
        return value.v.ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static Lanes256<T> Shuffled(Lanes256<T> x, Vector256<int> order) =>
        new(Vector256.Shuffle(x.v.As<T, int>(), order).As<int, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static Singles256 Single(Lanes256<T> x) => new(x.v.As<T, float>());

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static Vector256<double> Double(Lanes256<T> x) => x.v.As<T, double>();

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static Lanes256<T> From(Singles256 x) => new(x.Register.As<float, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static Lanes256<T> From(Vector256<double> x) => new(x.As<double, T>());
}
