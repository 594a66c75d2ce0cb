using System.Runtime.Intrinsics;

namespace Backprop.Benchmarks.HandWritten;

/// <summary>The hand-written loops for this processor: 512 bits where it has them, else 256.</summary>
internal static unsafe class Loops
{
    public static void Add(float* x, float* y, float* z, int count)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Loops512.Add(x, y, z, count);
        }
        else
        {
            Loops256.Add(x, y, z, count);
        }
    }

    public static void Multiply(float* x, float* y, float* z, int count)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Loops512.Multiply(x, y, z, count);
        }
        else
        {
            Loops256.Multiply(x, y, z, count);
        }
    }

    public static void Sigmoid(float* x, float* y, int count)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Loops512.Sigmoid(x, y, count);
        }
        else
        {
            Loops256.Sigmoid(x, y, count);
        }
    }

    public static void SigmoidGradient(float* y, float* gradient, float* dx, int count)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Loops512.SigmoidGradient(y, gradient, dx, count);
        }
        else
        {
            Loops256.SigmoidGradient(y, gradient, dx, count);
        }
    }

    public static void GeluTanh(float* x, float* y, int count)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Loops512.GeluTanh(x, y, count);
        }
        else
        {
            Loops256.GeluTanh(x, y, count);
        }
    }

    public static void GeluTanhGradient(float* x, float* gradient, float* dx, int count)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Loops512.GeluTanhGradient(x, gradient, dx, count);
        }
        else
        {
            Loops256.GeluTanhGradient(x, gradient, dx, count);
        }
    }

    public static void Softmax(float* x, float* y, int rows, int columns)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Loops512.Softmax(x, y, rows, columns);
        }
        else
        {
            Loops256.Softmax(x, y, rows, columns);
        }
    }

    public static void Sgd(float* p, float* g, float rate, int count)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Loops512.Sgd(p, g, rate, count);
        }
        else
        {
            Loops256.Sgd(p, g, rate, count);
        }
    }

    public static void Adam(float* p, float* g, float* m, float* v, float rate, float rootScale, int count)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Loops512.Adam(p, g, m, v, rate, rootScale, count);
        }
        else
        {
            Loops256.Adam(p, g, m, v, rate, rootScale, count);
        }
    }

    public static float Sum(float* x, int count) => Vector512.IsHardwareAccelerated ? Loops512.Sum(x, count) : Loops256.Sum(x, count);
}
