using System.Runtime.CompilerServices;
using Backprop.Kernels.Products;

namespace Backprop.Kernels.Convolutions;

/// <summary>
/// Tiles two registers wide and up to 14 rows high.
/// The accumulators are named locals: an array of them would live in memory.
/// </summary>
internal static unsafe class RunTile2<V, T, I>
    where V : struct
    where T : unmanaged
    where I : IRegister<V, T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<R>(in RunTile<T> tile)
        where R : IRows
    {
        V first = I.Zero, second = I.Zero;
        if (tile.Bias != null)
        {
            (first, second) = (I.Load(tile.Bias), I.Load(tile.Bias + I.Lanes));
        }

        V c0a = first, c0b = second;
        V c1a = first, c1b = second;
        V c2a = first, c2b = second;
        V c3a = first, c3b = second;
        V c4a = first, c4b = second;
        V c5a = first, c5b = second;
        V c6a = first, c6b = second;
        V c7a = first, c7b = second;
        V c8a = first, c8b = second;
        V c9a = first, c9b = second;
        V c10a = first, c10b = second;
        V c11a = first, c11b = second;
        V c12a = first, c12b = second;
        V c13a = first, c13b = second;
        nint s1 = tile.ARow, s2 = s1 + s1, s3 = s2 + s1, aStep = tile.AStep, bStep = tile.BStep;
        V x;
        T* q, p0, p4, p8, p12;
        for (var run = 0; run < tile.Runs; run++)
        {
            var b = tile.B + tile.BRuns[run];
            p0 = tile.A + tile.ARuns[run]; p4 = p0 + 2 * s2; p8 = p4 + 2 * s2; p12 = p8 + 2 * s2;
            for (var p = tile.Inner; p > 0; p--)
            {
                var ba = I.Load(b);
                var bb = I.Load(b + I.Lanes);
                x = I.Broadcast(*p0); c0a = I.MultiplyAdd(x, ba, c0a); c0b = I.MultiplyAdd(x, bb, c0b);
                if (R.Count > 1) { x = I.Broadcast(*(p0 + s1)); c1a = I.MultiplyAdd(x, ba, c1a); c1b = I.MultiplyAdd(x, bb, c1b); }
                if (R.Count > 2) { x = I.Broadcast(*(p0 + s2)); c2a = I.MultiplyAdd(x, ba, c2a); c2b = I.MultiplyAdd(x, bb, c2b); }
                if (R.Count > 3) { x = I.Broadcast(*(p0 + s3)); c3a = I.MultiplyAdd(x, ba, c3a); c3b = I.MultiplyAdd(x, bb, c3b); }
                if (R.Count > 4) { x = I.Broadcast(*p4); c4a = I.MultiplyAdd(x, ba, c4a); c4b = I.MultiplyAdd(x, bb, c4b); }
                if (R.Count > 5) { x = I.Broadcast(*(p4 + s1)); c5a = I.MultiplyAdd(x, ba, c5a); c5b = I.MultiplyAdd(x, bb, c5b); }
                if (R.Count > 6) { x = I.Broadcast(*(p4 + s2)); c6a = I.MultiplyAdd(x, ba, c6a); c6b = I.MultiplyAdd(x, bb, c6b); }
                if (R.Count > 7) { x = I.Broadcast(*(p4 + s3)); c7a = I.MultiplyAdd(x, ba, c7a); c7b = I.MultiplyAdd(x, bb, c7b); }
                if (R.Count > 8) { x = I.Broadcast(*p8); c8a = I.MultiplyAdd(x, ba, c8a); c8b = I.MultiplyAdd(x, bb, c8b); }
                if (R.Count > 9) { x = I.Broadcast(*(p8 + s1)); c9a = I.MultiplyAdd(x, ba, c9a); c9b = I.MultiplyAdd(x, bb, c9b); }
                if (R.Count > 10) { x = I.Broadcast(*(p8 + s2)); c10a = I.MultiplyAdd(x, ba, c10a); c10b = I.MultiplyAdd(x, bb, c10b); }
                if (R.Count > 11) { x = I.Broadcast(*(p8 + s3)); c11a = I.MultiplyAdd(x, ba, c11a); c11b = I.MultiplyAdd(x, bb, c11b); }
                if (R.Count > 12) { x = I.Broadcast(*p12); c12a = I.MultiplyAdd(x, ba, c12a); c12b = I.MultiplyAdd(x, bb, c12b); }
                if (R.Count > 13) { x = I.Broadcast(*(p12 + s1)); c13a = I.MultiplyAdd(x, ba, c13a); c13b = I.MultiplyAdd(x, bb, c13b); }
                p0 += aStep; p4 += aStep; p8 += aStep; p12 += aStep;
                b += bStep;
            }
        }

        s1 = tile.CRow; s2 = s1 + s1; s3 = s2 + s1;
        p0 = tile.C; p4 = p0 + 2 * s2; p8 = p4 + 2 * s2; p12 = p8 + 2 * s2;
        if (tile.Accumulates)
        {
            q = p0; c0a = I.Add(c0a, I.Load(q)); c0b = I.Add(c0b, I.Load(q + I.Lanes));
            if (R.Count > 1) { q = p0 + s1; c1a = I.Add(c1a, I.Load(q)); c1b = I.Add(c1b, I.Load(q + I.Lanes)); }
            if (R.Count > 2) { q = p0 + s2; c2a = I.Add(c2a, I.Load(q)); c2b = I.Add(c2b, I.Load(q + I.Lanes)); }
            if (R.Count > 3) { q = p0 + s3; c3a = I.Add(c3a, I.Load(q)); c3b = I.Add(c3b, I.Load(q + I.Lanes)); }
            if (R.Count > 4) { q = p4; c4a = I.Add(c4a, I.Load(q)); c4b = I.Add(c4b, I.Load(q + I.Lanes)); }
            if (R.Count > 5) { q = p4 + s1; c5a = I.Add(c5a, I.Load(q)); c5b = I.Add(c5b, I.Load(q + I.Lanes)); }
            if (R.Count > 6) { q = p4 + s2; c6a = I.Add(c6a, I.Load(q)); c6b = I.Add(c6b, I.Load(q + I.Lanes)); }
            if (R.Count > 7) { q = p4 + s3; c7a = I.Add(c7a, I.Load(q)); c7b = I.Add(c7b, I.Load(q + I.Lanes)); }
            if (R.Count > 8) { q = p8; c8a = I.Add(c8a, I.Load(q)); c8b = I.Add(c8b, I.Load(q + I.Lanes)); }
            if (R.Count > 9) { q = p8 + s1; c9a = I.Add(c9a, I.Load(q)); c9b = I.Add(c9b, I.Load(q + I.Lanes)); }
            if (R.Count > 10) { q = p8 + s2; c10a = I.Add(c10a, I.Load(q)); c10b = I.Add(c10b, I.Load(q + I.Lanes)); }
            if (R.Count > 11) { q = p8 + s3; c11a = I.Add(c11a, I.Load(q)); c11b = I.Add(c11b, I.Load(q + I.Lanes)); }
            if (R.Count > 12) { q = p12; c12a = I.Add(c12a, I.Load(q)); c12b = I.Add(c12b, I.Load(q + I.Lanes)); }
            if (R.Count > 13) { q = p12 + s1; c13a = I.Add(c13a, I.Load(q)); c13b = I.Add(c13b, I.Load(q + I.Lanes)); }
        }

        q = p0; I.Store(q, c0a); I.Store(q + I.Lanes, c0b);
        if (R.Count > 1) { q = p0 + s1; I.Store(q, c1a); I.Store(q + I.Lanes, c1b); }
        if (R.Count > 2) { q = p0 + s2; I.Store(q, c2a); I.Store(q + I.Lanes, c2b); }
        if (R.Count > 3) { q = p0 + s3; I.Store(q, c3a); I.Store(q + I.Lanes, c3b); }
        if (R.Count > 4) { q = p4; I.Store(q, c4a); I.Store(q + I.Lanes, c4b); }
        if (R.Count > 5) { q = p4 + s1; I.Store(q, c5a); I.Store(q + I.Lanes, c5b); }
        if (R.Count > 6) { q = p4 + s2; I.Store(q, c6a); I.Store(q + I.Lanes, c6b); }
        if (R.Count > 7) { q = p4 + s3; I.Store(q, c7a); I.Store(q + I.Lanes, c7b); }
        if (R.Count > 8) { q = p8; I.Store(q, c8a); I.Store(q + I.Lanes, c8b); }
        if (R.Count > 9) { q = p8 + s1; I.Store(q, c9a); I.Store(q + I.Lanes, c9b); }
        if (R.Count > 10) { q = p8 + s2; I.Store(q, c10a); I.Store(q + I.Lanes, c10b); }
        if (R.Count > 11) { q = p8 + s3; I.Store(q, c11a); I.Store(q + I.Lanes, c11b); }
        if (R.Count > 12) { q = p12; I.Store(q, c12a); I.Store(q + I.Lanes, c12b); }
        if (R.Count > 13) { q = p12 + s1; I.Store(q, c13a); I.Store(q + I.Lanes, c13b); }
    }
}
