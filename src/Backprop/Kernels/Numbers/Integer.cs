using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// One integer as a number, so that elementwise kernels run on integer tensors too. Arithmetic wraps. Functions without an
/// integer meaning throw; the operations refuse integer tensors before any kernel gets that far.
/// </summary>
internal readonly struct Integer<T>(T value) : ILanes<Integer<T>, T>
    where T : unmanaged, IBinaryInteger<T>
{
    private readonly T v = value;

    /// <inheritdoc/>
    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        get => 1;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Integer<T> Load(ref readonly T source) => new(source);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Store(Integer<T> value, ref T destination) => destination = value.v;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Integer<T> Broadcast(T value) => new(value);

    /// <summary>A constant; the ends of the range stand for what lies beyond them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static implicit operator Integer<T>(double value) => new(T.CreateSaturating(value));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Integer<T> operator +(Integer<T> a, Integer<T> b) => new(a.v + b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Integer<T> operator -(Integer<T> a, Integer<T> b) => new(a.v - b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Integer<T> operator *(Integer<T> a, Integer<T> b) => new(a.v * b.v);

    /// <inheritdoc/>
    public static Integer<T> operator /(Integer<T> a, Integer<T> b) => throw Undefined("/");

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Integer<T> operator -(Integer<T> a) => new(T.Zero - a.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Integer<T> MultiplyAdd(Integer<T> a, Integer<T> b, Integer<T> c) => new(a.v * b.v + c.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Integer<T> Larger(Integer<T> a, Integer<T> b) => Max(a, b);

    /// <inheritdoc/>
    public static Integer<T> ExpOfNegative(Integer<T> x) => throw Undefined(nameof(Exp));

    /// <inheritdoc/>
    public static unsafe Integer<T> LoadFirst(T* source, int count, Integer<T> rest) => rest;

    /// <inheritdoc/>
    public static unsafe void StoreFirst(Integer<T> value, T* destination, int count)
    {
        // One lane: nothing comes before it.
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static T Fold<TFold>(Integer<T> value)
        where TFold : struct, IFold => value.v;

    /// <summary>|x|, which wraps at the most negative value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Integer<T> Abs(Integer<T> x) => new(x.v < T.Zero ? T.Zero - x.v : x.v);

    /// <inheritdoc/>
    public static Integer<T> Sqrt(Integer<T> x) => throw Undefined(nameof(Sqrt));

    /// <inheritdoc/>
    public static Integer<T> Exp(Integer<T> x) => throw Undefined(nameof(Exp));

    /// <inheritdoc/>
    public static Integer<T> Expm1(Integer<T> x) => throw Undefined(nameof(Expm1));

    /// <inheritdoc/>
    public static Integer<T> Log(Integer<T> x) => throw Undefined(nameof(Log));

    /// <inheritdoc/>
    public static Integer<T> Log1p(Integer<T> x) => throw Undefined(nameof(Log1p));

    /// <inheritdoc/>
    public static Integer<T> Sin(Integer<T> x) => throw Undefined(nameof(Sin));

    /// <inheritdoc/>
    public static Integer<T> Cos(Integer<T> x) => throw Undefined(nameof(Cos));

    /// <inheritdoc/>
    public static Integer<T> Tanh(Integer<T> x) => throw Undefined(nameof(Tanh));

    /// <inheritdoc/>
    public static Integer<T> Sigmoid(Integer<T> x) => throw Undefined(nameof(Sigmoid));

    /// <inheritdoc/>
    public static Integer<T> Erf(Integer<T> x) => throw Undefined(nameof(Erf));

    /// <inheritdoc/>
    public static Integer<T> Erfc(Integer<T> x) => throw Undefined(nameof(Erfc));

    /// <inheritdoc/>
    public static Integer<T> ErfInv(Integer<T> x) => throw Undefined(nameof(ErfInv));

    /// <inheritdoc/>
    public static Integer<T> LogGamma(Integer<T> x) => throw Undefined(nameof(LogGamma));

    /// <inheritdoc/>
    public static Integer<T> Polygamma(int order, Integer<T> x) => throw Undefined(nameof(Polygamma));

    // The most negative number divided by −1 wraps, as its negation does; the processor would trap. Divisors of 0 are refused before.

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Integer<T> Fmod(Integer<T> a, Integer<T> b) => IsZeroOrMinusOne(b) ? new(T.Zero) : new(a.v % b.v);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Integer<T> Quotient(Integer<T> a, Integer<T> b) =>
        !IsZeroOrMinusOne(b) ? new(a.v / b.v) : T.IsZero(b.v) ? b : new(T.Zero - a.v);

    /// <inheritdoc/>
    public static Integer<T> Pow(Integer<T> x, Integer<T> y) => throw Undefined(nameof(Pow));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Integer<T> Max(Integer<T> a, Integer<T> b) => a.v > b.v ? a : b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Integer<T> Min(Integer<T> a, Integer<T> b) => a.v < b.v ? a : b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Integer<T> Floor(Integer<T> x) => x;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Integer<T> Round(Integer<T> x) => x;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Integer<T> IfGreater(Integer<T> a, Integer<T> b, Integer<T> then, Integer<T> otherwise) =>
        a.v > b.v ? then : otherwise;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Integer<T> IfGreaterOrEqual(Integer<T> a, Integer<T> b, Integer<T> then, Integer<T> otherwise) =>
        a.v >= b.v ? then : otherwise;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Integer<T> IfEqual(Integer<T> a, Integer<T> b, Integer<T> then, Integer<T> otherwise) =>
        a.v == b.v ? then : otherwise;

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static bool IsZeroOrMinusOne(Integer<T> b) => T.IsZero(b.v) || b.v == T.Zero - T.One;

    private static NotSupportedException Undefined(string function) =>
        new($"{function} is not defined on integers; convert the tensor to float32 or float64 first.");
}
