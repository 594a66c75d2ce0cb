using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Products;

/// <summary>
/// Tiles one register wide and up to 16 rows high.
/// The accumulators are named locals: an array of them would live in memory.
/// </summary>
internal static unsafe class Tile1<V, T, I>
    where V : struct
    where T : unmanaged
    where I : IRegister<V, T>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<R, L>(in Tile<T> tile)
        where R : IRows
        where L : ILie
    {
        var mask = I.Mask(tile.LastFrom, tile.LastTo);
        nint s1, s2, s3, step = tile.AStep, bStep = tile.BStep;
        V x;
        T* q, p0, p4, p8, p12, z, b, a = tile.A, c = tile.C, start = tile.Start;
        for (var tiles = tile.Count; tiles > 0; tiles--)
        {
            var rows = tiles == 1 ? tile.Rows : R.Count;
            b = tile.B;
            V c0a = I.Zero;
            V c1a = I.Zero;
            V c2a = I.Zero;
            V c3a = I.Zero;
            V c4a = I.Zero;
            V c5a = I.Zero;
            V c6a = I.Zero;
            V c7a = I.Zero;
            V c8a = I.Zero;
            V c9a = I.Zero;
            V c10a = I.Zero;
            V c11a = I.Zero;
            V c12a = I.Zero;
            V c13a = I.Zero;
            V c14a = I.Zero;
            V c15a = I.Zero;
            s1 = tile.ARow; s2 = s1 + s1; s3 = s2 + s1;
            p0 = a; p4 = p0 + 2 * s2; p8 = p4 + 2 * s2; p12 = p8 + 2 * s2;
            z = p0 + (rows - 1) * s1;
            for (var p = tile.Inner; p > 0; p--)
            {
                var ba = I.Load(b);
                x = I.Broadcast(*p0); c0a = I.MultiplyAdd(x, ba, c0a);
                x = I.Broadcast(*(R.Count == 2 ? z : L.Together ? p0 + 1 : p0 + s1)); c1a = I.MultiplyAdd(x, ba, c1a);
                if (R.Count > 2) { x = I.Broadcast(*(L.Together ? p0 + 2 : p0 + s2)); c2a = I.MultiplyAdd(x, ba, c2a); }
                if (R.Count > 3) { x = I.Broadcast(*(R.Count == 4 ? z : L.Together ? p0 + 3 : p0 + s3)); c3a = I.MultiplyAdd(x, ba, c3a); }
                if (R.Count > 4) { x = I.Broadcast(*(L.Together ? p0 + 4 : p4)); c4a = I.MultiplyAdd(x, ba, c4a); }
                if (R.Count > 5) { x = I.Broadcast(*(R.Count == 6 ? z : L.Together ? p0 + 5 : p4 + s1)); c5a = I.MultiplyAdd(x, ba, c5a); }
                if (R.Count > 6) { x = I.Broadcast(*(L.Together ? p0 + 6 : p4 + s2)); c6a = I.MultiplyAdd(x, ba, c6a); }
                if (R.Count > 7) { x = I.Broadcast(*(R.Count == 8 ? z : L.Together ? p0 + 7 : p4 + s3)); c7a = I.MultiplyAdd(x, ba, c7a); }
                if (R.Count > 8) { x = I.Broadcast(*(L.Together ? p0 + 8 : p8)); c8a = I.MultiplyAdd(x, ba, c8a); }
                if (R.Count > 9) { x = I.Broadcast(*(R.Count == 10 ? z : L.Together ? p0 + 9 : p8 + s1)); c9a = I.MultiplyAdd(x, ba, c9a); }
                if (R.Count > 10) { x = I.Broadcast(*(L.Together ? p0 + 10 : p8 + s2)); c10a = I.MultiplyAdd(x, ba, c10a); }
                if (R.Count > 11) { x = I.Broadcast(*(R.Count == 12 ? z : L.Together ? p0 + 11 : p8 + s3)); c11a = I.MultiplyAdd(x, ba, c11a); }
                if (R.Count > 12) { x = I.Broadcast(*(L.Together ? p0 + 12 : p12)); c12a = I.MultiplyAdd(x, ba, c12a); }
                if (R.Count > 13) { x = I.Broadcast(*(R.Count == 14 ? z : L.Together ? p0 + 13 : p12 + s1)); c13a = I.MultiplyAdd(x, ba, c13a); }
                if (R.Count > 14) { x = I.Broadcast(*(L.Together ? p0 + 14 : p12 + s2)); c14a = I.MultiplyAdd(x, ba, c14a); }
                if (R.Count > 15) { x = I.Broadcast(*(R.Count == 16 ? z : L.Together ? p0 + 15 : p12 + s3)); c15a = I.MultiplyAdd(x, ba, c15a); }
                p0 += step; z += step; b += bStep;
                if (!L.Together) { p4 += step; p8 += step; p12 += step; }
            }

            // Added last: the sum of products is then rounded on its own scale, which keeps errors small.
            if (start != null)
            {
                s1 = tile.StartRow; s2 = s1 + s1; s3 = s2 + s1;
                p0 = start; p4 = p0 + 2 * s2; p8 = p4 + 2 * s2; p12 = p8 + 2 * s2;
                z = p0 + (rows - 1) * s1;
                q = p0; c0a = I.Add(c0a, I.Load(q, mask));
                q = R.Count == 2 ? z : p0 + s1; c1a = I.Add(c1a, I.Load(q, mask));
                if (R.Count > 2) { q = p0 + s2; c2a = I.Add(c2a, I.Load(q, mask)); }
                if (R.Count > 3) { q = R.Count == 4 ? z : p0 + s3; c3a = I.Add(c3a, I.Load(q, mask)); }
                if (R.Count > 4) { q = p4; c4a = I.Add(c4a, I.Load(q, mask)); }
                if (R.Count > 5) { q = R.Count == 6 ? z : p4 + s1; c5a = I.Add(c5a, I.Load(q, mask)); }
                if (R.Count > 6) { q = p4 + s2; c6a = I.Add(c6a, I.Load(q, mask)); }
                if (R.Count > 7) { q = R.Count == 8 ? z : p4 + s3; c7a = I.Add(c7a, I.Load(q, mask)); }
                if (R.Count > 8) { q = p8; c8a = I.Add(c8a, I.Load(q, mask)); }
                if (R.Count > 9) { q = R.Count == 10 ? z : p8 + s1; c9a = I.Add(c9a, I.Load(q, mask)); }
                if (R.Count > 10) { q = p8 + s2; c10a = I.Add(c10a, I.Load(q, mask)); }
                if (R.Count > 11) { q = R.Count == 12 ? z : p8 + s3; c11a = I.Add(c11a, I.Load(q, mask)); }
                if (R.Count > 12) { q = p12; c12a = I.Add(c12a, I.Load(q, mask)); }
                if (R.Count > 13) { q = R.Count == 14 ? z : p12 + s1; c13a = I.Add(c13a, I.Load(q, mask)); }
                if (R.Count > 14) { q = p12 + s2; c14a = I.Add(c14a, I.Load(q, mask)); }
                if (R.Count > 15) { q = R.Count == 16 ? z : p12 + s3; c15a = I.Add(c15a, I.Load(q, mask)); }
            }

            if (tile.Relu)
            {
                c0a = I.Relu(c0a);
                c1a = I.Relu(c1a);
                if (R.Count > 2) { c2a = I.Relu(c2a); }
                if (R.Count > 3) { c3a = I.Relu(c3a); }
                if (R.Count > 4) { c4a = I.Relu(c4a); }
                if (R.Count > 5) { c5a = I.Relu(c5a); }
                if (R.Count > 6) { c6a = I.Relu(c6a); }
                if (R.Count > 7) { c7a = I.Relu(c7a); }
                if (R.Count > 8) { c8a = I.Relu(c8a); }
                if (R.Count > 9) { c9a = I.Relu(c9a); }
                if (R.Count > 10) { c10a = I.Relu(c10a); }
                if (R.Count > 11) { c11a = I.Relu(c11a); }
                if (R.Count > 12) { c12a = I.Relu(c12a); }
                if (R.Count > 13) { c13a = I.Relu(c13a); }
                if (R.Count > 14) { c14a = I.Relu(c14a); }
                if (R.Count > 15) { c15a = I.Relu(c15a); }
            }

            s1 = tile.CRow; s2 = s1 + s1; s3 = s2 + s1;
            p0 = c; p4 = p0 + 2 * s2; p8 = p4 + 2 * s2; p12 = p8 + 2 * s2;
            z = p0 + (rows - 1) * s1;
            q = p0; I.Store(q, c0a, mask);
            q = R.Count == 2 ? z : p0 + s1; I.Store(q, c1a, mask);
            if (R.Count > 2) { q = p0 + s2; I.Store(q, c2a, mask); }
            if (R.Count > 3) { q = R.Count == 4 ? z : p0 + s3; I.Store(q, c3a, mask); }
            if (R.Count > 4) { q = p4; I.Store(q, c4a, mask); }
            if (R.Count > 5) { q = R.Count == 6 ? z : p4 + s1; I.Store(q, c5a, mask); }
            if (R.Count > 6) { q = p4 + s2; I.Store(q, c6a, mask); }
            if (R.Count > 7) { q = R.Count == 8 ? z : p4 + s3; I.Store(q, c7a, mask); }
            if (R.Count > 8) { q = p8; I.Store(q, c8a, mask); }
            if (R.Count > 9) { q = R.Count == 10 ? z : p8 + s1; I.Store(q, c9a, mask); }
            if (R.Count > 10) { q = p8 + s2; I.Store(q, c10a, mask); }
            if (R.Count > 11) { q = R.Count == 12 ? z : p8 + s3; I.Store(q, c11a, mask); }
            if (R.Count > 12) { q = p12; I.Store(q, c12a, mask); }
            if (R.Count > 13) { q = R.Count == 14 ? z : p12 + s1; I.Store(q, c13a, mask); }
            if (R.Count > 14) { q = p12 + s2; I.Store(q, c14a, mask); }
            if (R.Count > 15) { q = R.Count == 16 ? z : p12 + s3; I.Store(q, c15a, mask); }

            a += rows * tile.ARow;
            c += rows * tile.CRow;
            start = start == null ? null : start + rows * tile.StartRow;
        }
    }
}
