using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Backprop.Kernels.Products;

/// <summary>
/// Tiles three registers wide and up to 8 rows high.
/// The accumulators are named locals: an array of them would live in memory.
/// </summary>
internal static unsafe class Tile3<V, T, I>
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
        T* q, p0, p4, z, b, a = tile.A, c = tile.C, start = tile.Start;
        for (var tiles = tile.Count; tiles > 0; tiles--)
        {
            var rows = tiles == 1 ? tile.Rows : R.Count;
            b = tile.B;
            V c0a = I.Zero, c0b = I.Zero, c0c = I.Zero;
            V c1a = I.Zero, c1b = I.Zero, c1c = I.Zero;
            V c2a = I.Zero, c2b = I.Zero, c2c = I.Zero;
            V c3a = I.Zero, c3b = I.Zero, c3c = I.Zero;
            V c4a = I.Zero, c4b = I.Zero, c4c = I.Zero;
            V c5a = I.Zero, c5b = I.Zero, c5c = I.Zero;
            V c6a = I.Zero, c6b = I.Zero, c6c = I.Zero;
            V c7a = I.Zero, c7b = I.Zero, c7c = I.Zero;
            if (Sse.IsSupported && start == c)
            {
                // What is added to may be far away: it is called for while the products are summed.
                s1 = tile.CRow; s2 = s1 + s1; s3 = s2 + s1;
                p0 = c; p4 = p0 + 2 * s2;
                z = p0 + (rows - 1) * s1;
                q = p0; Sse.Prefetch0(q); Sse.Prefetch0(q + last);
                q = R.Count == 2 ? z : p0 + s1; Sse.Prefetch0(q); Sse.Prefetch0(q + last);
                if (R.Count > 2) { q = p0 + s2; Sse.Prefetch0(q); Sse.Prefetch0(q + last); }
                if (R.Count > 3) { q = R.Count == 4 ? z : p0 + s3; Sse.Prefetch0(q); Sse.Prefetch0(q + last); }
                if (R.Count > 4) { q = p4; Sse.Prefetch0(q); Sse.Prefetch0(q + last); }
                if (R.Count > 5) { q = R.Count == 6 ? z : p4 + s1; Sse.Prefetch0(q); Sse.Prefetch0(q + last); }
                if (R.Count > 6) { q = p4 + s2; Sse.Prefetch0(q); Sse.Prefetch0(q + last); }
                if (R.Count > 7) { q = R.Count == 8 ? z : p4 + s3; Sse.Prefetch0(q); Sse.Prefetch0(q + last); }
            }

            s1 = tile.ARow; s2 = s1 + s1; s3 = s2 + s1;
            p0 = a; p4 = p0 + 2 * s2;
            z = p0 + (rows - 1) * s1;
            for (var p = tile.Inner; p > 0; p--)
            {
                var ba = I.Load(b);
                var bb = I.Load(b + I.Lanes);
                var bc = I.Load(b + last);
                x = I.Broadcast(*p0); c0a = I.MultiplyAdd(x, ba, c0a); c0b = I.MultiplyAdd(x, bb, c0b); c0c = I.MultiplyAdd(x, bc, c0c);
                x = I.Broadcast(*(R.Count == 2 ? z : L.Together ? p0 + 1 : p0 + s1)); c1a = I.MultiplyAdd(x, ba, c1a); c1b = I.MultiplyAdd(x, bb, c1b);
                c1c = I.MultiplyAdd(x, bc, c1c);
                if (R.Count > 2)
                {
                    x = I.Broadcast(*(L.Together ? p0 + 2 : p0 + s2)); c2a = I.MultiplyAdd(x, ba, c2a); c2b = I.MultiplyAdd(x, bb, c2b);
                    c2c = I.MultiplyAdd(x, bc, c2c);
                }
                if (R.Count > 3)
                {
                    x = I.Broadcast(*(R.Count == 4 ? z : L.Together ? p0 + 3 : p0 + s3)); c3a = I.MultiplyAdd(x, ba, c3a); c3b = I.MultiplyAdd(x, bb, c3b);
                    c3c = I.MultiplyAdd(x, bc, c3c);
                }
                if (R.Count > 4)
                {
                    x = I.Broadcast(*(L.Together ? p0 + 4 : p4));
                    c4a = I.MultiplyAdd(x, ba, c4a); c4b = I.MultiplyAdd(x, bb, c4b); c4c = I.MultiplyAdd(x, bc, c4c);
                }
                if (R.Count > 5)
                {
                    x = I.Broadcast(*(R.Count == 6 ? z : L.Together ? p0 + 5 : p4 + s1)); c5a = I.MultiplyAdd(x, ba, c5a); c5b = I.MultiplyAdd(x, bb, c5b);
                    c5c = I.MultiplyAdd(x, bc, c5c);
                }
                if (R.Count > 6)
                {
                    x = I.Broadcast(*(L.Together ? p0 + 6 : p4 + s2)); c6a = I.MultiplyAdd(x, ba, c6a); c6b = I.MultiplyAdd(x, bb, c6b);
                    c6c = I.MultiplyAdd(x, bc, c6c);
                }
                if (R.Count > 7)
                {
                    x = I.Broadcast(*(R.Count == 8 ? z : L.Together ? p0 + 7 : p4 + s3)); c7a = I.MultiplyAdd(x, ba, c7a); c7b = I.MultiplyAdd(x, bb, c7b);
                    c7c = I.MultiplyAdd(x, bc, c7c);
                }
                p0 += step; z += step; b += bStep;
                if (!L.Together) { p4 += step; }
            }

            // Added last: the sum of products is then rounded on its own scale, which keeps errors small.
            if (start != null)
            {
                s1 = tile.StartRow; s2 = s1 + s1; s3 = s2 + s1;
                p0 = start; p4 = p0 + 2 * s2;
                z = p0 + (rows - 1) * s1;
                q = p0; c0a = I.Add(c0a, I.Load(q)); c0b = I.Add(c0b, I.Load(q + I.Lanes)); c0c = I.Add(c0c, I.Load(q + last, mask));
                q = R.Count == 2 ? z : p0 + s1;
                c1a = I.Add(c1a, I.Load(q)); c1b = I.Add(c1b, I.Load(q + I.Lanes)); c1c = I.Add(c1c, I.Load(q + last, mask));
                if (R.Count > 2)
                {
                    q = p0 + s2; c2a = I.Add(c2a, I.Load(q)); c2b = I.Add(c2b, I.Load(q + I.Lanes)); c2c = I.Add(c2c, I.Load(q + last, mask));
                }
                if (R.Count > 3)
                {
                    q = R.Count == 4 ? z : p0 + s3;
                    c3a = I.Add(c3a, I.Load(q)); c3b = I.Add(c3b, I.Load(q + I.Lanes)); c3c = I.Add(c3c, I.Load(q + last, mask));
                }
                if (R.Count > 4)
                {
                    q = p4; c4a = I.Add(c4a, I.Load(q)); c4b = I.Add(c4b, I.Load(q + I.Lanes)); c4c = I.Add(c4c, I.Load(q + last, mask));
                }
                if (R.Count > 5)
                {
                    q = R.Count == 6 ? z : p4 + s1;
                    c5a = I.Add(c5a, I.Load(q)); c5b = I.Add(c5b, I.Load(q + I.Lanes)); c5c = I.Add(c5c, I.Load(q + last, mask));
                }
                if (R.Count > 6)
                {
                    q = p4 + s2; c6a = I.Add(c6a, I.Load(q)); c6b = I.Add(c6b, I.Load(q + I.Lanes)); c6c = I.Add(c6c, I.Load(q + last, mask));
                }
                if (R.Count > 7)
                {
                    q = R.Count == 8 ? z : p4 + s3;
                    c7a = I.Add(c7a, I.Load(q)); c7b = I.Add(c7b, I.Load(q + I.Lanes)); c7c = I.Add(c7c, I.Load(q + last, mask));
                }
            }

            if (tile.Relu)
            {
                c0a = I.Relu(c0a); c0b = I.Relu(c0b); c0c = I.Relu(c0c);
                c1a = I.Relu(c1a); c1b = I.Relu(c1b); c1c = I.Relu(c1c);
                if (R.Count > 2) { c2a = I.Relu(c2a); c2b = I.Relu(c2b); c2c = I.Relu(c2c); }
                if (R.Count > 3) { c3a = I.Relu(c3a); c3b = I.Relu(c3b); c3c = I.Relu(c3c); }
                if (R.Count > 4) { c4a = I.Relu(c4a); c4b = I.Relu(c4b); c4c = I.Relu(c4c); }
                if (R.Count > 5) { c5a = I.Relu(c5a); c5b = I.Relu(c5b); c5c = I.Relu(c5c); }
                if (R.Count > 6) { c6a = I.Relu(c6a); c6b = I.Relu(c6b); c6c = I.Relu(c6c); }
                if (R.Count > 7) { c7a = I.Relu(c7a); c7b = I.Relu(c7b); c7c = I.Relu(c7c); }
            }

            s1 = tile.CRow; s2 = s1 + s1; s3 = s2 + s1;
            p0 = c; p4 = p0 + 2 * s2;
            z = p0 + (rows - 1) * s1;
            q = p0; I.Store(q, c0a); I.Store(q + I.Lanes, c0b); I.Store(q + last, c0c, mask);
            q = R.Count == 2 ? z : p0 + s1; I.Store(q, c1a); I.Store(q + I.Lanes, c1b); I.Store(q + last, c1c, mask);
            if (R.Count > 2) { q = p0 + s2; I.Store(q, c2a); I.Store(q + I.Lanes, c2b); I.Store(q + last, c2c, mask); }
            if (R.Count > 3) { q = R.Count == 4 ? z : p0 + s3; I.Store(q, c3a); I.Store(q + I.Lanes, c3b); I.Store(q + last, c3c, mask); }
            if (R.Count > 4) { q = p4; I.Store(q, c4a); I.Store(q + I.Lanes, c4b); I.Store(q + last, c4c, mask); }
            if (R.Count > 5) { q = R.Count == 6 ? z : p4 + s1; I.Store(q, c5a); I.Store(q + I.Lanes, c5b); I.Store(q + last, c5c, mask); }
            if (R.Count > 6) { q = p4 + s2; I.Store(q, c6a); I.Store(q + I.Lanes, c6b); I.Store(q + last, c6c, mask); }
            if (R.Count > 7) { q = R.Count == 8 ? z : p4 + s3; I.Store(q, c7a); I.Store(q + I.Lanes, c7b); I.Store(q + last, c7c, mask); }

            a += rows * tile.ARow;
            c += rows * tile.CRow;
            start = start == null ? null : start + rows * tile.StartRow;
        }
    }
}
