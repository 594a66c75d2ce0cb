using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Backprop.Benchmarks.HandWritten;

/// <summary>
/// What one would write for one operation on its own with registers of 512 bits: what the loops made from rules are held against. Counts are
/// multiples of 64; no accuracy is asked for beyond what training needs.
/// </summary>
internal static unsafe class Loops512
{
    private const int Lanes = 16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(float* x, float* y, float* z, int count)
    {
        for (var i = 0; i < count; i += Lanes)
        {
            (Vector512.Load(x + i) + Vector512.Load(y + i)).Store(z + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* x, float* y, float* z, int count)
    {
        for (var i = 0; i < count; i += Lanes)
        {
            (Vector512.Load(x + i) * Vector512.Load(y + i)).Store(z + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sigmoid(float* x, float* y, int count)
    {
        for (var i = 0; i < count; i += Lanes)
        {
            Sigmoid(Vector512.Load(x + i)).Store(y + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SigmoidGradient(float* y, float* gradient, float* dx, int count)
    {
        for (var i = 0; i < count; i += Lanes)
        {
            var s = Vector512.Load(y + i);
            (Vector512.Load(gradient + i) * s * (Vector512<float>.One - s)).Store(dx + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GeluTanh(float* x, float* y, int count)
    {
        // x · (1 + tanh(u)) / 2 = x · σ(2u) with 2u = 1.5957691 (x + 0.044715 x³)
        var (linear, cubic) = (Vector512.Create(1.5957691f), Vector512.Create(0.071354814f));
        for (var i = 0; i < count; i += Lanes)
        {
            var v = Vector512.Load(x + i);
            (v * Sigmoid(v * Vector512.FusedMultiplyAdd(cubic, v * v, linear))).Store(y + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GeluTanhGradient(float* x, float* gradient, float* dx, int count)
    {
        var (linear, cubic, three) = (Vector512.Create(1.5957691f), Vector512.Create(0.071354814f), Vector512.Create(3 * 0.071354814f));
        for (var i = 0; i < count; i += Lanes)
        {
            var v = Vector512.Load(x + i);
            var square = v * v;
            var s = Sigmoid(v * Vector512.FusedMultiplyAdd(cubic, square, linear));
            var slope = Vector512.FusedMultiplyAdd(v * s * (Vector512<float>.One - s), Vector512.FusedMultiplyAdd(three, square, linear), s);
            (Vector512.Load(gradient + i) * slope).Store(dx + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Sum(float* x, int count)
    {
        var (a, b, c, d) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
        for (var i = 0; i < count; i += 4 * Lanes)
        {
            a += Vector512.Load(x + i);
            b += Vector512.Load(x + i + Lanes);
            c += Vector512.Load(x + i + (2 * Lanes));
            d += Vector512.Load(x + i + (3 * Lanes));
        }

        return Vector512.Sum(a + b + c + d);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Softmax(float* x, float* y, int rows, int columns)
    {
        for (var row = 0; row < rows; row++, x += columns, y += columns)
        {
            var most = Vector512.Load(x);
            for (var i = Lanes; i < columns; i += Lanes)
            {
                most = Vector512.Max(most, Vector512.Load(x + i));
            }

            var largest = float.NegativeInfinity;
            for (var i = 0; i < Lanes; i++)
            {
                largest = Math.Max(largest, most[i]);
            }

            var (shift, sum) = (Vector512.Create(largest), Vector512<float>.Zero);
            for (var i = 0; i < columns; i += Lanes)
            {
                var e = Exp(Vector512.Load(x + i) - shift);
                e.Store(y + i);
                sum += e;
            }

            var scale = Vector512.Create(1 / Vector512.Sum(sum));
            for (var i = 0; i < columns; i += Lanes)
            {
                (Vector512.Load(y + i) * scale).Store(y + i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sgd(float* p, float* g, float rate, int count)
    {
        var step = Vector512.Create(-rate);
        for (var i = 0; i < count; i += Lanes)
        {
            Vector512.FusedMultiplyAdd(step, Vector512.Load(g + i), Vector512.Load(p + i)).Store(p + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Adam(float* p, float* g, float* m, float* v, float rate, float rootScale, int count)
    {
        var (keepM, takeM) = (Vector512.Create(0.9f), Vector512.Create(0.1f));
        var (keepV, takeV) = (Vector512.Create(0.999f), Vector512.Create(0.001f));
        var (rates, scales, epsilon) = (Vector512.Create(rate), Vector512.Create(rootScale), Vector512.Create(1e-8f));
        for (var i = 0; i < count; i += Lanes)
        {
            var gradient = Vector512.Load(g + i);
            var first = Vector512.FusedMultiplyAdd(keepM, Vector512.Load(m + i), takeM * gradient);
            var second = Vector512.FusedMultiplyAdd(keepV, Vector512.Load(v + i), takeV * gradient * gradient);
            first.Store(m + i);
            second.Store(v + i);
            var size = Vector512.FusedMultiplyAdd(Vector512.Sqrt(second), scales, epsilon);
            (Vector512.Load(p + i) - (rates * first / size)).Store(p + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + Exp(-x));

    /// <summary>2ⁿ eʳ with n whole and |r| ≤ ln 2 / 2, the latter by a polynomial of degree six.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Exp(Vector512<float> x)
    {
        x = Vector512.Min(Vector512.Max(x, Vector512.Create(-87f)), Vector512.Create(88f));
        var n = Vector512.Round(x * Vector512.Create(1.44269504f));
        var r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-0.693145752f), x);
        r = Vector512.FusedMultiplyAdd(n, Vector512.Create(-1.42860677e-6f), r);
        var p = Vector512.Create(1 / 720f);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1 / 120f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1 / 24f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1 / 6f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.5f));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        p = Vector512.FusedMultiplyAdd(p, r, Vector512<float>.One);
        return p * ((Vector512.ConvertToInt32Native(n) + Vector512.Create(127)) << 23).AsSingle();
    }
}
