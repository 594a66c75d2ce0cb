using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Backprop.Kernels.Products;

/// <summary>
/// Tiles of a product with few columns: a register holds some steps of every column, a row's element of as many steps is repeated to meet them,
/// and the steps are added up at the end. So no lane is without work.
/// </summary>
internal static unsafe class NarrowTile<V, T, I>
    where V : struct
    where T : unmanaged
    where I : IRegister<V, T>
{
    /// <summary>The most rows of a tile.</summary>
    public static int MostRows => I.Rows1 >= 16 ? 16 : 8;

    /// <summary>Brings columns of B together, a register for every <paramref name="steps"/> of its rows: lane j · steps + s is row s of column j.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(T* b, nint bRow, bool transposed, int inner, int columns, int steps, T* packed)
    {
        var whole = inner - inner % steps;
        if (columns * steps < I.Lanes)
        {
            new Span<T>(packed, (inner + I.Lanes - 1) / I.Lanes * I.Lanes / steps * I.Lanes).Clear();
        }
        else if (inner % I.Lanes != 0)
        {
            var registers = inner / I.Lanes * I.Lanes / steps;
            new Span<T>(packed + registers * I.Lanes, I.Lanes / steps * I.Lanes).Clear();
        }

        var done = 0;
        if (!transposed && sizeof(T) == 4 && steps is 2 or 4 && Sse.IsSupported)
        {
            for (; done <= columns - 4; done += 4)
            {
                Squares((float*)b + done, bRow, whole, steps, (float*)packed + done * steps);
            }
        }

        for (var column = transposed ? 0 : done; column < columns; column++)
        {
            var to = packed + column * steps;
            var from = transposed ? b + column * bRow : b + column;
            var step = transposed ? 1 : bRow;
            switch (transposed ? steps * sizeof(T) : 0)
            {
                case 8: Gather<long>(from, whole, steps, to); break;
                case 16: Gather<Vector128<byte>>(from, whole, steps, to); break;
                case 32: Gather<Vector256<byte>>(from, whole, steps, to); break;
                case 64: Gather<Vector512<byte>>(from, whole, steps, to); break;
                default:
                    for (var p = 0; p < whole; p += steps)
                    {
                        var element = from + p * step;
                        for (var i = 0; i < steps; i++)
                        {
                            to[p / steps * I.Lanes + i] = *element;
                            element += step;
                        }
                    }

                    break;
            }
        }

        for (var p = whole; p < inner; p++)
        {
            for (var column = 0; column < columns; column++)
            {
                packed[whole / steps * I.Lanes + column * steps + p - whole] = transposed ? b[column * bRow + p] : b[p * bRow + column];
            }
        }
    }

    /// <summary>Four columns of B, two or four of its rows at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Squares(float* b, nint bRow, int inner, int steps, float* to)
    {
        for (var p = 0; p < inner; p += steps)
        {
            Vector128<float> r0 = Vector128.Load(b), r1 = Vector128.Load(b + bRow);
            Vector128<float> low = Sse.UnpackLow(r0, r1), high = Sse.UnpackHigh(r0, r1);
            if (steps == 2)
            {
                Vector128.Store(low, to);
                Vector128.Store(high, to + 4);
            }
            else
            {
                b += 2 * bRow;
                r0 = Vector128.Load(b);
                r1 = Vector128.Load(b + bRow);
                Vector128<float> low2 = Sse.UnpackLow(r0, r1), high2 = Sse.UnpackHigh(r0, r1);
                Vector128.Store(Sse.MoveLowToHigh(low, low2), to);
                Vector128.Store(Sse.MoveHighToLow(low2, low), to + 4);
                Vector128.Store(Sse.MoveLowToHigh(high, high2), to + 8);
                Vector128.Store(Sse.MoveHighToLow(high2, high), to + 12);
            }

            b += 2 * bRow;
            to += I.Lanes;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gather<TChunk>(T* from, int inner, int steps, T* to)
        where TChunk : unmanaged
    {
        for (var p = 0; p < inner; p += steps)
        {
            *(TChunk*)to = *(TChunk*)from;
            from += steps;
            to += I.Lanes;
        }
    }

    /// <summary>Chooses the kernel.</summary>
    /// <param name="rows">4, 8 or 16, at most <see cref="MostRows"/>.</param>
    /// <param name="a">The first row.</param>
    /// <param name="aRow">Elements from one row to the next.</param>
    /// <param name="inner">A multiple of <see cref="IRegister{V, T}.Lanes"/>.</param>
    /// <param name="rest">What follows in the rows, filled up with zeros to a register each, or null.</param>
    /// <param name="packed">What <see cref="Pack"/> made.</param>
    /// <param name="steps">Elements of a row that meet a register.</param>
    /// <param name="sums">[rows, Lanes / steps]; room for sixteen registers.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(int rows, T* a, nint aRow, int inner, T* rest, T* packed, int steps, T* sums)
    {
        switch (rows, steps)
        {
            case (4, 2): Run<Rows4, Rows2>(a, aRow, inner, rest, packed, sums); break;
            case (4, 4): Run<Rows4, Rows4>(a, aRow, inner, rest, packed, sums); break;
            case (4, 8): Run<Rows4, Rows8>(a, aRow, inner, rest, packed, sums); break;
            case (4, _): Run<Rows4, Rows16>(a, aRow, inner, rest, packed, sums); break;
            case (8, 2): Run<Rows8, Rows2>(a, aRow, inner, rest, packed, sums); break;
            case (8, 4): Run<Rows8, Rows4>(a, aRow, inner, rest, packed, sums); break;
            case (8, 8): Run<Rows8, Rows8>(a, aRow, inner, rest, packed, sums); break;
            case (8, _): Run<Rows8, Rows16>(a, aRow, inner, rest, packed, sums); break;
            case (_, 2): Run<Rows16, Rows2>(a, aRow, inner, rest, packed, sums); break;
            case (_, 4): Run<Rows16, Rows4>(a, aRow, inner, rest, packed, sums); break;
            case (_, 8): Run<Rows16, Rows8>(a, aRow, inner, rest, packed, sums); break;
            default: Run<Rows16, Rows16>(a, aRow, inner, rest, packed, sums); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<R, S>(T* a, nint aRow, int inner, T* rest, T* b, T* sums)
        where R : IRows
        where S : IRows
    {
        V c0 = I.Zero, c1 = I.Zero, c2 = I.Zero, c3 = I.Zero;
        V c4 = I.Zero, c5 = I.Zero, c6 = I.Zero, c7 = I.Zero;
        V c8 = I.Zero, c9 = I.Zero, c10 = I.Zero, c11 = I.Zero;
        V c12 = I.Zero, c13 = I.Zero, c14 = I.Zero, c15 = I.Zero;
        nint s1 = aRow, s2 = s1 + s1, s3 = s2 + s1;
        T* p0 = a, p4 = p0 + 2 * s2, p8 = p4 + 2 * s2, p12 = p8 + 2 * s2;
        while (true)
        {
            for (var p = inner; p > 0; p -= S.Count)
            {
                var x = I.Load(b);
                c0 = I.MultiplyAdd(I.Repeat(p0, S.Count), x, c0);
                c1 = I.MultiplyAdd(I.Repeat(p0 + s1, S.Count), x, c1);
                c2 = I.MultiplyAdd(I.Repeat(p0 + s2, S.Count), x, c2);
                c3 = I.MultiplyAdd(I.Repeat(p0 + s3, S.Count), x, c3);
                if (R.Count > 4) { c4 = I.MultiplyAdd(I.Repeat(p4, S.Count), x, c4); }
                if (R.Count > 4) { c5 = I.MultiplyAdd(I.Repeat(p4 + s1, S.Count), x, c5); }
                if (R.Count > 4) { c6 = I.MultiplyAdd(I.Repeat(p4 + s2, S.Count), x, c6); }
                if (R.Count > 4) { c7 = I.MultiplyAdd(I.Repeat(p4 + s3, S.Count), x, c7); }
                if (R.Count > 8) { c8 = I.MultiplyAdd(I.Repeat(p8, S.Count), x, c8); }
                if (R.Count > 8) { c9 = I.MultiplyAdd(I.Repeat(p8 + s1, S.Count), x, c9); }
                if (R.Count > 8) { c10 = I.MultiplyAdd(I.Repeat(p8 + s2, S.Count), x, c10); }
                if (R.Count > 8) { c11 = I.MultiplyAdd(I.Repeat(p8 + s3, S.Count), x, c11); }
                if (R.Count > 8) { c12 = I.MultiplyAdd(I.Repeat(p12, S.Count), x, c12); }
                if (R.Count > 8) { c13 = I.MultiplyAdd(I.Repeat(p12 + s1, S.Count), x, c13); }
                if (R.Count > 8) { c14 = I.MultiplyAdd(I.Repeat(p12 + s2, S.Count), x, c14); }
                if (R.Count > 8) { c15 = I.MultiplyAdd(I.Repeat(p12 + s3, S.Count), x, c15); }
                p0 += S.Count;
                if (R.Count > 4) { p4 += S.Count; }
                if (R.Count > 8) { p8 += S.Count; p12 += S.Count; }
                b += I.Lanes;
            }

            if (rest == null)
            {
                break;
            }

            inner = I.Lanes;
            s1 = I.Lanes; s2 = s1 + s1; s3 = s2 + s1;
            p0 = rest; p4 = p0 + 2 * s2; p8 = p4 + 2 * s2; p12 = p8 + 2 * s2;
            rest = null;
        }

        // Rows move together as their steps are added up.
        c0 = I.PairSums(c0, c1);
        c1 = I.PairSums(c2, c3);
        if (R.Count > 4) { c2 = I.PairSums(c4, c5); }
        if (R.Count > 4) { c3 = I.PairSums(c6, c7); }
        if (R.Count > 8) { c4 = I.PairSums(c8, c9); }
        if (R.Count > 8) { c5 = I.PairSums(c10, c11); }
        if (R.Count > 8) { c6 = I.PairSums(c12, c13); }
        if (R.Count > 8) { c7 = I.PairSums(c14, c15); }

        if (S.Count > 2)
        {
            c0 = I.PairSums(c0, c1);
            if (R.Count > 4) { c1 = I.PairSums(c2, c3); }
            if (R.Count > 8) { c2 = I.PairSums(c4, c5); }
            if (R.Count > 8) { c3 = I.PairSums(c6, c7); }
        }

        if (S.Count > 4)
        {
            c0 = I.PairSums(c0, c1);
            if (R.Count > 8) { c1 = I.PairSums(c2, c3); }
        }

        if (S.Count > 8)
        {
            c0 = I.PairSums(c0, c1);
        }

        I.Store(sums, c0);
        if (R.Count > 1 * S.Count) { I.Store(sums + 1 * I.Lanes, c1); }
        if (R.Count > 2 * S.Count) { I.Store(sums + 2 * I.Lanes, c2); }
        if (R.Count > 3 * S.Count) { I.Store(sums + 3 * I.Lanes, c3); }
        if (R.Count > 4 * S.Count) { I.Store(sums + 4 * I.Lanes, c4); }
        if (R.Count > 5 * S.Count) { I.Store(sums + 5 * I.Lanes, c5); }
        if (R.Count > 6 * S.Count) { I.Store(sums + 6 * I.Lanes, c6); }
        if (R.Count > 7 * S.Count) { I.Store(sums + 7 * I.Lanes, c7); }
    }
}
