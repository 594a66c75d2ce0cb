using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// Fills spans with random numbers. Element i depends only on the key, the counter and i (on block i / 4 for 32-bit
/// elements, i / 2 for 64-bit ones), so a fill has the same bits whole, in parts, and on any number of threads.
/// </summary>
/// <remarks>The caller owns the blocks it names: <see cref="Blocks{T}"/> tells how many a fill takes.</remarks>
internal static class RandomFill
{
    /// <summary>Elements in the unit of work shared between threads.</summary>
    private const int Block = 1 << 14;

    /// <summary>Words made at a time: they stay in the innermost cache.</summary>
    private const int Chunk = 1024;

    /// <summary>Philox blocks used by a fill of <paramref name="length"/> elements.</summary>
    public static ulong Blocks<T>(long length) where T : unmanaged
    {
        var perBlock = PerBlock<T>();
        return (ulong)((length + perBlock - 1) / perBlock);
    }

    /// <summary>Equal chances in [<paramref name="low"/>, <paramref name="high"/>), on a grid of 2⁻²⁴ of the range.</summary>
    public static void Uniform(Span<float> destination, ulong counter, ulong key, float low = 0, float high = 1)
        => Run(destination, new UniformSingle(low, high), counter, key, 0.4);

    /// <summary>Equal chances in [<paramref name="low"/>, <paramref name="high"/>), on a grid of 2⁻⁵³ of the range.</summary>
    public static void Uniform(Span<double> destination, ulong counter, ulong key, double low = 0, double high = 1)
        => Run(destination, new UniformDouble(low, high), counter, key, 0.9);

    /// <summary>Normal distribution (Box–Muller).</summary>
    public static void Normal(Span<float> destination, ulong counter, ulong key, float mean = 0, float deviation = 1)
        => Run(destination, new NormalSingle(mean, deviation), counter, key, 2);

    /// <summary>Normal distribution (Box–Muller).</summary>
    public static void Normal(Span<double> destination, ulong counter, ulong key, double mean = 0, double deviation = 1)
        => Run(destination, new NormalDouble(mean, deviation), counter, key, 6);

    /// <summary><paramref name="value"/> with the given probability, else 0.</summary>
    public static void Mask(Span<float> destination, ulong counter, ulong key, double probability, float value)
        => Run(destination, new MaskSingle(probability, value), counter, key, 0.8);

    /// <summary><paramref name="value"/> with the given probability, else 0.</summary>
    public static void Mask(Span<double> destination, ulong counter, ulong key, double probability, double value)
        => Run(destination, new MaskDouble(probability, value), counter, key, 1.5);

    /// <summary>Integers in low … high − 1 with equal chances.</summary>
    public static void Integers(Span<int> destination, ulong counter, ulong key, int low, int high)
        => Run(destination, new Integers32(low, (uint)(high - (long)low)), counter, key, 1);

    /// <summary>Integers in low … high − 1 with equal chances.</summary>
    public static void Integers(Span<long> destination, ulong counter, ulong key, long low, long high)
        => Run(destination, new Integers64(low, (ulong)high - (ulong)low), counter, key, 2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int PerBlock<T>() where T : unmanaged => 4 * sizeof(uint) / Unsafe.SizeOf<T>();

    private static unsafe void Run<T, TDistribution>(
        Span<T> destination, TDistribution distribution, ulong counter, ulong key, double nanosecondsEach)
        where T : unmanaged
        where TDistribution : struct, IDistribution<T>
    {
        if (destination.Length <= Block)
        {
            Whole(destination, distribution, 0, counter, key);
            return;
        }

        fixed (T* start = destination)
        {
            var blocks = (destination.Length + Block - 1) / Block;
            Workers.Run(
                new Body<T, TDistribution>(start, destination.Length, distribution, counter, key),
                blocks,
                destination.Length * nanosecondsEach);
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Whole<T, TDistribution>(Span<T> destination, TDistribution distribution, long index, ulong counter, ulong key)
        where T : unmanaged
        where TDistribution : struct, IDistribution<T>
    {
        Span<uint> words = stackalloc uint[Chunk];
        var wordsPerElement = Unsafe.SizeOf<T>() / sizeof(uint);
        while (destination.Length > 0)
        {
            var count = Math.Min(destination.Length, Chunk / wordsPerElement);

            // A multiple of 64 words, so that the vector functions behind Normal never meet a tail: a tail could be
            // computed by other code, with other bits, and a short fill would differ from the beginning of a long one.
            var needed = words[..(((count * wordsPerElement) + 63) & ~63)];
            Philox.Words(needed, counter + (ulong)(index / PerBlock<T>()), key);
            distribution.Fill(needed, destination[..count], index, counter, key);
            destination = destination[count..];
            index += count;
        }
    }

    private readonly unsafe struct Body<T, TDistribution>(T* start, int length, TDistribution distribution, ulong counter, ulong key)
        : IBlockBody
        where T : unmanaged
        where TDistribution : struct, IDistribution<T>
    {
        public void Run(int block)
        {
            var first = block * Block;
            Whole(new Span<T>(start + first, Math.Min(Block, length - first)), distribution, first, counter, key);
        }
    }
}
