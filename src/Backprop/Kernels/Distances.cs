using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>Distances between all rows of one matrix and all rows of another, (Σ |xᵢ − yⱼ|ᵖ)^(1/p), and their gradients.</summary>
internal static unsafe class Distances
{
    /// <summary>d[b, i, j] for rows x[b, i] and y[b, j] of <paramref name="size"/> elements.</summary>
    public static void Compute<T>(T* x, T* y, T* d, nint batch, nint rows, nint others, nint size, double p)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (perBlock, blocks, nanoseconds) = Cut(batch * rows, others * size, p);
        Workers.Run(new Forward<T>(x, y, d, batch * rows, rows, others, size, T.CreateTruncating(p), perBlock), blocks, nanoseconds);
    }

    /// <summary>
    /// Adds to the gradient of x. Distances and their gradients are read at [b · rows · others + i · rowStride + j · otherStride], so that the same
    /// serves y. Rows that coincide add nothing.
    /// </summary>
    public static void AddGradient<T>(
        T* x, T* y, T* d, T* g, T* target, nint batch, nint rows, nint others, nint size, double p, nint rowStride, nint otherStride)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var (perBlock, blocks, nanoseconds) = Cut(batch * rows, others * size, p);
        Workers.Run(
            new Backward<T>(x, y, d, g, target, batch * rows, rows, others, size, T.CreateTruncating(p), rowStride, otherStride, perBlock),
            blocks, nanoseconds);
    }

    private static (nint PerBlock, int Blocks, double Nanoseconds) Cut(nint rows, nint work, double p)
    {
        var each = 5 + (work * (p is 1 or 2 ? 1.0 : p == double.PositiveInfinity ? 2.0 : 20.0));
        var perBlock = (nint)Math.Max(20000 / each, 1);
        return (perBlock, (int)((rows + perBlock - 1) / perBlock), each * rows);
    }

    private readonly struct Forward<T>(T* x, T* y, T* d, nint total, nint rows, nint others, nint size, T p, nint perBlock) : IBlockBody
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var end = Math.Min((block + 1) * perBlock, total);
            for (var row = block * perBlock; row < end; row++)
            {
                T* from = x + (row * size), to = y + (row / rows * others * size);
                for (nint j = 0; j < others; j++)
                {
                    d[(row * others) + j] = Distance(from, to + (j * size));
                }
            }
        }

        /// <summary>Sums of squares below this have lost digits.</summary>
        private static T Least => T.CreateTruncating(typeof(T) == typeof(float) ? 1e-30 : 1e-280);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private T Distance(T* a, T* b)
        {
            var sum = T.Zero;
            if (p == T.One)
            {
                for (nint k = 0; k < size; k++)
                {
                    sum += T.Abs(a[k] - b[k]);
                }

                return sum;
            }

            if (p == T.One + T.One)
            {
                for (nint k = 0; k < size; k++)
                {
                    sum += (a[k] - b[k]) * (a[k] - b[k]);
                }

                if (sum > Least && sum < T.PositiveInfinity)
                {
                    return T.Sqrt(sum);
                }

                // Squares were lost, or too large: once more, relative to the largest.
                sum = T.Zero;
            }

            if (p == T.Zero)
            {
                for (nint k = 0; k < size; k++)
                {
                    sum += a[k] == b[k] ? T.Zero : T.One;
                }

                return sum;
            }

            var largest = T.Zero;
            for (nint k = 0; k < size; k++)
            {
                largest = T.Max(largest, T.Abs(a[k] - b[k]));
            }

            if (T.IsPositiveInfinity(p) || largest == T.Zero || !T.IsFinite(largest))
            {
                return largest;
            }

            for (nint k = 0; k < size; k++)
            {
                // Powers of at most 1 don't overflow.
                var part = T.Abs(a[k] - b[k]) / largest;
                sum += p == T.One + T.One ? part * part : T.Pow(part, p);
            }

            return largest * (p == T.One + T.One ? T.Sqrt(sum) : T.Pow(sum, T.One / p));
        }
    }

    private readonly struct Backward<T>(
        T* x, T* y, T* d, T* g, T* target, nint total, nint rows, nint others, nint size, T p, nint rowStride, nint otherStride, nint perBlock) : IBlockBody
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var end = Math.Min((block + 1) * perBlock, total);
            for (var row = block * perBlock; row < end; row++)
            {
                var batch = row / rows;
                for (nint j = 0; j < others; j++)
                {
                    var at = (batch * rows * others) + ((row - (batch * rows)) * rowStride) + (j * otherStride);
                    if (d[at] != T.Zero && p != T.Zero)
                    {
                        Add(x + (row * size), y + (((batch * others) + j) * size), target + (row * size), d[at], g[at]);
                    }
                }
            }
        }

        /// <summary>Factors below this have lost digits.</summary>
        private static T LeastFactor => T.CreateTruncating(typeof(T) == typeof(float) ? 1e-37 : 1e-307);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Add(T* a, T* b, T* to, T distance, T gradient)
        {
            if (p == T.One + T.One)
            {
                var factor = gradient / distance;
                var isSafe = T.IsFinite(factor) && (T.Abs(factor) >= LeastFactor || gradient == T.Zero);
                for (nint k = 0; k < size; k++)
                {
                    to[k] += isSafe ? factor * (a[k] - b[k]) : (a[k] - b[k]) / distance * gradient;
                }
            }
            else if (p == T.One)
            {
                for (nint k = 0; k < size; k++)
                {
                    to[k] += a[k] > b[k] ? gradient : a[k] < b[k] ? -gradient : T.Zero;
                }
            }
            else if (T.IsPositiveInfinity(p))
            {
                var ties = T.Zero;
                for (nint k = 0; k < size; k++)
                {
                    ties += T.Abs(a[k] - b[k]) == distance ? T.One : T.Zero;
                }

                for (nint k = 0; k < size; k++)
                {
                    to[k] += T.Abs(a[k] - b[k]) == distance ? gradient / ties * Sign(a[k] - b[k]) : T.Zero;
                }
            }
            else
            {
                for (nint k = 0; k < size; k++)
                {
                    var difference = a[k] - b[k];
                    if (difference != T.Zero)
                    {
                        to[k] += gradient * Sign(difference) * T.Pow(T.Abs(difference) / distance, p - T.One);
                    }
                }
            }
        }

        private static T Sign(T value) => value < T.Zero ? -T.One : T.One;
    }
}
