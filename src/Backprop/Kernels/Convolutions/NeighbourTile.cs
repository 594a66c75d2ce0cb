using System.Runtime.CompilerServices;
using Backprop.Kernels.Products;

namespace Backprop.Kernels.Convolutions;

/// <summary>
/// Tiles one register wide and up to 16 rows high whose rows are neighbours: the row that follows a row by one reads as its tap t what that one reads as
/// its tap t + 1. Each element of A is loaded once for three taps; one load for each product would be what limits a tile of a single register.
/// </summary>
/// <remarks>A run is its channels, each with three taps: step p, tap t, column j of B is <c>B[BRuns[r] + t * BTap + p * BStep + j]</c>.</remarks>
internal static unsafe class NeighbourTile<V, T, I>
    where V : struct
    where T : unmanaged
    where I : IRegister<V, T>
{
    /// <summary>Taps of a run.</summary>
    public const int Taps = 3;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<R>(in RunTile<T> tile)
        where R : IRows
    {
        var first = I.Zero;
        if (tile.Bias != null)
        {
            first = I.Load(tile.Bias);
        }

        V c0 = first;
        V c1 = first;
        V c2 = first;
        V c3 = first;
        V c4 = first;
        V c5 = first;
        V c6 = first;
        V c7 = first;
        V c8 = first;
        V c9 = first;
        V c10 = first;
        V c11 = first;
        V c12 = first;
        V c13 = first;
        V c14 = first;
        V c15 = first;
        nint s1 = tile.ARow, s2 = s1 + s1, s3 = s2 + s1, aStep = tile.AStep, bStep = tile.BStep;
        V x;
        T* q, p0, p4, p8, p12, p16;
        for (var run = 0; run < tile.Runs; run++)
        {
            T* b0 = tile.B + tile.BRuns[run], b1 = b0 + tile.BTap, b2 = b1 + tile.BTap;
            p0 = tile.A + tile.ARuns[run]; p4 = p0 + 2 * s2; p8 = p4 + 2 * s2; p12 = p8 + 2 * s2; p16 = p12 + 2 * s2;
            for (var p = tile.Inner; p > 0; p--)
            {
                V u = I.Load(b0), v = I.Load(b1), w = I.Load(b2);
                x = I.Broadcast(*p0); c0 = Add(x, u, c0);
                x = I.Broadcast(*(p0 + s1)); c0 = Add(x, v, c0); if (R.Count > 1) { c1 = Add(x, u, c1); }
                x = I.Broadcast(*(p0 + s2)); c0 = Add(x, w, c0); if (R.Count > 1) { c1 = Add(x, v, c1); }
                if (R.Count > 2) { c2 = Add(x, u, c2); }
                if (R.Count > 1)
                {
                    x = I.Broadcast(*(p0 + s3)); c1 = Add(x, w, c1);
                    if (R.Count > 2) { c2 = Add(x, v, c2); }
                    if (R.Count > 3) { c3 = Add(x, u, c3); }
                }

                if (R.Count > 2)
                {
                    x = I.Broadcast(*p4); c2 = Add(x, w, c2);
                    if (R.Count > 3) { c3 = Add(x, v, c3); }
                    if (R.Count > 4) { c4 = Add(x, u, c4); }
                }

                if (R.Count > 3)
                {
                    x = I.Broadcast(*(p4 + s1)); c3 = Add(x, w, c3);
                    if (R.Count > 4) { c4 = Add(x, v, c4); }
                    if (R.Count > 5) { c5 = Add(x, u, c5); }
                }

                if (R.Count > 4)
                {
                    x = I.Broadcast(*(p4 + s2)); c4 = Add(x, w, c4);
                    if (R.Count > 5) { c5 = Add(x, v, c5); }
                    if (R.Count > 6) { c6 = Add(x, u, c6); }
                }

                if (R.Count > 5)
                {
                    x = I.Broadcast(*(p4 + s3)); c5 = Add(x, w, c5);
                    if (R.Count > 6) { c6 = Add(x, v, c6); }
                    if (R.Count > 7) { c7 = Add(x, u, c7); }
                }

                if (R.Count > 6)
                {
                    x = I.Broadcast(*p8); c6 = Add(x, w, c6);
                    if (R.Count > 7) { c7 = Add(x, v, c7); }
                    if (R.Count > 8) { c8 = Add(x, u, c8); }
                }

                if (R.Count > 7)
                {
                    x = I.Broadcast(*(p8 + s1)); c7 = Add(x, w, c7);
                    if (R.Count > 8) { c8 = Add(x, v, c8); }
                    if (R.Count > 9) { c9 = Add(x, u, c9); }
                }

                if (R.Count > 8)
                {
                    x = I.Broadcast(*(p8 + s2)); c8 = Add(x, w, c8);
                    if (R.Count > 9) { c9 = Add(x, v, c9); }
                    if (R.Count > 10) { c10 = Add(x, u, c10); }
                }

                if (R.Count > 9)
                {
                    x = I.Broadcast(*(p8 + s3)); c9 = Add(x, w, c9);
                    if (R.Count > 10) { c10 = Add(x, v, c10); }
                    if (R.Count > 11) { c11 = Add(x, u, c11); }
                }

                if (R.Count > 10)
                {
                    x = I.Broadcast(*p12); c10 = Add(x, w, c10);
                    if (R.Count > 11) { c11 = Add(x, v, c11); }
                    if (R.Count > 12) { c12 = Add(x, u, c12); }
                }

                if (R.Count > 11)
                {
                    x = I.Broadcast(*(p12 + s1)); c11 = Add(x, w, c11);
                    if (R.Count > 12) { c12 = Add(x, v, c12); }
                    if (R.Count > 13) { c13 = Add(x, u, c13); }
                }

                if (R.Count > 12)
                {
                    x = I.Broadcast(*(p12 + s2)); c12 = Add(x, w, c12);
                    if (R.Count > 13) { c13 = Add(x, v, c13); }
                    if (R.Count > 14) { c14 = Add(x, u, c14); }
                }

                if (R.Count > 13)
                {
                    x = I.Broadcast(*(p12 + s3)); c13 = Add(x, w, c13);
                    if (R.Count > 14) { c14 = Add(x, v, c14); }
                    if (R.Count > 15) { c15 = Add(x, u, c15); }
                }

                if (R.Count > 14) { x = I.Broadcast(*p16); c14 = Add(x, w, c14); if (R.Count > 15) { c15 = Add(x, v, c15); } }
                if (R.Count > 15) { x = I.Broadcast(*(p16 + s1)); c15 = Add(x, w, c15); }
                p0 += aStep; p4 += aStep; p8 += aStep; p12 += aStep; p16 += aStep;
                b0 += bStep; b1 += bStep; b2 += bStep;
            }
        }

        s1 = tile.CRow; s2 = s1 + s1; s3 = s2 + s1;
        p0 = tile.C; p4 = p0 + 2 * s2; p8 = p4 + 2 * s2; p12 = p8 + 2 * s2;
        if (tile.Accumulates)
        {
            q = p0; c0 = I.Add(c0, I.Load(q));
            if (R.Count > 1) { q = p0 + s1; c1 = I.Add(c1, I.Load(q)); }
            if (R.Count > 2) { q = p0 + s2; c2 = I.Add(c2, I.Load(q)); }
            if (R.Count > 3) { q = p0 + s3; c3 = I.Add(c3, I.Load(q)); }
            if (R.Count > 4) { q = p4; c4 = I.Add(c4, I.Load(q)); }
            if (R.Count > 5) { q = p4 + s1; c5 = I.Add(c5, I.Load(q)); }
            if (R.Count > 6) { q = p4 + s2; c6 = I.Add(c6, I.Load(q)); }
            if (R.Count > 7) { q = p4 + s3; c7 = I.Add(c7, I.Load(q)); }
            if (R.Count > 8) { q = p8; c8 = I.Add(c8, I.Load(q)); }
            if (R.Count > 9) { q = p8 + s1; c9 = I.Add(c9, I.Load(q)); }
            if (R.Count > 10) { q = p8 + s2; c10 = I.Add(c10, I.Load(q)); }
            if (R.Count > 11) { q = p8 + s3; c11 = I.Add(c11, I.Load(q)); }
            if (R.Count > 12) { q = p12; c12 = I.Add(c12, I.Load(q)); }
            if (R.Count > 13) { q = p12 + s1; c13 = I.Add(c13, I.Load(q)); }
            if (R.Count > 14) { q = p12 + s2; c14 = I.Add(c14, I.Load(q)); }
            if (R.Count > 15) { q = p12 + s3; c15 = I.Add(c15, I.Load(q)); }
        }

        q = p0; I.Store(q, c0);
        if (R.Count > 1) { q = p0 + s1; I.Store(q, c1); }
        if (R.Count > 2) { q = p0 + s2; I.Store(q, c2); }
        if (R.Count > 3) { q = p0 + s3; I.Store(q, c3); }
        if (R.Count > 4) { q = p4; I.Store(q, c4); }
        if (R.Count > 5) { q = p4 + s1; I.Store(q, c5); }
        if (R.Count > 6) { q = p4 + s2; I.Store(q, c6); }
        if (R.Count > 7) { q = p4 + s3; I.Store(q, c7); }
        if (R.Count > 8) { q = p8; I.Store(q, c8); }
        if (R.Count > 9) { q = p8 + s1; I.Store(q, c9); }
        if (R.Count > 10) { q = p8 + s2; I.Store(q, c10); }
        if (R.Count > 11) { q = p8 + s3; I.Store(q, c11); }
        if (R.Count > 12) { q = p12; I.Store(q, c12); }
        if (R.Count > 13) { q = p12 + s1; I.Store(q, c13); }
        if (R.Count > 14) { q = p12 + s2; I.Store(q, c14); }
        if (R.Count > 15) { q = p12 + s3; I.Store(q, c15); }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Add(V a, V b, V c) => I.MultiplyAdd(a, b, c);
}
