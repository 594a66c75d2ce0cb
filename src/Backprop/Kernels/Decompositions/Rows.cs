using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Decompositions;

/// <summary>Arithmetic on rows of numbers, which decompositions are made of.</summary>
internal static unsafe class Rows
{
    /// <summary>y += a · x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled(double a, double* x, double* y, nint count)
    {
        nint i = 0;
        var factor = new Vector<double>(a);
        for (; i <= count - Vector<double>.Count; i += Vector<double>.Count)
        {
            Vector.Store(Vector.Load(y + i) + (factor * Vector.Load(x + i)), y + i);
        }

        for (; i < count; i++)
        {
            y[i] += a * x[i];
        }
    }

    /// <summary>x · y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Dot(double* x, double* y, nint count)
    {
        nint i = 0;
        Vector<double> first = default, second = default;
        for (; i <= count - (2 * Vector<double>.Count); i += 2 * Vector<double>.Count)
        {
            first += Vector.Load(x + i) * Vector.Load(y + i);
            second += Vector.Load(x + i + Vector<double>.Count) * Vector.Load(y + i + Vector<double>.Count);
        }

        var sum = Vector.Sum(first + second);
        for (; i < count; i++)
        {
            sum += x[i] * y[i];
        }

        return sum;
    }

    /// <summary>x *= a.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(double a, double* x, nint count)
    {
        nint i = 0;
        var factor = new Vector<double>(a);
        for (; i <= count - Vector<double>.Count; i += Vector<double>.Count)
        {
            Vector.Store(factor * Vector.Load(x + i), x + i);
        }

        for (; i < count; i++)
        {
            x[i] *= a;
        }
    }

    /// <summary>(x, y) = (c x − s y, s x + c y).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rotate(double c, double s, double* x, double* y, nint count)
    {
        nint i = 0;
        Vector<double> cosine = new(c), sine = new(s);
        for (; i <= count - Vector<double>.Count; i += Vector<double>.Count)
        {
            var (a, b) = (Vector.Load(x + i), Vector.Load(y + i));
            Vector.Store((cosine * a) - (sine * b), x + i);
            Vector.Store((sine * a) + (cosine * b), y + i);
        }

        for (; i < count; i++)
        {
            var (a, b) = (x[i], y[i]);
            x[i] = (c * a) - (s * b);
            y[i] = (s * a) + (c * b);
        }
    }

    /// <summary>Exchanges two rows.</summary>
    public static void Swap(double* x, double* y, nint count)
    {
        for (nint i = 0; i < count; i++)
        {
            (x[i], y[i]) = (y[i], x[i]);
        }
    }

    /// <summary>The matrix with ones on the diagonal.</summary>
    public static void SetIdentity(double* a, nint rows, nint columns)
    {
        new Span<double>(a, (int)(rows * columns)).Clear();
        for (nint i = 0; i < Math.Min(rows, columns); i++)
        {
            a[(i * columns) + i] = 1;
        }
    }

    /// <summary>
    /// Divides by the power of two that brings the largest magnitude near 1, so that squares neither overflow nor vanish. The exponent, to be put back;
    /// 0 where all are zero; int.MinValue where a number is not finite.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Normalise(double* x, nint count)
    {
        double largest = 0;
        for (nint i = 0; i < count; i++)
        {
            if (!double.IsFinite(x[i]))
            {
                return int.MinValue;
            }

            largest = Math.Max(largest, Math.Abs(x[i]));
        }

        var exponent = largest == 0 ? 0 : Math.ILogB(largest);
        if (Math.Abs(exponent) < 100)
        {
            return 0;
        }

        for (nint i = 0; i < count; i++)
        {
            x[i] = Math.ScaleB(x[i], -exponent);
        }

        return exponent;
    }

    /// <summary>The exponent of the largest magnitude; 0 where all are zero.</summary>
    public static int Exponent(double* x, nint count)
    {
        double largest = 0;
        for (nint i = 0; i < count; i++)
        {
            largest = Math.Max(largest, Math.Abs(x[i]));
        }

        return largest == 0 ? 0 : Math.ILogB(largest);
    }

    /// <summary>x *= 2^exponent.</summary>
    public static void ScaleB(int exponent, double* x, nint count)
    {
        for (nint i = 0; i < count; i++)
        {
            x[i] = Math.ScaleB(x[i], exponent);
        }
    }

    /// <summary>Turns columns round so that the element of the largest magnitude in each is positive. Others go along.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FixSigns(double* a, nint rows, double* other, nint otherRows, nint columns)
    {
        for (nint j = 0; j < columns; j++)
        {
            double largest = 0;
            for (nint i = 0; i < rows; i++)
            {
                // A margin, so that rounding doesn't choose between elements that are equal but for their sign.
                largest = Math.Abs(a[(i * columns) + j]) > Math.Abs(largest) * (1 + 1e-9) ? a[(i * columns) + j] : largest;
            }

            if (largest < 0)
            {
                Negate(a, rows, columns, j);
                Negate(other, otherRows, columns, j);
            }
        }
    }

    /// <summary>Changes the sign of a column.</summary>
    public static void Negate(double* a, nint rows, nint columns, nint column)
    {
        for (nint i = 0; i < rows; i++)
        {
            a[(i * columns) + column] = -a[(i * columns) + column];
        }
    }
}
