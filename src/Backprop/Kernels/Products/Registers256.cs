using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Backprop.Kernels.Products;

/// <summary>Eight floats, AVX2 with FMA.</summary>
internal readonly unsafe struct Floats256 : IRegister<Vector256<float>, float>
{
    public static int Lanes => 8;

    public static int Rows1 => 10;

    public static int Rows2 => 6;

    public static int Rows3 => 4;

    public static Vector256<float> Zero => Vector256<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, Vector256<float> value) => Vector256.Store(value, destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Mask(int from, int to)
        => (Vector256.GreaterThanOrEqual(Vector256<int>.Indices, Vector256.Create(from))
            & Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(to))).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* source, Vector256<float> mask)
        => Avx.MaskLoad(source, mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, Vector256<float> value, Vector256<float> mask)
        => Avx.MaskStore(destination, mask, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Broadcast(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Repeat(float* source, int steps) => steps switch
    {
        1 => Vector256.Create(*source),
        2 => Vector256.Create(*(double*)source).AsSingle(),
        4 => Avx.BroadcastVector128ToVector256(source),
        _ => Vector256.Load(source),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> PairSums(Vector256<float> a, Vector256<float> b)
        => Avx2.Permute4x64(Avx.HorizontalAdd(a, b).AsDouble(), 0b11_01_10_00).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c)
        => Fma.MultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Relu(Vector256<float> a) => Avx.Max(Vector256<float>.Zero, a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sum(Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d, float* sums)
    {
        var quarters = Avx.HorizontalAdd(Avx.HorizontalAdd(a, b), Avx.HorizontalAdd(c, d));
        Vector128.Store(quarters.GetLower() + quarters.GetUpper(), sums);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransposeFour(float* source, nint sourceRow, float* destination, nint destinationRow)
    {
        Vector256<float> r0 = Vector256.Load(source), r1 = Vector256.Load(source + sourceRow);
        Vector256<float> r2 = Vector256.Load(source + 2 * sourceRow), r3 = Vector256.Load(source + 3 * sourceRow);
        var low01 = Avx.UnpackLow(r0, r1).AsDouble();
        var high01 = Avx.UnpackHigh(r0, r1).AsDouble();
        var low23 = Avx.UnpackLow(r2, r3).AsDouble();
        var high23 = Avx.UnpackHigh(r2, r3).AsDouble();
        Halves(Avx.UnpackLow(low01, low23).AsSingle(), destination, 4 * destinationRow);
        Halves(Avx.UnpackHigh(low01, low23).AsSingle(), destination + destinationRow, 4 * destinationRow);
        Halves(Avx.UnpackLow(high01, high23).AsSingle(), destination + 2 * destinationRow, 4 * destinationRow);
        Halves(Avx.UnpackHigh(high01, high23).AsSingle(), destination + 3 * destinationRow, 4 * destinationRow);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Halves(Vector256<float> v, float* p, nint row)
    {
        Vector128.Store(v.GetLower(), p);
        Vector128.Store(v.GetUpper(), p + row);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(float* source, nint sourceRow, float* destination, nint destinationRow)
    {
        for (var column = 0; column < 8; column += 4)
        {
            // Rows i and i + 4 meet in the halves of one register as they are loaded.
            var p = source + column;
            var r0 = Gather(p, sourceRow);
            var r1 = Gather(p + sourceRow, sourceRow);
            var r2 = Gather(p + 2 * sourceRow, sourceRow);
            var r3 = Gather(p + 3 * sourceRow, sourceRow);
            var low01 = Avx.UnpackLow(r0, r1).AsDouble();
            var high01 = Avx.UnpackHigh(r0, r1).AsDouble();
            var low23 = Avx.UnpackLow(r2, r3).AsDouble();
            var high23 = Avx.UnpackHigh(r2, r3).AsDouble();
            p = destination + column * destinationRow;
            Vector256.Store(Avx.UnpackLow(low01, low23).AsSingle(), p);
            Vector256.Store(Avx.UnpackHigh(low01, low23).AsSingle(), p + destinationRow);
            Vector256.Store(Avx.UnpackLow(high01, high23).AsSingle(), p + 2 * destinationRow);
            Vector256.Store(Avx.UnpackHigh(high01, high23).AsSingle(), p + 3 * destinationRow);
        }
    }

    /// <summary>Four columns of rows 0 and 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Gather(float* p, nint row)
    {
        return Vector256.Create(Vector128.Load(p), Vector128.Load(p + 4 * row));
    }
}

/// <summary>Four doubles, AVX2 with FMA.</summary>
internal readonly unsafe struct Doubles256 : IRegister<Vector256<double>, double>
{
    public static int Lanes => 4;

    public static int Rows1 => 10;

    public static int Rows2 => 6;

    public static int Rows3 => 4;

    public static Vector256<double> Zero => Vector256<double>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Load(double* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(double* destination, Vector256<double> value) => Vector256.Store(value, destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Mask(int from, int to)
        => (Vector256.GreaterThanOrEqual(Vector256<long>.Indices, Vector256.Create((long)from))
            & Vector256.LessThan(Vector256<long>.Indices, Vector256.Create((long)to))).AsDouble();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Load(double* source, Vector256<double> mask)
        => Avx.MaskLoad(source, mask);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(double* destination, Vector256<double> value, Vector256<double> mask)
        => Avx.MaskStore(destination, mask, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Broadcast(double value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Repeat(double* source, int steps) => steps switch
    {
        1 => Vector256.Create(*source),
        2 => Avx.BroadcastVector128ToVector256(source),
        _ => Vector256.Load(source),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> PairSums(Vector256<double> a, Vector256<double> b)
        => Avx2.Permute4x64(Avx.HorizontalAdd(a, b), 0b11_01_10_00);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Add(Vector256<double> a, Vector256<double> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> MultiplyAdd(Vector256<double> a, Vector256<double> b, Vector256<double> c)
        => Fma.MultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<double> Relu(Vector256<double> a) => Avx.Max(Vector256<double>.Zero, a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sum(Vector256<double> a, Vector256<double> b, Vector256<double> c, Vector256<double> d, double* sums)
    {
        Vector256<double> ab = Avx.HorizontalAdd(a, b), cd = Avx.HorizontalAdd(c, d);
        Vector128.Store(ab.GetLower() + ab.GetUpper(), sums);
        Vector128.Store(cd.GetLower() + cd.GetUpper(), sums + 2);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransposeFour(double* source, nint sourceRow, double* destination, nint destinationRow)
    {
        for (var row = 0; row < 4; row += 2)
        {
            Vector256<double> even = Vector256.Load(source), odd = Vector256.Load(source + sourceRow);
            Pairs(Avx.UnpackLow(even, odd), destination + row, 2 * destinationRow);
            Pairs(Avx.UnpackHigh(even, odd), destination + destinationRow + row, 2 * destinationRow);
            source += 2 * sourceRow;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pairs(Vector256<double> v, double* p, nint row)
    {
        Vector128.Store(v.GetLower(), p);
        Vector128.Store(v.GetUpper(), p + row);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(double* source, nint sourceRow, double* destination, nint destinationRow)
    {
        for (var column = 0; column < 4; column += 2)
        {
            // Even rows in one register, odd rows in the other, two columns each.
            var even = Gather(source + column, sourceRow);
            var odd = Gather(source + column + sourceRow, sourceRow);
            Vector256.Store(Avx.UnpackLow(even, odd), destination + column * destinationRow);
            Vector256.Store(Avx.UnpackHigh(even, odd), destination + (column + 1) * destinationRow);
        }
    }

    /// <summary>Two columns of rows 0 and 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Gather(double* p, nint row)
    {
        return Vector256.Create(Vector128.Load(p), Vector128.Load(p + 2 * row));
    }
}
