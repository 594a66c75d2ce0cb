using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// Where the largest or smallest element so far is, along the middle index of a contiguous [outer, length, inner] array: the latest of equals. A NaN
/// is the extreme from there on.
/// </summary>
internal static unsafe class CumulativeExtremes
{
    /// <summary>Positions of the largest so far, or of the smallest.</summary>
    public static void Find<T>(T* x, long* positions, nint outer, nint length, nint inner, bool largest)
        where T : unmanaged, INumber<T> =>
        Lines.Run(new Body<T>(x, positions, length, inner, largest), outer, length, inner, 1.5);

    private readonly struct Body<T>(T* x, long* positions, nint length, nint inner, bool largest) : ILineBody
        where T : unmanaged, INumber<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(nint offset, nint line, int width)
        {
            var best = stackalloc T[Lines.Width];
            var at = stackalloc long[Lines.Width];
            for (nint k = 0; k < length; k++)
            {
                for (var column = 0; column < width; column++)
                {
                    var i = offset + (k * inner) + column;
                    var value = x[i];
                    var replaces = k == 0 || T.IsNaN(value) || (largest ? value >= best[column] : value <= best[column]);
                    if (replaces)
                    {
                        (best[column], at[column]) = (value, k);
                    }

                    positions[i] = at[column];
                }
            }
        }
    }
}
