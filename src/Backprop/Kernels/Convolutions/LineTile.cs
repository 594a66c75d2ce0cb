using System.Runtime.CompilerServices;
using Backprop.Kernels.Products;

namespace Backprop.Kernels.Convolutions;

/// <summary>
/// Tiles of three lines of three neighbouring elements of A each, and the sums of B's columns: the weight gradient of a kernel of 3 x 3 taps of one channel,
/// all nine from one pass over the gradient.
/// </summary>
/// <remarks>Row 3 i + j, step p of run r of A is <c>A[ARuns[r] + i * ARow + j + p * AStep]</c>.</remarks>
internal static unsafe class LineTile<V, T, I>
    where V : struct
    where T : unmanaged
    where I : IRegister<V, T>
{
    /// <summary>Lines, and elements of each.</summary>
    public const int Lines = 3;

    /// <summary>The most registers that a tile is wide: what the processor can hold.</summary>
    public static int Width => I.Rows2 > 6 ? 2 : 1;

    /// <param name="tile">The tile; its number of rows is given.</param>
    /// <param name="width">Its registers.</param>
    /// <param name="sums">Where the sums of B's columns go, or null.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in RunTile<T> tile, int width, T* sums)
    {
        if (width == 2)
        {
            Run<Rows2>(tile, sums);
        }
        else
        {
            Run<Rows1>(tile, sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<W>(in RunTile<T> tile, T* sums)
        where W : IRows
    {
        V c0a = I.Zero, c0b = I.Zero;
        V c1a = I.Zero, c1b = I.Zero;
        V c2a = I.Zero, c2b = I.Zero;
        V c3a = I.Zero, c3b = I.Zero;
        V c4a = I.Zero, c4b = I.Zero;
        V c5a = I.Zero, c5b = I.Zero;
        V c6a = I.Zero, c6b = I.Zero;
        V c7a = I.Zero, c7b = I.Zero;
        V c8a = I.Zero, c8b = I.Zero;
        V sa = I.Zero, sb = I.Zero;
        nint aStep = tile.AStep, bStep = tile.BStep;
        for (var run = 0; run < tile.Runs; run++)
        {
            var b = tile.B + tile.BRuns[run];
            T* p0 = tile.A + tile.ARuns[run], p1 = p0 + tile.ARow, p2 = p1 + tile.ARow;
            for (var p = tile.Inner; p > 0; p--)
            {
                V u = I.Load(b), v = W.Count > 1 ? I.Load(b + I.Lanes) : I.Zero;
                sa = I.Add(sa, u);
                if (W.Count > 1) { sb = I.Add(sb, v); }
                var x = I.Broadcast(*p0); c0a = I.MultiplyAdd(x, u, c0a); if (W.Count > 1) { c0b = I.MultiplyAdd(x, v, c0b); }
                x = I.Broadcast(p0[1]); c1a = I.MultiplyAdd(x, u, c1a); if (W.Count > 1) { c1b = I.MultiplyAdd(x, v, c1b); }
                x = I.Broadcast(p0[2]); c2a = I.MultiplyAdd(x, u, c2a); if (W.Count > 1) { c2b = I.MultiplyAdd(x, v, c2b); }
                x = I.Broadcast(*p1); c3a = I.MultiplyAdd(x, u, c3a); if (W.Count > 1) { c3b = I.MultiplyAdd(x, v, c3b); }
                x = I.Broadcast(p1[1]); c4a = I.MultiplyAdd(x, u, c4a); if (W.Count > 1) { c4b = I.MultiplyAdd(x, v, c4b); }
                x = I.Broadcast(p1[2]); c5a = I.MultiplyAdd(x, u, c5a); if (W.Count > 1) { c5b = I.MultiplyAdd(x, v, c5b); }
                x = I.Broadcast(*p2); c6a = I.MultiplyAdd(x, u, c6a); if (W.Count > 1) { c6b = I.MultiplyAdd(x, v, c6b); }
                x = I.Broadcast(p2[1]); c7a = I.MultiplyAdd(x, u, c7a); if (W.Count > 1) { c7b = I.MultiplyAdd(x, v, c7b); }
                x = I.Broadcast(p2[2]); c8a = I.MultiplyAdd(x, u, c8a); if (W.Count > 1) { c8b = I.MultiplyAdd(x, v, c8b); }
                p0 += aStep; p1 += aStep; p2 += aStep;
                b += bStep;
            }
        }

        var q = tile.C;
        var adds = tile.Accumulates;
        Put<W>(q, c0a, c0b, adds);
        q += tile.CRow;
        Put<W>(q, c1a, c1b, adds);
        q += tile.CRow;
        Put<W>(q, c2a, c2b, adds);
        q += tile.CRow;
        Put<W>(q, c3a, c3b, adds);
        q += tile.CRow;
        Put<W>(q, c4a, c4b, adds);
        q += tile.CRow;
        Put<W>(q, c5a, c5b, adds);
        q += tile.CRow;
        Put<W>(q, c6a, c6b, adds);
        q += tile.CRow;
        Put<W>(q, c7a, c7b, adds);
        q += tile.CRow;
        Put<W>(q, c8a, c8b, adds);
        if (sums != null)
        {
            Put<W>(sums, sa, sb, adds);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put<W>(T* to, V a, V b, bool adds)
        where W : IRows
    {
        I.Store(to, adds ? I.Add(I.Load(to), a) : a);
        if (W.Count > 1)
        {
            I.Store(to + I.Lanes, adds ? I.Add(I.Load(to + I.Lanes), b) : b);
        }
    }
}
