using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Backprop.Kernels.Products;

/// <summary>
/// Tiles two registers wide and up to 14 rows high.
/// The accumulators are named locals: an array of them would live in memory.
/// </summary>
internal static unsafe class Tile2<V, T, I>
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
        nint s1, s2, s3, last = tile.Last, step = tile.AStep, bStep = tile.BStep;
        V x;
        T* q, p0, p4, p8, p12, z, b, a = tile.A, c = tile.C, start = tile.Start;
        for (var tiles = tile.Count; tiles > 0; tiles--)
        {
            var rows = tiles == 1 ? tile.Rows : R.Count;
            b = tile.B;
            V c0a = I.Zero, c0b = I.Zero;
            V c1a = I.Zero, c1b = I.Zero;
            V c2a = I.Zero, c2b = I.Zero;
            V c3a = I.Zero, c3b = I.Zero;
            V c4a = I.Zero, c4b = I.Zero;
            V c5a = I.Zero, c5b = I.Zero;
            V c6a = I.Zero, c6b = I.Zero;
            V c7a = I.Zero, c7b = I.Zero;
            V c8a = I.Zero, c8b = I.Zero;
            V c9a = I.Zero, c9b = I.Zero;
            V c10a = I.Zero, c10b = I.Zero;
            V c11a = I.Zero, c11b = I.Zero;
            V c12a = I.Zero, c12b = I.Zero;
            V c13a = I.Zero, c13b = I.Zero;
            if (Sse.IsSupported && start == c)
            {
                // What is added to may be far away: it is called for while the products are summed.
                s1 = tile.CRow; s2 = s1 + s1; s3 = s2 + s1;
                p0 = c; p4 = p0 + 2 * s2; p8 = p4 + 2 * s2; p12 = p8 + 2 * s2;
                z = p0 + (rows - 1) * s1;
                q = p0; Sse.Prefetch0(q); Sse.Prefetch0(q + last);
                q = R.Count == 2 ? z : p0 + s1; Sse.Prefetch0(q); Sse.Prefetch0(q + last);
                if (R.Count > 2) { q = p0 + s2; Sse.Prefetch0(q); Sse.Prefetch0(q + last); }
                if (R.Count > 3) { q = R.Count == 4 ? z : p0 + s3; Sse.Prefetch0(q); Sse.Prefetch0(q + last); }
                if (R.Count > 4) { q = p4; Sse.Prefetch0(q); Sse.Prefetch0(q + last); }
                if (R.Count > 5) { q = R.Count == 6 ? z : p4 + s1; Sse.Prefetch0(q); Sse.Prefetch0(q + last); }
                if (R.Count > 6) { q = p4 + s2; Sse.Prefetch0(q); Sse.Prefetch0(q + last); }
                if (R.Count > 7) { q = R.Count == 8 ? z : p4 + s3; Sse.Prefetch0(q); Sse.Prefetch0(q + last); }
                if (R.Count > 8) { q = p8; Sse.Prefetch0(q); Sse.Prefetch0(q + last); }
                if (R.Count > 9) { q = R.Count == 10 ? z : p8 + s1; Sse.Prefetch0(q); Sse.Prefetch0(q + last); }
                if (R.Count > 10) { q = p8 + s2; Sse.Prefetch0(q); Sse.Prefetch0(q + last); }
                if (R.Count > 11) { q = R.Count == 12 ? z : p8 + s3; Sse.Prefetch0(q); Sse.Prefetch0(q + last); }
                if (R.Count > 12) { q = p12; Sse.Prefetch0(q); Sse.Prefetch0(q + last); }
                if (R.Count > 13) { q = R.Count == 14 ? z : p12 + s1; Sse.Prefetch0(q); Sse.Prefetch0(q + last); }
            }

            s1 = tile.ARow; s2 = s1 + s1; s3 = s2 + s1;
            p0 = a; p4 = p0 + 2 * s2; p8 = p4 + 2 * s2; p12 = p8 + 2 * s2;
            z = p0 + (rows - 1) * s1;
            for (var p = tile.Inner; p > 0; p--)
            {
                var ba = I.Load(b);
                var bb = I.Load(b + last);
                x = I.Broadcast(*p0); c0a = I.MultiplyAdd(x, ba, c0a); c0b = I.MultiplyAdd(x, bb, c0b);
                x = I.Broadcast(*(R.Count == 2 ? z : L.Together ? p0 + 1 : p0 + s1)); c1a = I.MultiplyAdd(x, ba, c1a); c1b = I.MultiplyAdd(x, bb, c1b);
                if (R.Count > 2) { x = I.Broadcast(*(L.Together ? p0 + 2 : p0 + s2)); c2a = I.MultiplyAdd(x, ba, c2a); c2b = I.MultiplyAdd(x, bb, c2b); }
                if (R.Count > 3)
                {
                    x = I.Broadcast(*(R.Count == 4 ? z : L.Together ? p0 + 3 : p0 + s3)); c3a = I.MultiplyAdd(x, ba, c3a); c3b = I.MultiplyAdd(x, bb, c3b);
                }
                if (R.Count > 4) { x = I.Broadcast(*(L.Together ? p0 + 4 : p4)); c4a = I.MultiplyAdd(x, ba, c4a); c4b = I.MultiplyAdd(x, bb, c4b); }
                if (R.Count > 5)
                {
                    x = I.Broadcast(*(R.Count == 6 ? z : L.Together ? p0 + 5 : p4 + s1)); c5a = I.MultiplyAdd(x, ba, c5a); c5b = I.MultiplyAdd(x, bb, c5b);
                }
                if (R.Count > 6) { x = I.Broadcast(*(L.Together ? p0 + 6 : p4 + s2)); c6a = I.MultiplyAdd(x, ba, c6a); c6b = I.MultiplyAdd(x, bb, c6b); }
                if (R.Count > 7)
                {
                    x = I.Broadcast(*(R.Count == 8 ? z : L.Together ? p0 + 7 : p4 + s3)); c7a = I.MultiplyAdd(x, ba, c7a); c7b = I.MultiplyAdd(x, bb, c7b);
                }
                if (R.Count > 8) { x = I.Broadcast(*(L.Together ? p0 + 8 : p8)); c8a = I.MultiplyAdd(x, ba, c8a); c8b = I.MultiplyAdd(x, bb, c8b); }
                if (R.Count > 9)
                {
                    x = I.Broadcast(*(R.Count == 10 ? z : L.Together ? p0 + 9 : p8 + s1)); c9a = I.MultiplyAdd(x, ba, c9a); c9b = I.MultiplyAdd(x, bb, c9b);
                }
                if (R.Count > 10) { x = I.Broadcast(*(L.Together ? p0 + 10 : p8 + s2)); c10a = I.MultiplyAdd(x, ba, c10a); c10b = I.MultiplyAdd(x, bb, c10b); }
                if (R.Count > 11)
                {
                    x = I.Broadcast(*(R.Count == 12 ? z : L.Together ? p0 + 11 : p8 + s3));
                    c11a = I.MultiplyAdd(x, ba, c11a); c11b = I.MultiplyAdd(x, bb, c11b);
                }
                if (R.Count > 12) { x = I.Broadcast(*(L.Together ? p0 + 12 : p12)); c12a = I.MultiplyAdd(x, ba, c12a); c12b = I.MultiplyAdd(x, bb, c12b); }
                if (R.Count > 13)
                {
                    x = I.Broadcast(*(R.Count == 14 ? z : L.Together ? p0 + 13 : p12 + s1));
                    c13a = I.MultiplyAdd(x, ba, c13a); c13b = I.MultiplyAdd(x, bb, c13b);
                }
                p0 += step; z += step; b += bStep;
                if (!L.Together) { p4 += step; p8 += step; p12 += step; }
            }

            // Added last: the sum of products is then rounded on its own scale, which keeps errors small.
            if (start != null)
            {
                s1 = tile.StartRow; s2 = s1 + s1; s3 = s2 + s1;
                p0 = start; p4 = p0 + 2 * s2; p8 = p4 + 2 * s2; p12 = p8 + 2 * s2;
                z = p0 + (rows - 1) * s1;
                q = p0; c0a = I.Add(c0a, I.Load(q)); c0b = I.Add(c0b, I.Load(q + last, mask));
                q = R.Count == 2 ? z : p0 + s1; c1a = I.Add(c1a, I.Load(q)); c1b = I.Add(c1b, I.Load(q + last, mask));
                if (R.Count > 2) { q = p0 + s2; c2a = I.Add(c2a, I.Load(q)); c2b = I.Add(c2b, I.Load(q + last, mask)); }
                if (R.Count > 3) { q = R.Count == 4 ? z : p0 + s3; c3a = I.Add(c3a, I.Load(q)); c3b = I.Add(c3b, I.Load(q + last, mask)); }
                if (R.Count > 4) { q = p4; c4a = I.Add(c4a, I.Load(q)); c4b = I.Add(c4b, I.Load(q + last, mask)); }
                if (R.Count > 5) { q = R.Count == 6 ? z : p4 + s1; c5a = I.Add(c5a, I.Load(q)); c5b = I.Add(c5b, I.Load(q + last, mask)); }
                if (R.Count > 6) { q = p4 + s2; c6a = I.Add(c6a, I.Load(q)); c6b = I.Add(c6b, I.Load(q + last, mask)); }
                if (R.Count > 7) { q = R.Count == 8 ? z : p4 + s3; c7a = I.Add(c7a, I.Load(q)); c7b = I.Add(c7b, I.Load(q + last, mask)); }
                if (R.Count > 8) { q = p8; c8a = I.Add(c8a, I.Load(q)); c8b = I.Add(c8b, I.Load(q + last, mask)); }
                if (R.Count > 9) { q = R.Count == 10 ? z : p8 + s1; c9a = I.Add(c9a, I.Load(q)); c9b = I.Add(c9b, I.Load(q + last, mask)); }
                if (R.Count > 10) { q = p8 + s2; c10a = I.Add(c10a, I.Load(q)); c10b = I.Add(c10b, I.Load(q + last, mask)); }
                if (R.Count > 11)
                {
                    q = R.Count == 12 ? z : p8 + s3; c11a = I.Add(c11a, I.Load(q)); c11b = I.Add(c11b, I.Load(q + last, mask));
                }
                if (R.Count > 12) { q = p12; c12a = I.Add(c12a, I.Load(q)); c12b = I.Add(c12b, I.Load(q + last, mask)); }
                if (R.Count > 13)
                {
                    q = R.Count == 14 ? z : p12 + s1; c13a = I.Add(c13a, I.Load(q)); c13b = I.Add(c13b, I.Load(q + last, mask));
                }
            }

            if (tile.Relu)
            {
                c0a = I.Relu(c0a); c0b = I.Relu(c0b);
                c1a = I.Relu(c1a); c1b = I.Relu(c1b);
                if (R.Count > 2) { c2a = I.Relu(c2a); c2b = I.Relu(c2b); }
                if (R.Count > 3) { c3a = I.Relu(c3a); c3b = I.Relu(c3b); }
                if (R.Count > 4) { c4a = I.Relu(c4a); c4b = I.Relu(c4b); }
                if (R.Count > 5) { c5a = I.Relu(c5a); c5b = I.Relu(c5b); }
                if (R.Count > 6) { c6a = I.Relu(c6a); c6b = I.Relu(c6b); }
                if (R.Count > 7) { c7a = I.Relu(c7a); c7b = I.Relu(c7b); }
                if (R.Count > 8) { c8a = I.Relu(c8a); c8b = I.Relu(c8b); }
                if (R.Count > 9) { c9a = I.Relu(c9a); c9b = I.Relu(c9b); }
                if (R.Count > 10) { c10a = I.Relu(c10a); c10b = I.Relu(c10b); }
                if (R.Count > 11) { c11a = I.Relu(c11a); c11b = I.Relu(c11b); }
                if (R.Count > 12) { c12a = I.Relu(c12a); c12b = I.Relu(c12b); }
                if (R.Count > 13) { c13a = I.Relu(c13a); c13b = I.Relu(c13b); }
            }

            s1 = tile.CRow; s2 = s1 + s1; s3 = s2 + s1;
            p0 = c; p4 = p0 + 2 * s2; p8 = p4 + 2 * s2; p12 = p8 + 2 * s2;
            z = p0 + (rows - 1) * s1;
            q = p0; I.Store(q, c0a); I.Store(q + last, c0b, mask);
            q = R.Count == 2 ? z : p0 + s1; I.Store(q, c1a); I.Store(q + last, c1b, mask);
            if (R.Count > 2) { q = p0 + s2; I.Store(q, c2a); I.Store(q + last, c2b, mask); }
            if (R.Count > 3) { q = R.Count == 4 ? z : p0 + s3; I.Store(q, c3a); I.Store(q + last, c3b, mask); }
            if (R.Count > 4) { q = p4; I.Store(q, c4a); I.Store(q + last, c4b, mask); }
            if (R.Count > 5) { q = R.Count == 6 ? z : p4 + s1; I.Store(q, c5a); I.Store(q + last, c5b, mask); }
            if (R.Count > 6) { q = p4 + s2; I.Store(q, c6a); I.Store(q + last, c6b, mask); }
            if (R.Count > 7) { q = R.Count == 8 ? z : p4 + s3; I.Store(q, c7a); I.Store(q + last, c7b, mask); }
            if (R.Count > 8) { q = p8; I.Store(q, c8a); I.Store(q + last, c8b, mask); }
            if (R.Count > 9) { q = R.Count == 10 ? z : p8 + s1; I.Store(q, c9a); I.Store(q + last, c9b, mask); }
            if (R.Count > 10) { q = p8 + s2; I.Store(q, c10a); I.Store(q + last, c10b, mask); }
            if (R.Count > 11) { q = R.Count == 12 ? z : p8 + s3; I.Store(q, c11a); I.Store(q + last, c11b, mask); }
            if (R.Count > 12) { q = p12; I.Store(q, c12a); I.Store(q + last, c12b, mask); }
            if (R.Count > 13) { q = R.Count == 14 ? z : p12 + s1; I.Store(q, c13a); I.Store(q + last, c13b, mask); }

            a += rows * tile.ARow;
            c += rows * tile.CRow;
            start = start == null ? null : start + rows * tile.StartRow;
        }
    }
}
