using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>Euclidean norms of the rows of a contiguous [rows, columns] array of float or double, with their gradients.</summary>
internal static unsafe class RowNorms
{
    // Elements of one unit of work.
    private const int Unit = 16 * 1024;

    /// <summary>norms[row] = √Σ x², without needless overflow; float in double precision.</summary>
    public static void Of<T>(T* x, T* norms, nint rows, nint columns)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var perUnit = Math.Max(1, Unit / (columns + 8));
        Workers.Run(new Body<T>(x, norms, null, null, rows, columns, perUnit, false), (int)((rows + perUnit - 1) / perUnit), 0.15 * rows * (columns + 64));
    }

    /// <summary>dx = g[row] x / norm[row], 0 where the norm is 0.</summary>
    public static void Gradient<T>(T* x, T* norms, T* g, T* dx, nint rows, nint columns, bool accumulate)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var perUnit = Math.Max(1, Unit / (columns + 8));
        Workers.Run(
            new Body<T>(x, norms, g, dx, rows, columns, perUnit, accumulate), (int)((rows + perUnit - 1) / perUnit), 0.2 * rows * (columns + 64));
    }

    private readonly struct Body<T>(T* x, T* norms, T* g, T* dx, nint rows, nint columns, nint perUnit, bool accumulate) : IBlockBody
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var end = Math.Min(rows, (block + 1) * perUnit);
            for (var row = block * perUnit; row < end; row++)
            {
                if (dx is null)
                {
                    norms[row] = T.CreateTruncating(Norm(x + (row * columns)));
                }
                else
                {
                    AddGradient(new Span<T>(x + (row * columns), (int)columns), new Span<T>(dx + (row * columns), (int)columns), norms[row], g[row]);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private double Norm(T* row)
        {
            var sum = SquaredNorm.Of(row, (int)columns);
            if (sum is > 1e-280 and < double.PositiveInfinity || double.IsNaN(sum) || columns == 0)
            {
                return Math.Sqrt(sum);
            }

            // Squares were lost, or too large: once more, relative to the largest.
            var largest = double.CreateTruncating(T.Abs(TensorPrimitives.MaxMagnitude(new ReadOnlySpan<T>(row, (int)columns))));
            if (largest == 0 || double.IsInfinity(largest))
            {
                return largest;
            }

            sum = 0;
            for (nint i = 0; i < columns; i++)
            {
                var part = double.CreateTruncating(row[i]) / largest;
                sum += part * part;
            }

            return Math.Sqrt(sum) * largest;
        }

        /// <summary>Factors below this have lost digits.</summary>
        private static T Least => T.CreateTruncating(typeof(T) == typeof(float) ? 1e-37 : 1e-307);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void AddGradient(ReadOnlySpan<T> from, Span<T> to, T norm, T upstream)
        {
            var factor = upstream / norm;
            if (norm == T.Zero)
            {
                if (!accumulate)
                {
                    to.Clear();
                }
            }
            else if (!T.IsFinite(factor) || (T.Abs(factor) < Least && upstream != T.Zero))
            {
                for (var i = 0; i < from.Length; i++)
                {
                    var slope = from[i] / norm * upstream;
                    to[i] = accumulate ? to[i] + slope : slope;
                }
            }
            else if (accumulate)
            {
                TensorPrimitives.MultiplyAdd(from, factor, to, to);
            }
            else
            {
                TensorPrimitives.Multiply(from, factor, to);
            }
        }
    }
}
