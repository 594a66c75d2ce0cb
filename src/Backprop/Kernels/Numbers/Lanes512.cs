using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Backprop.Kernels;

/// <summary>A 512-bit register of float or double as a number: the kernels' number where the processor has AVX-512.</summary>
internal readonly struct Lanes512<T>(Vector512<T> value) : ILanes<Lanes512<T>, T>
    where T : unmanaged
{
    private readonly Vector512<T> v = value;

    /// <summary>The register itself.</summary>
    public Vector512<T> Register
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        get => v;
    }

    /// <inheritdoc/>
    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        get => Vector512<T>.Count;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> Load(ref readonly T source) => new(Vector512.LoadUnsafe(in source));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Store(Lanes512<T> value, ref T destination) => value.v.StoreUnsafe(ref destination);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> Broadcast(T value) => new(Vector512.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static implicit operator Lanes512<T>(double value) => typeof(T) == typeof(float)
        ? From((Singles512)(float)value)
        : From(Vector512.Create(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> operator +(Lanes512<T> a, Lanes512<T> b) => new(a.v + b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> operator -(Lanes512<T> a, Lanes512<T> b) => new(a.v - b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> operator *(Lanes512<T> a, Lanes512<T> b) => new(a.v * b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> operator /(Lanes512<T> a, Lanes512<T> b) => new(a.v / b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> operator -(Lanes512<T> a) => new(-a.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> MultiplyAdd(Lanes512<T> a, Lanes512<T> b, Lanes512<T> c) => typeof(T) == typeof(float)
        ? From(Singles512.MultiplyAdd(Single(a), Single(b), Single(c)))
        : From(Vector512.MultiplyAddEstimate(Double(a), Double(b), Double(c)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> Larger(Lanes512<T> a, Lanes512<T> b) => new(Vector512.MaxNative(a.v, b.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> ExpOfNegative(Lanes512<T> x) => typeof(T) == typeof(float)
        ? From(SingleMath.ExpUpTo150(Single(x)))
        : From(Vector512.Exp(Double(x)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> Abs(Lanes512<T> x) => new(Vector512.Abs(x.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> Sqrt(Lanes512<T> x) => new(Vector512.Sqrt(x.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> Exp(Lanes512<T> x) => typeof(T) == typeof(float)
        ? From(SingleMath.Exp(Single(x)))
        : From(Vector512.Exp(Double(x)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> Expm1(Lanes512<T> x) => typeof(T) == typeof(float)
        ? From(SingleMath.Expm1(Single(x)))
        : new(PerLane.Map<PerLane.Expm1, Vector512<double>>(x.v.As<T, double>()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> Log(Lanes512<T> x) => typeof(T) == typeof(float)
        ? From(SingleMath.Log(Single(x)))
        : From(Vector512.Log(Double(x)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> Log1p(Lanes512<T> x) => typeof(T) == typeof(float)
        ? From(SingleMath.Log1p(Single(x)))
        : new(PerLane.Map<PerLane.Log1p, Vector512<double>>(x.v.As<T, double>()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> Sin(Lanes512<T> x) => typeof(T) == typeof(float)
        ? From(SingleMath.Sin(Single(x)))
        : From(Vector512.Sin(Double(x)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> Cos(Lanes512<T> x) => typeof(T) == typeof(float)
        ? From(SingleMath.Cos(Single(x)))
        : From(Vector512.Cos(Double(x)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> Tanh(Lanes512<T> x) => typeof(T) == typeof(float)
        ? From(SingleMath.Tanh(Single(x)))
        : new(PerLane.Map<PerLane.Tanh, Vector512<double>>(x.v.As<T, double>()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> Sigmoid(Lanes512<T> x)
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
    public static Lanes512<T> Erf(Lanes512<T> x) => typeof(T) == typeof(float)
        ? From(SingleMath.Erf(Single(x)))
        : new(PerLane.Map<PerLane.Erf, Vector512<double>>(x.v.As<T, double>()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> Erfc(Lanes512<T> x) => typeof(T) == typeof(float)
        ? From(SingleMath.Erfc(Single(x)))
        : new(PerLane.Map<PerLane.Erfc, Vector512<double>>(x.v.As<T, double>()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> NormalDistribution(Lanes512<T> x) => typeof(T) == typeof(float)
        ? new(NormalTable.Distribution(x.v.As<T, float>()).As<float, T>())
        : 0.5 * Erfc(-0.7071067811865476 * x);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static (Lanes512<T> Distribution, Lanes512<T> Density) Normal(Lanes512<T> x)
    {
        if (typeof(T) == typeof(float))
        {
            var (distribution, density) = NormalTable.Both(x.v.As<T, float>());
            return (new(distribution.As<float, T>()), new(density.As<float, T>()));
        }

        return (NormalDistribution(x), 0.3989422804014327 * Exp(-0.5 * x * x));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> ErfInv(Lanes512<T> x) => typeof(T) == typeof(float)
        ? new(PerLane.MapSingle<PerLane.ErfInv, Vector512<float>>(x.v.As<T, float>()).As<float, T>())
        : new(PerLane.Map<PerLane.ErfInv, Vector512<double>>(x.v.As<T, double>()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> LogGamma(Lanes512<T> x) => typeof(T) == typeof(float)
        ? new(PerLane.MapSingle<PerLane.LogGamma, Vector512<float>>(x.v.As<T, float>()).As<float, T>())
        : new(PerLane.Map<PerLane.LogGamma, Vector512<double>>(x.v.As<T, double>()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> Polygamma(int order, Lanes512<T> x) => typeof(T) == typeof(float)
        ? new(PerLane.PolygammaSingle(order, x.v.As<T, float>()).As<float, T>())
        : new(PerLane.Polygamma(order, x.v.As<T, double>()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> Fmod(Lanes512<T> a, Lanes512<T> b) => typeof(T) == typeof(float)
        ? new(PerLane.FmodSingle(a.v.As<T, float>(), b.v.As<T, float>()).As<float, T>())
        : new(PerLane.Fmod(a.v.As<T, double>(), b.v.As<T, double>()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> Quotient(Lanes512<T> a, Lanes512<T> b) => new(a.v / b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> Pow(Lanes512<T> x, Lanes512<T> y) => typeof(T) == typeof(float)
        ? new(SinglePow.Pow(x.v.As<T, float>(), y.v.As<T, float>()).As<float, T>())
        : new(PerLane.Pow(x.v.As<T, double>(), y.v.As<T, double>()).As<double, T>());

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> Max(Lanes512<T> a, Lanes512<T> b) => new(Vector512.Max(a.v, b.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> Min(Lanes512<T> a, Lanes512<T> b) => new(Vector512.Min(a.v, b.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> Floor(Lanes512<T> x) => typeof(T) == typeof(float)
        ? new(Vector512.Floor(x.v.As<T, float>()).As<float, T>())
        : From(Vector512.Floor(Double(x)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> Round(Lanes512<T> x) => typeof(T) == typeof(float)
        ? new(Vector512.Round(x.v.As<T, float>()).As<float, T>())
        : From(Vector512.Round(Double(x)));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> IfGreater(Lanes512<T> a, Lanes512<T> b, Lanes512<T> then, Lanes512<T> otherwise) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThan(a.v, b.v), then.v, otherwise.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> IfGreaterOrEqual(Lanes512<T> a, Lanes512<T> b, Lanes512<T> then, Lanes512<T> otherwise) =>
        new(Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(a.v, b.v), then.v, otherwise.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Lanes512<T> IfEqual(Lanes512<T> a, Lanes512<T> b, Lanes512<T> then, Lanes512<T> otherwise) =>
        new(Vector512.ConditionalSelect(Vector512.Equals(a.v, b.v), then.v, otherwise.v));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static unsafe Lanes512<T> LoadFirst(T* source, int count, Lanes512<T> rest)
    {
        if (!Avx512F.IsSupported)
        {
            var lanes = rest;
            Unsafe.CopyBlockUnaligned(&lanes, source, (uint)(count * sizeof(T)));
            return lanes;
        }
        if (typeof(T) == typeof(float))
        {
            var mask = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();
            return new(Avx512F.MaskLoad((float*)source, mask, rest.v.As<T, float>()).As<float, T>());
        }
        else
        {
            var mask = Vector512.LessThan(Vector512<long>.Indices, Vector512.Create((long)count)).AsDouble();
            return new(Avx512F.MaskLoad((double*)source, mask, rest.v.As<T, double>()).As<double, T>());
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static unsafe void StoreFirst(Lanes512<T> value, T* destination, int count)
    {
        if (!Avx512F.IsSupported)
        {
            Unsafe.CopyBlockUnaligned(destination, &value, (uint)(count * sizeof(T)));
        }
        else if (typeof(T) == typeof(float))
        {
            var mask = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();
            Avx512F.MaskStore((float*)destination, mask, value.v.As<T, float>());
        }
        else
        {
            var mask = Vector512.LessThan(Vector512<long>.Indices, Vector512.Create((long)count)).AsDouble();
            Avx512F.MaskStore((double*)destination, mask, value.v.As<T, double>());
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static T Fold<TFold>(Lanes512<T> value)
        where TFold : struct, IFold =>
        Lanes256<T>.Fold<TFold>(TFold.Combine<Lanes256<T>>(new(value.v.GetLower()), new(value.v.GetUpper())));

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static Singles512 Single(Lanes512<T> x) => new(x.v.As<T, float>());

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static Vector512<double> Double(Lanes512<T> x) => x.v.As<T, double>();

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static Lanes512<T> From(Singles512 x) => new(x.Register.As<float, T>());

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static Lanes512<T> From(Vector512<double> x) => new(x.As<double, T>());
}
