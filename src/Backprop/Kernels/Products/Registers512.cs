using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Backprop.Kernels.Products;

/// <summary>Sixteen floats, AVX-512.</summary>
internal readonly unsafe struct Floats512 : IRegister<Vector512<float>, float>
{
    public static int Lanes => 16;

    public static int Rows1 => 16;

    public static int Rows2 => 14;

    public static int Rows3 => 8;

    public static Vector512<float> Zero => Vector512<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, Vector512<float> value) => Vector512.Store(value, destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Mask(int from, int to)
        => (Vector512.GreaterThanOrEqual(Vector512<int>.Indices, Vector512.Create(from))
            & Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(to))).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source, Vector512<float> mask)
        => Avx512F.MaskLoad(source, mask, Vector512<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, Vector512<float> value, Vector512<float> mask)
        => Avx512F.MaskStore(destination, mask, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Broadcast(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Repeat(float* source, int steps) => steps switch
    {
        1 => Vector512.Create(*source),
        2 => Vector512.Create(*(double*)source).AsSingle(),
        4 => Avx512F.BroadcastVector128ToVector512(source),
        8 => Avx512F.BroadcastVector256ToVector512((double*)source).AsSingle(),
        _ => Vector512.Load(source),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> PairSums(Vector512<float> a, Vector512<float> b)
    {
        var sums = Avx512F.Shuffle(a, b, 0b10_00_10_00) + Avx512F.Shuffle(a, b, 0b11_01_11_01);
        return Avx512F.PermuteVar8x64(sums.AsDouble(), Vector512.Create(0L, 2, 4, 6, 1, 3, 5, 7)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c)
        => Avx512F.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Relu(Vector512<float> a) => Avx512F.Max(Vector512<float>.Zero, a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sum(Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, float* sums)
        => Floats256.Sum(
            a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper(), c.GetLower() + c.GetUpper(), d.GetLower() + d.GetUpper(), sums);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransposeFour(float* source, nint sourceRow, float* destination, nint destinationRow)
    {
        Vector512<float> r0 = Vector512.Load(source), r1 = Vector512.Load(source + sourceRow);
        Vector512<float> r2 = Vector512.Load(source + 2 * sourceRow), r3 = Vector512.Load(source + 3 * sourceRow);
        var low01 = Avx512F.UnpackLow(r0, r1).AsDouble();
        var high01 = Avx512F.UnpackHigh(r0, r1).AsDouble();
        var low23 = Avx512F.UnpackLow(r2, r3).AsDouble();
        var high23 = Avx512F.UnpackHigh(r2, r3).AsDouble();
        Quarters(Avx512F.UnpackLow(low01, low23).AsSingle(), destination, 4 * destinationRow);
        Quarters(Avx512F.UnpackHigh(low01, low23).AsSingle(), destination + destinationRow, 4 * destinationRow);
        Quarters(Avx512F.UnpackLow(high01, high23).AsSingle(), destination + 2 * destinationRow, 4 * destinationRow);
        Quarters(Avx512F.UnpackHigh(high01, high23).AsSingle(), destination + 3 * destinationRow, 4 * destinationRow);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Quarters(Vector512<float> v, float* p, nint row)
    {
        Vector128.Store(v.GetLower().GetLower(), p);
        Vector128.Store(Avx512F.ExtractVector128(v, 1), p + row);
        Vector128.Store(Avx512F.ExtractVector128(v, 2), p + 2 * row);
        Vector128.Store(Avx512F.ExtractVector128(v, 3), p + 3 * row);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(float* source, nint sourceRow, float* destination, nint destinationRow)
    {
        for (var column = 0; column < 16; column += 4)
        {
            // Rows i, i + 4, i + 8, i + 12 meet in the quarters of one register as they are loaded.
            var p = source + column;
            var r0 = Gather(p, sourceRow);
            var r1 = Gather(p + sourceRow, sourceRow);
            var r2 = Gather(p + 2 * sourceRow, sourceRow);
            var r3 = Gather(p + 3 * sourceRow, sourceRow);
            var low01 = Avx512F.UnpackLow(r0, r1).AsDouble();
            var high01 = Avx512F.UnpackHigh(r0, r1).AsDouble();
            var low23 = Avx512F.UnpackLow(r2, r3).AsDouble();
            var high23 = Avx512F.UnpackHigh(r2, r3).AsDouble();
            p = destination + column * destinationRow;
            Vector512.Store(Avx512F.UnpackLow(low01, low23).AsSingle(), p);
            Vector512.Store(Avx512F.UnpackHigh(low01, low23).AsSingle(), p + destinationRow);
            Vector512.Store(Avx512F.UnpackLow(high01, high23).AsSingle(), p + 2 * destinationRow);
            Vector512.Store(Avx512F.UnpackHigh(high01, high23).AsSingle(), p + 3 * destinationRow);
        }
    }

    /// <summary>Four columns of rows 0, 4, 8, 12.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Gather(float* p, nint row)
    {
        var v = Vector128.Load(p).ToVector256Unsafe().ToVector512Unsafe();
        v = Avx512F.InsertVector128(v, Vector128.Load(p + 4 * row), 1);
        v = Avx512F.InsertVector128(v, Vector128.Load(p + 8 * row), 2);
        return Avx512F.InsertVector128(v, Vector128.Load(p + 12 * row), 3);
    }
}

/// <summary>Eight doubles, AVX-512.</summary>
internal readonly unsafe struct Doubles512 : IRegister<Vector512<double>, double>
{
    public static int Lanes => 8;

    public static int Rows1 => 16;

    public static int Rows2 => 14;

    public static int Rows3 => 8;

    public static Vector512<double> Zero => Vector512<double>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Load(double* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(double* destination, Vector512<double> value) => Vector512.Store(value, destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Mask(int from, int to)
        => (Vector512.GreaterThanOrEqual(Vector512<long>.Indices, Vector512.Create((long)from))
            & Vector512.LessThan(Vector512<long>.Indices, Vector512.Create((long)to))).AsDouble();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Load(double* source, Vector512<double> mask)
        => Avx512F.MaskLoad(source, mask, Vector512<double>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(double* destination, Vector512<double> value, Vector512<double> mask)
        => Avx512F.MaskStore(destination, mask, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Broadcast(double value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Repeat(double* source, int steps) => steps switch
    {
        1 => Vector512.Create(*source),
        2 => Avx512F.BroadcastVector128ToVector512((float*)source).AsDouble(),
        4 => Avx512F.BroadcastVector256ToVector512(source),
        _ => Vector512.Load(source),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> PairSums(Vector512<double> a, Vector512<double> b)
        => Avx512F.PermuteVar8x64(Avx512F.UnpackLow(a, b) + Avx512F.UnpackHigh(a, b), Vector512.Create(0L, 2, 4, 6, 1, 3, 5, 7));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Add(Vector512<double> a, Vector512<double> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> MultiplyAdd(Vector512<double> a, Vector512<double> b, Vector512<double> c)
        => Avx512F.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Relu(Vector512<double> a) => Avx512F.Max(Vector512<double>.Zero, a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sum(Vector512<double> a, Vector512<double> b, Vector512<double> c, Vector512<double> d, double* sums)
        => Doubles256.Sum(
            a.GetLower() + a.GetUpper(), b.GetLower() + b.GetUpper(), c.GetLower() + c.GetUpper(), d.GetLower() + d.GetUpper(), sums);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransposeFour(double* source, nint sourceRow, double* destination, nint destinationRow)
    {
        for (var row = 0; row < 4; row += 2)
        {
            Vector512<double> even = Vector512.Load(source), odd = Vector512.Load(source + sourceRow);
            Pairs(Avx512F.UnpackLow(even, odd), destination + row, 2 * destinationRow);
            Pairs(Avx512F.UnpackHigh(even, odd), destination + destinationRow + row, 2 * destinationRow);
            source += 2 * sourceRow;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pairs(Vector512<double> v, double* p, nint row)
    {
        Vector128.Store(v.GetLower().GetLower(), p);
        Vector128.Store(v.GetLower().GetUpper(), p + row);
        Vector128.Store(v.GetUpper().GetLower(), p + 2 * row);
        Vector128.Store(v.GetUpper().GetUpper(), p + 3 * row);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(double* source, nint sourceRow, double* destination, nint destinationRow)
    {
        for (var column = 0; column < 8; column += 2)
        {
            // Even rows in one register, odd rows in the other, two columns each.
            var even = Gather(source + column, sourceRow);
            var odd = Gather(source + column + sourceRow, sourceRow);
            Vector512.Store(Avx512F.UnpackLow(even, odd), destination + column * destinationRow);
            Vector512.Store(Avx512F.UnpackHigh(even, odd), destination + (column + 1) * destinationRow);
        }
    }

    /// <summary>Two columns of rows 0, 2, 4, 6.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Gather(double* p, nint row)
    {
        var v = Vector128.Load(p).ToVector256Unsafe().ToVector512Unsafe();
        v = Avx512F.InsertVector128(v.AsSingle(), Vector128.Load(p + 2 * row).AsSingle(), 1).AsDouble();
        v = Avx512F.InsertVector128(v.AsSingle(), Vector128.Load(p + 4 * row).AsSingle(), 2).AsDouble();
        return Avx512F.InsertVector128(v.AsSingle(), Vector128.Load(p + 6 * row).AsSingle(), 3).AsDouble();
    }
}
