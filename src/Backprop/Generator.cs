using System.Security.Cryptography;
using Backprop.Kernels;
using Backprop.Memory;

namespace Backprop;

/// <summary>Everything a <see cref="Generator"/> remembers: the same state gives the same numbers again.</summary>
/// <param name="Seed">The seed, which is the key of Philox.</param>
/// <param name="Counter">The number of the next unused block of random bits.</param>
public readonly record struct GeneratorState(ulong Seed, ulong Counter);

/// <summary>
/// A source of random numbers: Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), a
/// function of a seed and a counter. The same seed and the same sequence of calls give the same numbers, whatever the number
/// of threads that fill a tensor.
/// </summary>
/// <remarks>
/// Safe to use from several threads at once: each call takes its own stretch of the counter. Which call comes first is then
/// up to the threads; give each thread a generator of its own where that matters. Not for cryptography.
/// </remarks>
public sealed class Generator
{
    private static Generator @default = new(RandomSeed());

    private readonly Lock gate = new();
    private GeneratorState state;

    /// <summary>A generator that starts at the beginning of the sequence of <paramref name="seed"/>.</summary>
    /// <param name="seed">Any number.</param>
    public Generator(ulong seed) => state = new(seed, 0);

    /// <summary>
    /// The generator used where none is given. It starts from a random seed; call <c>Generator.Default.Seed(7)</c> or
    /// assign another one to make a program repeatable.
    /// </summary>
    /// <exception cref="ArgumentNullException">Assigned null.</exception>
    public static Generator Default
    {
        get
        {
            var generator = Volatile.Read(ref @default);
            if (Ledger.IsOn)
            {
                generator.RequireDefault(Ledger.Current!);
            }

            return generator;
        }

        set
        {
            ArgumentNullException.ThrowIfNull(value);
            Volatile.Write(ref @default, value);
        }
    }

    /// <summary>Where the generator stands. Assign a state read earlier to repeat what followed it.</summary>
    public GeneratorState State
    {
        get
        {
            lock (gate)
            {
                return state;
            }
        }

        set
        {
            // A segment that is computed again gets the numbers of the first time; where the generator stands now is somebody else's affair.
            if (RandomReplay.Source.Current is { IsReplay: true })
            {
                return;
            }

            lock (gate)
            {
                state = value;
            }
        }
    }

    /// <summary>Goes to the beginning of the sequence of <paramref name="seed"/>.</summary>
    /// <param name="seed">Any number.</param>
    public void Seed(ulong seed) => State = new(seed, 0);

    /// <summary>A number in [0, 1) with equal chances, from 53 bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1L << 53));

    /// <summary>Any 64-bit number, each with the same chance: a seed for another generator, say.</summary>
    public ulong NextUInt64()
    {
        var (seed, counter) = Reserve(1);
        var (w0, w1, _, _) = Philox.Block(counter, seed);
        return w0 | ((ulong)w1 << 32);
    }

    /// <summary>An integer in 0 … <paramref name="exclusiveMax"/> − 1 with equal chances, without bias.</summary>
    /// <param name="exclusiveMax">How many integers there are to choose from; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="exclusiveMax"/> is below 1.</exception>
    public int NextInt32(int exclusiveMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(exclusiveMax, 1);
        var (seed, counter) = Reserve(1);
        var word = Philox.Block(counter, seed).W0;
        return (int)BoundedInteger.From(word, (uint)exclusiveMax, 0, counter, seed);
    }

    /// <summary>
    /// The numbers 0 … <paramref name="n"/> − 1 in random order, every order with the same chance (Fisher–Yates shuffle).
    /// </summary>
    /// <param name="n">How many numbers; at least 0.</param>
    /// <returns>An array of length <paramref name="n"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="n"/> is negative.</exception>
    public int[] Permutation(int n)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        var (seed, counter) = Reserve(RandomFill.Blocks<uint>(n));
        return Shuffle.Permutation(n, counter, seed);
    }

    /// <summary>Fills a span with numbers in [<paramref name="low"/>, <paramref name="high"/>) with equal chances.</summary>
    /// <param name="destination">What to fill; any length.</param>
    /// <param name="low">The smallest number.</param>
    /// <param name="high">The upper end, not reached; not below <paramref name="low"/> (if equal, every number is that one).</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty or not finite.</exception>
    public void FillUniform(Span<float> destination, float low = 0, float high = 1)
    {
        CheckRange(low, high, high - low);
        var (seed, counter) = Reserve(RandomFill.Blocks<float>(destination.Length));
        RandomFill.Uniform(destination, counter, seed, low, high);
    }

    /// <inheritdoc cref="FillUniform(Span{float}, float, float)"/>
    public void FillUniform(Span<double> destination, double low = 0, double high = 1)
    {
        CheckRange(low, high, high - low);
        var (seed, counter) = Reserve(RandomFill.Blocks<double>(destination.Length));
        RandomFill.Uniform(destination, counter, seed, low, high);
    }

    /// <summary>Fills a span with normally distributed numbers (Box–Muller).</summary>
    /// <param name="destination">What to fill; any length.</param>
    /// <param name="mean">The mean.</param>
    /// <param name="deviation">The standard deviation; at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is not finite, or the deviation is negative.</exception>
    public void FillNormal(Span<float> destination, float mean = 0, float deviation = 1)
    {
        CheckNormal(mean, deviation);
        var (seed, counter) = Reserve(RandomFill.Blocks<float>(destination.Length));
        RandomFill.Normal(destination, counter, seed, mean, deviation);
    }

    /// <inheritdoc cref="FillNormal(Span{float}, float, float)"/>
    public void FillNormal(Span<double> destination, double mean = 0, double deviation = 1)
    {
        CheckNormal(mean, deviation);
        var (seed, counter) = Reserve(RandomFill.Blocks<double>(destination.Length));
        RandomFill.Normal(destination, counter, seed, mean, deviation);
    }

    /// <summary><paramref name="value"/> with the given probability, else 0: the mask of dropout.</summary>
    internal void FillMask(Span<float> destination, double probability, float value)
    {
        var (seed, counter) = Reserve(RandomFill.Blocks<float>(destination.Length));
        RandomFill.Mask(destination, counter, seed, probability, value);
    }

    /// <summary><paramref name="value"/> with the given probability, else 0: the mask of dropout.</summary>
    internal void FillMask(Span<double> destination, double probability, double value)
    {
        var (seed, counter) = Reserve(RandomFill.Blocks<double>(destination.Length));
        RandomFill.Mask(destination, counter, seed, probability, value);
    }

    /// <summary>Integers in low … high − 1; the caller has checked that low is below high.</summary>
    internal void FillIntegers(Span<int> destination, int low, int high)
    {
        var (seed, counter) = Reserve(RandomFill.Blocks<int>(destination.Length));
        RandomFill.Integers(destination, counter, seed, low, high);
    }

    /// <summary>Integers in low … high − 1; the caller has checked that low is below high.</summary>
    internal void FillIntegers(Span<long> destination, long low, long high)
    {
        var (seed, counter) = Reserve(RandomFill.Blocks<long>(destination.Length));
        RandomFill.Integers(destination, counter, seed, low, high);
    }

    /// <summary>
    /// Takes a stretch of the sequence: nobody else gets these blocks. Returns where the stretch begins. In a segment that is computed again it is the
    /// stretch of the first time.
    /// </summary>
    internal GeneratorState Reserve(ulong blocks) => RandomReplay.Source.Current is { } source ? source.Reserve(this, blocks) : Take(blocks);

    /// <summary>Takes a stretch of the sequence.</summary>
    internal GeneratorState Take(ulong blocks)
    {
        // A lock and not an atomic addition, because seed and counter must be read together.
        lock (gate)
        {
            var begin = state;
            state = begin with { Counter = begin.Counter + blocks };
            return begin;
        }
    }

    /// <summary>A captured step that drew from the default generator draws from the one that is it then.</summary>
    private void RequireDefault(Ledger ledger)
    {
        if (!ledger.IsInside && ledger.Meets(this))
        {
            ledger.Require(() => ReferenceEquals(Volatile.Read(ref @default), this), "Generator.Default is another one");
        }
    }

    private static void CheckRange(double low, double high, double width)
    {
        if (!(low <= high) || !double.IsFinite(width))
        {
            throw new ArgumentOutOfRangeException(
                nameof(low),
                FormattableString.Invariant(
                    $"uniform: the range [{low}, {high}) is not legal: finite ends, the first not above the second, at a finite distance."));
        }
    }

    private static void CheckNormal(double mean, double deviation)
    {
        if (!double.IsFinite(mean) || !double.IsFinite(deviation) || deviation < 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(deviation),
                FormattableString.Invariant($"normal: mean {mean}, deviation {deviation} are not legal: both finite, the deviation at least 0."));
        }
    }

    private static ulong RandomSeed()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt64(bytes);
    }
}
