using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>How elements are made from random words.</summary>
internal interface IDistribution<T> where T : unmanaged
{
    /// <summary>
    /// Makes elements from words: one word for 32-bit elements, two for 64-bit ones. There may be more words than needed,
    /// up to the next multiple of 64; their content is spent.
    /// </summary>
    /// <param name="words">Random words.</param>
    /// <param name="destination">Where the elements go.</param>
    /// <param name="index">Place of the first element in the sequence, for redrawing.</param>
    /// <param name="counter">Counter of the sequence's first block, for redrawing.</param>
    /// <param name="key">Key of the sequence, for redrawing.</param>
    void Fill(Span<uint> words, Span<T> destination, long index, ulong counter, ulong key);
}

/// <summary>Equal chances in [low, high), from 24 bits.</summary>
internal readonly struct UniformSingle(float low, float high) : IDistribution<float>
{
    private readonly float last = high > low ? MathF.BitDecrement(high) : low;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(Span<uint> words, Span<float> destination, long index, ulong counter, ulong key)
    {
        const float Step = 1f / (1 << 24);
        var i = 0;
        for (; i <= destination.Length - Vector<uint>.Count; i += Vector<uint>.Count)
        {
            var word = new Vector<uint>(words[i..]);
            (Vector.ConvertToSingle((word >>> 8).As<uint, int>()) * Step).CopyTo(destination[i..]);
        }

        for (; i < destination.Length; i++)
        {
            destination[i] = (int)(words[i] >> 8) * Step;
        }

        if (low != 0 || high != 1)
        {
            // Rounding may reach the upper end, which is not part of the range.
            TensorPrimitives.Multiply(destination, high - low, destination);
            TensorPrimitives.Add(destination, low, destination);
            TensorPrimitives.Min(destination, last, destination);
        }
    }
}

/// <summary>Equal chances in [low, high), from 53 bits.</summary>
internal readonly struct UniformDouble(double low, double high) : IDistribution<double>
{
    private readonly double last = high > low ? Math.BitDecrement(high) : low;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(Span<uint> words, Span<double> destination, long index, ulong counter, ulong key)
    {
        const double Step = 1.0 / (1L << 53);
        for (var i = 0; i < destination.Length; i++)
        {
            var word = words[2 * i] | ((ulong)words[(2 * i) + 1] << 32);
            destination[i] = (long)(word >> 11) * Step;
        }

        if (low != 0 || high != 1)
        {
            TensorPrimitives.Multiply(destination, high - low, destination);
            TensorPrimitives.Add(destination, low, destination);
            TensorPrimitives.Min(destination, last, destination);
        }
    }
}

/// <summary>A value with a given probability, else 0. The probability is exact to 2⁻³².</summary>
internal readonly struct MaskSingle(double probability, float value) : IDistribution<float>
{
    private readonly ulong threshold = (ulong)Math.Round(probability * (1L << 32));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(Span<uint> words, Span<float> destination, long index, ulong counter, ulong key)
    {
        if (threshold > uint.MaxValue)
        {
            destination.Fill(value);
            return;
        }

        var i = 0;
        var limit = new Vector<uint>((uint)threshold);
        var chosen = new Vector<float>(value);
        for (; i <= destination.Length - Vector<uint>.Count; i += Vector<uint>.Count)
        {
            var below = Vector.LessThan(new Vector<uint>(words[i..]), limit);
            Vector.ConditionalSelect(below.As<uint, float>(), chosen, Vector<float>.Zero).CopyTo(destination[i..]);
        }

        for (; i < destination.Length; i++)
        {
            destination[i] = words[i] < threshold ? value : 0;
        }
    }
}

/// <inheritdoc cref="MaskSingle"/>
internal readonly struct MaskDouble(double probability, double value) : IDistribution<double>
{
    private readonly ulong threshold = (ulong)Math.Round(probability * (1L << 32));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(Span<uint> words, Span<double> destination, long index, ulong counter, ulong key)
    {
        for (var i = 0; i < destination.Length; i++)
        {
            destination[i] = words[2 * i] < threshold ? value : 0;
        }
    }
}

/// <summary>Equal chances for the <c>bound</c> integers from <c>low</c> up.</summary>
internal readonly struct Integers32(int low, uint bound) : IDistribution<int>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(Span<uint> words, Span<int> destination, long index, ulong counter, ulong key)
    {
        for (var i = 0; i < destination.Length; i++)
        {
            destination[i] = (int)(low + BoundedInteger.From(words[i], bound, index + i, counter, key));
        }
    }
}

/// <inheritdoc cref="Integers32"/>
internal readonly struct Integers64(long low, ulong bound) : IDistribution<long>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(Span<uint> words, Span<long> destination, long index, ulong counter, ulong key)
    {
        for (var i = 0; i < destination.Length; i++)
        {
            var word = words[2 * i] | ((ulong)words[(2 * i) + 1] << 32);
            destination[i] = unchecked(low + (long)BoundedInteger.From(word, bound, index + i, counter, key));
        }
    }
}
