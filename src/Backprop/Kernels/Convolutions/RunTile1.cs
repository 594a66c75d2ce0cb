using System.Runtime.CompilerServices;
using Backprop.Kernels.Products;

namespace Backprop.Kernels.Convolutions;

/// <summary>
/// Tiles one register wide and up to 16 rows high.
/// The accumulators are named locals: an array of them would live in memory.
/// </summary>
internal static unsafe class RunTile1<V, T, I>
    where V : struct
    where T : unmanaged
    where I : IRegister<V, T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<R>(in RunTile<T> tile)
        where R : IRows
    {
        V first = I.Zero;
        if (tile.Bias != null)
        {
            first = I.Load(tile.Bias);
        }

        V c0a = first;
        V c1a = first;
        V c2a = first;
        V c3a = first;
        V c4a = first;
        V c5a = first;
        V c6a = first;
        V c7a = first;
        V c8a = first;
        V c9a = first;
        V c10a = first;
        V c11a = first;
        V c12a = first;
        V c13a = first;
        V c14a = first;
        V c15a = first;
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
                x = I.Broadcast(*p0); c0a = I.MultiplyAdd(x, ba, c0a);
                if (R.Count > 1) { x = I.Broadcast(*(p0 + s1)); c1a = I.MultiplyAdd(x, ba, c1a); }
                if (R.Count > 2) { x = I.Broadcast(*(p0 + s2)); c2a = I.MultiplyAdd(x, ba, c2a); }
                if (R.Count > 3) { x = I.Broadcast(*(p0 + s3)); c3a = I.MultiplyAdd(x, ba, c3a); }
                if (R.Count > 4) { x = I.Broadcast(*p4); c4a = I.MultiplyAdd(x, ba, c4a); }
                if (R.Count > 5) { x = I.Broadcast(*(p4 + s1)); c5a = I.MultiplyAdd(x, ba, c5a); }
                if (R.Count > 6) { x = I.Broadcast(*(p4 + s2)); c6a = I.MultiplyAdd(x, ba, c6a); }
                if (R.Count > 7) { x = I.Broadcast(*(p4 + s3)); c7a = I.MultiplyAdd(x, ba, c7a); }
                if (R.Count > 8) { x = I.Broadcast(*p8); c8a = I.MultiplyAdd(x, ba, c8a); }
                if (R.Count > 9) { x = I.Broadcast(*(p8 + s1)); c9a = I.MultiplyAdd(x, ba, c9a); }
                if (R.Count > 10) { x = I.Broadcast(*(p8 + s2)); c10a = I.MultiplyAdd(x, ba, c10a); }
                if (R.Count > 11) { x = I.Broadcast(*(p8 + s3)); c11a = I.MultiplyAdd(x, ba, c11a); }
                if (R.Count > 12) { x = I.Broadcast(*p12); c12a = I.MultiplyAdd(x, ba, c12a); }
                if (R.Count > 13) { x = I.Broadcast(*(p12 + s1)); c13a = I.MultiplyAdd(x, ba, c13a); }
                if (R.Count > 14) { x = I.Broadcast(*(p12 + s2)); c14a = I.MultiplyAdd(x, ba, c14a); }
                if (R.Count > 15) { x = I.Broadcast(*(p12 + s3)); c15a = I.MultiplyAdd(x, ba, c15a); }
                p0 += aStep; p4 += aStep; p8 += aStep; p12 += aStep;
                b += bStep;
            }
        }

        s1 = tile.CRow; s2 = s1 + s1; s3 = s2 + s1;
        p0 = tile.C; p4 = p0 + 2 * s2; p8 = p4 + 2 * s2; p12 = p8 + 2 * s2;
        if (tile.Accumulates)
        {
            q = p0; c0a = I.Add(c0a, I.Load(q));
            if (R.Count > 1) { q = p0 + s1; c1a = I.Add(c1a, I.Load(q)); }
            if (R.Count > 2) { q = p0 + s2; c2a = I.Add(c2a, I.Load(q)); }
            if (R.Count > 3) { q = p0 + s3; c3a = I.Add(c3a, I.Load(q)); }
            if (R.Count > 4) { q = p4; c4a = I.Add(c4a, I.Load(q)); }
            if (R.Count > 5) { q = p4 + s1; c5a = I.Add(c5a, I.Load(q)); }
            if (R.Count > 6) { q = p4 + s2; c6a = I.Add(c6a, I.Load(q)); }
            if (R.Count > 7) { q = p4 + s3; c7a = I.Add(c7a, I.Load(q)); }
            if (R.Count > 8) { q = p8; c8a = I.Add(c8a, I.Load(q)); }
            if (R.Count > 9) { q = p8 + s1; c9a = I.Add(c9a, I.Load(q)); }
            if (R.Count > 10) { q = p8 + s2; c10a = I.Add(c10a, I.Load(q)); }
            if (R.Count > 11) { q = p8 + s3; c11a = I.Add(c11a, I.Load(q)); }
            if (R.Count > 12) { q = p12; c12a = I.Add(c12a, I.Load(q)); }
            if (R.Count > 13) { q = p12 + s1; c13a = I.Add(c13a, I.Load(q)); }
            if (R.Count > 14) { q = p12 + s2; c14a = I.Add(c14a, I.Load(q)); }
            if (R.Count > 15) { q = p12 + s3; c15a = I.Add(c15a, I.Load(q)); }
        }

        q = p0; I.Store(q, c0a);
        if (R.Count > 1) { q = p0 + s1; I.Store(q, c1a); }
        if (R.Count > 2) { q = p0 + s2; I.Store(q, c2a); }
        if (R.Count > 3) { q = p0 + s3; I.Store(q, c3a); }
        if (R.Count > 4) { q = p4; I.Store(q, c4a); }
        if (R.Count > 5) { q = p4 + s1; I.Store(q, c5a); }
        if (R.Count > 6) { q = p4 + s2; I.Store(q, c6a); }
        if (R.Count > 7) { q = p4 + s3; I.Store(q, c7a); }
        if (R.Count > 8) { q = p8; I.Store(q, c8a); }
        if (R.Count > 9) { q = p8 + s1; I.Store(q, c9a); }
        if (R.Count > 10) { q = p8 + s2; I.Store(q, c10a); }
        if (R.Count > 11) { q = p8 + s3; I.Store(q, c11a); }
        if (R.Count > 12) { q = p12; I.Store(q, c12a); }
        if (R.Count > 13) { q = p12 + s1; I.Store(q, c13a); }
        if (R.Count > 14) { q = p12 + s2; I.Store(q, c14a); }
        if (R.Count > 15) { q = p12 + s3; I.Store(q, c15a); }
    }
}
