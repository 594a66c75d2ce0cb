using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Backprop.Benchmarks.HandWritten;

/// <summary>
/// What one would write for one operation on its own with registers of 256 bits: what the loops made from rules are held against. Counts are
/// multiples of 64; no accuracy is asked for beyond what training needs.
/// </summary>
internal static unsafe class Loops256
{
    private const int Lanes = 8;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* x, float* y, float* z, int count)
    {
        for (var i = 0; i < count; i += Lanes)
        {
            (Vector256.Load(x + i) + Vector256.Load(y + i)).Store(z + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* x, float* y, float* z, int count)
    {
        for (var i = 0; i < count; i += Lanes)
        {
            (Vector256.Load(x + i) * Vector256.Load(y + i)).Store(z + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sigmoid(float* x, float* y, int count)
    {
        for (var i = 0; i < count; i += Lanes)
        {
            Sigmoid(Vector256.Load(x + i)).Store(y + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SigmoidGradient(float* y, float* gradient, float* dx, int count)
    {
        for (var i = 0; i < count; i += Lanes)
        {
            var s = Vector256.Load(y + i);
            (Vector256.Load(gradient + i) * s * (Vector256<float>.One - s)).Store(dx + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GeluTanh(float* x, float* y, int count)
    {
        // x · (1 + tanh(u)) / 2 = x · σ(2u) with 2u = 1.5957691 (x + 0.044715 x³)
        var (linear, cubic) = (Vector256.Create(1.5957691f), Vector256.Create(0.071354814f));
        for (var i = 0; i < count; i += Lanes)
        {
            var v = Vector256.Load(x + i);
            (v * Sigmoid(v * Vector256.FusedMultiplyAdd(cubic, v * v, linear))).Store(y + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GeluTanhGradient(float* x, float* gradient, float* dx, int count)
    {
        var (linear, cubic, three) = (Vector256.Create(1.5957691f), Vector256.Create(0.071354814f), Vector256.Create(3 * 0.071354814f));
        for (var i = 0; i < count; i += Lanes)
        {
            var v = Vector256.Load(x + i);
            var square = v * v;
            var s = Sigmoid(v * Vector256.FusedMultiplyAdd(cubic, square, linear));
            var slope = Vector256.FusedMultiplyAdd(v * s * (Vector256<float>.One - s), Vector256.FusedMultiplyAdd(three, square, linear), s);
            (Vector256.Load(gradient + i) * slope).Store(dx + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Sum(float* x, int count)
    {
        var (a, b, c, d) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        for (var i = 0; i < count; i += 4 * Lanes)
        {
            a += Vector256.Load(x + i);
            b += Vector256.Load(x + i + Lanes);
            c += Vector256.Load(x + i + (2 * Lanes));
            d += Vector256.Load(x + i + (3 * Lanes));
        }

        return Vector256.Sum(a + b + c + d);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Softmax(float* x, float* y, int rows, int columns)
    {
        for (var row = 0; row < rows; row++, x += columns, y += columns)
        {
            var most = Vector256.Load(x);
            for (var i = Lanes; i < columns; i += Lanes)
            {
                most = Vector256.Max(most, Vector256.Load(x + i));
            }

            var largest = float.NegativeInfinity;
            for (var i = 0; i < Lanes; i++)
            {
                largest = Math.Max(largest, most[i]);
            }

            var (shift, sum) = (Vector256.Create(largest), Vector256<float>.Zero);
            for (var i = 0; i < columns; i += Lanes)
            {
                var e = Exp(Vector256.Load(x + i) - shift);
                e.Store(y + i);
                sum += e;
            }

            var scale = Vector256.Create(1 / Vector256.Sum(sum));
            for (var i = 0; i < columns; i += Lanes)
            {
                (Vector256.Load(y + i) * scale).Store(y + i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sgd(float* p, float* g, float rate, int count)
    {
        var step = Vector256.Create(-rate);
        for (var i = 0; i < count; i += Lanes)
        {
            Vector256.FusedMultiplyAdd(step, Vector256.Load(g + i), Vector256.Load(p + i)).Store(p + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Adam(float* p, float* g, float* m, float* v, float rate, float rootScale, int count)
    {
        var (keepM, takeM) = (Vector256.Create(0.9f), Vector256.Create(0.1f));
        var (keepV, takeV) = (Vector256.Create(0.999f), Vector256.Create(0.001f));
        var (rates, scales, epsilon) = (Vector256.Create(rate), Vector256.Create(rootScale), Vector256.Create(1e-8f));
        for (var i = 0; i < count; i += Lanes)
        {
            var gradient = Vector256.Load(g + i);
            var first = Vector256.FusedMultiplyAdd(keepM, Vector256.Load(m + i), takeM * gradient);
            var second = Vector256.FusedMultiplyAdd(keepV, Vector256.Load(v + i), takeV * gradient * gradient);
            first.Store(m + i);
            second.Store(v + i);
            var size = Vector256.FusedMultiplyAdd(Vector256.Sqrt(second), scales, epsilon);
            (Vector256.Load(p + i) - (rates * first / size)).Store(p + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Sigmoid(Vector256<float> x) => Vector256<float>.One / (Vector256<float>.One + Exp(-x));

    /// <summary>2ⁿ eʳ with n whole and |r| ≤ ln 2 / 2, the latter by a polynomial of degree six.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Exp(Vector256<float> x)
    {
        x = Vector256.Min(Vector256.Max(x, Vector256.Create(-87f)), Vector256.Create(88f));
        var n = Vector256.Round(x * Vector256.Create(1.44269504f));
        var r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-0.693145752f), x);
        r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-1.42860677e-6f), r);
        var p = Vector256.Create(1 / 720f);
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1 / 120f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1 / 24f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1 / 6f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(0.5f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256<float>.One);
        p = Vector256.FusedMultiplyAdd(p, r, Vector256<float>.One);
        return p * ((Vector256.ConvertToInt32Native(n) + Vector256.Create(127)) << 23).AsSingle();
    }
}
