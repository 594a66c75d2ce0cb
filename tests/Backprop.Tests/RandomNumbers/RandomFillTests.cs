using Backprop.Kernels;

namespace Backprop.Tests.RandomNumbers;

public class RandomFillTests
{
    private const ulong Key = 42;
    private const int Many = 200_000;

    private delegate void Filler<T>(Span<T> destination, ulong counter);

    [Fact]
    public void ElementsDoNotDependOnTheLengthOfTheFill()
    {
        Check<float>((span, counter) => RandomFill.Uniform(span, counter, Key));
        Check<float>((span, counter) => RandomFill.Uniform(span, counter, Key, -2, 5));
        Check<double>((span, counter) => RandomFill.Uniform(span, counter, Key));
        Check<double>((span, counter) => RandomFill.Uniform(span, counter, Key, -2, 5));
        Check<float>((span, counter) => RandomFill.Normal(span, counter, Key));
        Check<double>((span, counter) => RandomFill.Normal(span, counter, Key));
        Check<float>((span, counter) => RandomFill.Mask(span, counter, Key, 0.3, 2));
        Check<double>((span, counter) => RandomFill.Mask(span, counter, Key, 0.3, 2));
        Check<int>((span, counter) => RandomFill.Integers(span, counter, Key, -7, int.MaxValue)); // many redraws
        Check<long>((span, counter) => RandomFill.Integers(span, counter, Key, long.MinValue, (long.MaxValue / 3) * 2));

        static void Check<T>(Filler<T> fill) where T : unmanaged
        {
            const ulong Start = 1000;
            var whole = new T[40_001]; // several units of work
            fill(whole, Start);
            foreach (var length in (int[])[0, 1, 2, 3, 5, 15, 16, 31, 63, 64, 65, 511, 513, 1023, 1025, 5000, 16_385])
            {
                var part = new T[length];
                fill(part, Start);
                Assert.Equal(whole[..length], part);
            }

            foreach (var begin in (int[])[4, 64, 1020, 16_384, 39_000])
            {
                var part = new T[whole.Length - begin];
                fill(part, Start + RandomFill.Blocks<T>(begin));
                Assert.Equal(whole[begin..], part);
            }
        }
    }

    [Fact]
    public void UniformCoversItsRangeEvenly()
    {
        var single = new float[Many];
        RandomFill.Uniform(single, 0, Key);
        Even(Array.ConvertAll(single, x => (double)x));
        var wide = new double[Many];
        RandomFill.Uniform(wide, 0, Key);
        Even(wide);
        Assert.Contains(wide, x => x != (float)x); // more than 24 bits

        static void Even(double[] values)
        {
            Assert.All(values, x => Assert.InRange(x, 0, Math.BitDecrement(1.0)));
            Assert.Equal(0.5, values.Average(), 0.005);
            Assert.Equal(1.0 / 12, values.Sum(x => (x - 0.5) * (x - 0.5)) / Many, 0.001);
            var bins = new int[64];
            foreach (var x in values)
            {
                bins[(int)(x * 64)]++;
            }

            Assert.InRange(ChiSquare(bins, Many / 64.0), 25, 120); // 63 degrees of freedom
        }
    }

    [Fact]
    public void UniformNeverReachesTheUpperEnd()
    {
        var values = new float[Many];
        RandomFill.Uniform(values, 0, Key, 16_777_215, 16_777_216); // two neighbours: every sum is rounded to one of them
        Assert.All(values, x => Assert.Equal(16_777_215f, x));
        RandomFill.Uniform(values, 0, Key, 3, 3);
        Assert.All(values, x => Assert.Equal(3f, x));
    }

    [Fact]
    public void NormalHasTheMomentsAndTailsOfABell()
    {
        var single = new float[Many];
        RandomFill.Normal(single, 0, Key, 3, 2);
        Bell(Array.ConvertAll(single, x => (x - 3.0) / 2));
        var wide = new double[Many];
        RandomFill.Normal(wide, 0, Key, 3, 2);
        Bell(Array.ConvertAll(wide, x => (x - 3.0) / 2));

        static void Bell(double[] z)
        {
            Assert.Equal(0, z.Average(), 0.01);
            Assert.Equal(1, z.Average(x => x * x), 0.02);
            Assert.Equal(0, z.Average(x => x * x * x), 0.03);
            Assert.Equal(3, z.Average(x => x * x * x * x), 0.1);
            Assert.Equal(0.6827, z.Count(x => Math.Abs(x) < 1) / (double)Many, 0.005);
            Assert.Equal(0.0027, z.Count(x => Math.Abs(x) > 3) / (double)Many, 0.0006);
            Assert.Equal(0, z.Zip(z.Skip(1), (a, b) => a * b).Average(), 0.01); // the two of a pair are independent
        }
    }

    [Fact]
    public void NormalIsBoxMullerOfTheWords()
    {
        var words = new uint[4096];
        Philox.Words(words, 0, Key);
        var single = new float[4096];
        RandomFill.Normal(single, 0, Key);
        for (var i = 0; i < single.Length; i += 2)
        {
            var radius = Math.Sqrt(-2 * Math.Log((words[i] + 0.5) / (1L << 32)));
            var (sine, cosine) = Direction((ulong)words[i + 1] << 32);
            Assert.Equal(radius * cosine, single[i], 2e-6 + 4e-7 / Math.Max(radius, 1e-3));
            Assert.Equal(radius * sine, single[i + 1], 2e-6 + 4e-7 / Math.Max(radius, 1e-3));
        }

        var wide = new double[2048];
        RandomFill.Normal(wide, 0, Key);
        for (var i = 0; i < wide.Length; i += 2)
        {
            var radius = Math.Sqrt(-2 * Math.Log(((Word(i) >> 11) + 1) / (double)(1L << 53)));
            var (sine, cosine) = Direction(Word(i + 1));
            Assert.Equal(radius * cosine, wide[i], 1e-14);
            Assert.Equal(radius * sine, wide[i + 1], 1e-14);
        }

        ulong Word(int i) => words[2 * i] | ((ulong)words[(2 * i) + 1] << 32);

        static (double Sine, double Cosine) Direction(ulong word)
            => Math.SinCos(Math.PI / 2 * ((word >> 62) + ((long)(word << 2) / Math.Pow(2, 64))));
    }

    [Fact]
    public void MaskKeepsTheProbability()
    {
        var values = new float[Many];
        RandomFill.Mask(values, 0, Key, 0.25, 4);
        Assert.All(values, x => Assert.True(x is 0 or 4));
        Assert.Equal(0.25, values.Count(x => x == 4) / (double)Many, 0.004);
        RandomFill.Mask(values, 0, Key, 0, 4);
        Assert.All(values, x => Assert.Equal(0, x));
        RandomFill.Mask(values, 0, Key, 1, 4);
        Assert.All(values, x => Assert.Equal(4, x));
        var wide = new double[Many];
        RandomFill.Mask(wide, 0, Key, 1, 4);
        Assert.All(wide, x => Assert.Equal(4, x));
        RandomFill.Mask(wide, 0, Key, 0.25, 4);
        Assert.Equal(0.25, wide.Count(x => x == 4) / (double)Many, 0.004);
    }

    [Fact]
    public void IntegersHaveEqualChances()
    {
        var narrow = new int[Many];
        RandomFill.Integers(narrow, 0, Key, -3, 7);
        Assert.InRange(ChiSquare(Enumerable.Range(-3, 10).Select(v => narrow.Count(x => x == v)), Many / 10.0), 1.2, 28);
        Assert.InRange(narrow.Min(), -3, -3);
        Assert.InRange(narrow.Max(), 6, 6);

        // Three quarters of the words' range: without redrawing, one third of the results would come up twice as often.
        const uint Bound = 3u << 30;
        var wide = new int[Many];
        RandomFill.Integers(wide, 0, Key, int.MinValue, unchecked((int)(int.MinValue + (long)Bound)));
        var thirds = new int[3];
        foreach (var x in wide)
        {
            thirds[(int)((uint)(x - (long)int.MinValue) >> 30)]++;
            Assert.True((uint)(x - (long)int.MinValue) < Bound);
        }

        Assert.InRange(ChiSquare(thirds, Many / 3.0), 0, 14);
        var even = wide.Count(x => (x & 1) == 0);
        Assert.Equal(0.5, even / (double)Many, 0.005);

        var longs = new long[Many];
        RandomFill.Integers(longs, 0, Key, -5, 5);
        Assert.InRange(ChiSquare(Enumerable.Range(-5, 10).Select(v => longs.Count(x => x == v)), Many / 10.0), 1.2, 28);
    }

    private static double ChiSquare(IEnumerable<int> counts, double expected)
        => counts.Sum(count => (count - expected) * (count - expected) / expected);
}
