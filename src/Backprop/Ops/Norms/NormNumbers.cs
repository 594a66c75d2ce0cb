using System.Runtime.InteropServices;
using Backprop.Kernels.Products;

namespace Backprop.Ops;

/// <summary>The numbers of a vector as doubles, or the same number everywhere in place of none.</summary>
internal readonly ref struct NormVector
{
    private readonly ReadOnlySpan<float> singles;
    private readonly ReadOnlySpan<double> doubles;
    private readonly double whenMissing;

    public NormVector(Tensor? vector, double whenMissing)
    {
        this.whenMissing = whenMissing;
        if (vector is null)
        {
            return;
        }

        var dense = vector.Dense();
        if (dense.DType == DType.Float64)
        {
            doubles = dense.AsSpan<double>();
        }
        else
        {
            singles = dense.AsSpan<float>();
        }
    }

    public double this[int index] => !singles.IsEmpty ? singles[index] : !doubles.IsEmpty ? doubles[index] : whenMissing;
}

/// <summary>Mean and 1 / √(variance + ε) of each group.</summary>
internal readonly ref struct GroupScales(ReadOnlySpan<double> statistics, double epsilon)
{
    private readonly ReadOnlySpan<double> statistics = statistics;

    public double Mean(int group) => statistics[2 * group];

    public double Scale(int group) => 1 / Math.Sqrt(statistics[(2 * group) + 1] + epsilon);
}

/// <summary>Memory for the numbers of channels, which each thread keeps: what is rented is good until the thread rents again.</summary>
internal static unsafe class NormMemory
{
    public static Span<A> Rent<A>(int count)
        where A : unmanaged => new(Scratch.Shared((nint)count * sizeof(A)), count);

    public static Span<A> Rent<A, B>(int count, out Span<B> others)
        where A : unmanaged
        where B : unmanaged => Rent<A, B, byte>(count, out others, out _);

    public static Span<A> Rent<A, B, C>(int count, out Span<B> others, out Span<C> third)
        where A : unmanaged
        where B : unmanaged
        where C : unmanaged
    {
        var first = (A*)Scratch.Shared((nint)count * (sizeof(A) + sizeof(B) + sizeof(C)));
        others = new Span<B>(first + count, count);
        third = new Span<C>((B*)(first + count) + count, count);
        return new Span<A>(first, count);
    }

    /// <summary>Writes or adds one element of a gradient buffer, rounded to its type.</summary>
    public static void Put(Tensor buffer, int index, double value, bool accumulate)
    {
        if (buffer.DType == DType.Float32)
        {
            ref var element = ref MemoryMarshal.Cast<byte, float>(buffer.Bytes())[index];
            element = accumulate ? element + (float)value : (float)value;
        }
        else
        {
            ref var element = ref MemoryMarshal.Cast<byte, double>(buffer.Bytes())[index];
            element = accumulate ? element + value : value;
        }
    }
}
