using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Backprop.Kernels.Products;

/// <summary>Four floats, any processor.</summary>
internal readonly unsafe struct Floats128 : IRegister<Vector128<float>, float>
{
    public static int Lanes => 4;

    public static int Rows1 => 10;

    public static int Rows2 => 6;

    public static int Rows3 => 4;

    public static Vector128<float> Zero => Vector128<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(float* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, Vector128<float> value) => Vector128.Store(value, destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Mask(int from, int to)
        => (Vector128.GreaterThanOrEqual(Vector128<int>.Indices, Vector128.Create(from))
            & Vector128.LessThan(Vector128<int>.Indices, Vector128.Create(to))).AsSingle();

    /// <inheritdoc/>
    /// <remarks>Inlined: a call would force the accumulators of a tile out of their registers.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Load(float* source, Vector128<float> mask)
        => Vector128.Create(
            mask.AsInt32().GetElement(0) != 0 ? source[0] : 0,
            mask.AsInt32().GetElement(1) != 0 ? source[1] : 0,
            mask.AsInt32().GetElement(2) != 0 ? source[2] : 0,
            mask.AsInt32().GetElement(3) != 0 ? source[3] : 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, Vector128<float> value, Vector128<float> mask)
    {
        if (mask.AsInt32().GetElement(0) != 0)
        {
            destination[0] = value.GetElement(0);
        }

        if (mask.AsInt32().GetElement(1) != 0)
        {
            destination[1] = value.GetElement(1);
        }

        if (mask.AsInt32().GetElement(2) != 0)
        {
            destination[2] = value.GetElement(2);
        }

        if (mask.AsInt32().GetElement(3) != 0)
        {
            destination[3] = value.GetElement(3);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Repeat(float* source, int steps) => steps switch
    {
        1 => Vector128.Create(*source),
        2 => Vector128.Create(*(double*)source).AsSingle(),
        _ => Vector128.Load(source),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> PairSums(Vector128<float> a, Vector128<float> b)
        => Vector128.Create(
            a.GetElement(0) + a.GetElement(1), a.GetElement(2) + a.GetElement(3), b.GetElement(0) + b.GetElement(1), b.GetElement(2) + b.GetElement(3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c)
        => Vector128.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Relu(Vector128<float> a) => Vector128.Max(Vector128<float>.Zero, a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sum(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d, float* sums)
    {
        sums[0] = Vector128.Sum(a);
        sums[1] = Vector128.Sum(b);
        sums[2] = Vector128.Sum(c);
        sums[3] = Vector128.Sum(d);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransposeFour(float* source, nint sourceRow, float* destination, nint destinationRow)
    {
        for (var column = 0; column < Lanes; column++)
        {
            for (var row = 0; row < 4; row++)
            {
                destination[column * destinationRow + row] = source[row * sourceRow + column];
            }
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(float* source, nint sourceRow, float* destination, nint destinationRow)
    {
        for (var row = 0; row < Lanes; row++)
        {
            for (var column = 0; column < Lanes; column++)
            {
                destination[column * destinationRow + row] = source[row * sourceRow + column];
            }
        }
    }
}

/// <summary>Two doubles, any processor.</summary>
internal readonly unsafe struct Doubles128 : IRegister<Vector128<double>, double>
{
    public static int Lanes => 2;

    public static int Rows1 => 10;

    public static int Rows2 => 6;

    public static int Rows3 => 4;

    public static Vector128<double> Zero => Vector128<double>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Load(double* source) => Vector128.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(double* destination, Vector128<double> value) => Vector128.Store(value, destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Mask(int from, int to)
        => (Vector128.GreaterThanOrEqual(Vector128<long>.Indices, Vector128.Create((long)from))
            & Vector128.LessThan(Vector128<long>.Indices, Vector128.Create((long)to))).AsDouble();

    /// <inheritdoc/>
    /// <remarks>Inlined: a call would force the accumulators of a tile out of their registers.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Load(double* source, Vector128<double> mask)
        => Vector128.Create(
            mask.AsInt64().GetElement(0) != 0 ? source[0] : 0,
            mask.AsInt64().GetElement(1) != 0 ? source[1] : 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(double* destination, Vector128<double> value, Vector128<double> mask)
    {
        if (mask.AsInt64().GetElement(0) != 0)
        {
            destination[0] = value.GetElement(0);
        }

        if (mask.AsInt64().GetElement(1) != 0)
        {
            destination[1] = value.GetElement(1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Broadcast(double value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Repeat(double* source, int steps) => steps switch
    {
        1 => Vector128.Create(*source),
        _ => Vector128.Load(source),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> PairSums(Vector128<double> a, Vector128<double> b)
        => Vector128.Create(a.GetElement(0) + a.GetElement(1), b.GetElement(0) + b.GetElement(1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Add(Vector128<double> a, Vector128<double> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> MultiplyAdd(Vector128<double> a, Vector128<double> b, Vector128<double> c)
        => Vector128.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<double> Relu(Vector128<double> a) => Vector128.Max(Vector128<double>.Zero, a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sum(Vector128<double> a, Vector128<double> b, Vector128<double> c, Vector128<double> d, double* sums)
    {
        sums[0] = Vector128.Sum(a);
        sums[1] = Vector128.Sum(b);
        sums[2] = Vector128.Sum(c);
        sums[3] = Vector128.Sum(d);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TransposeFour(double* source, nint sourceRow, double* destination, nint destinationRow)
    {
        for (var column = 0; column < Lanes; column++)
        {
            for (var row = 0; row < 4; row++)
            {
                destination[column * destinationRow + row] = source[row * sourceRow + column];
            }
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(double* source, nint sourceRow, double* destination, nint destinationRow)
    {
        for (var row = 0; row < Lanes; row++)
        {
            for (var column = 0; column < Lanes; column++)
            {
                destination[column * destinationRow + row] = source[row * sourceRow + column];
            }
        }
    }
}
