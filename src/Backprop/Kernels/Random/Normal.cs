using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// Normal distribution by the transform of Box and Muller (1958): √(−2 ln u) · (cos v, sin v) for two uniform numbers, u in
/// (0, 1] and v in a full turn. The two results of a pair are neighbours.
/// </summary>
internal readonly struct NormalSingle(float mean, float deviation) : IDistribution<float>
{
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(Span<uint> words, Span<float> destination, long index, ulong counter, ulong key)
    {
        var pairs = words.Length / 2;
        Span<float> radius = stackalloc float[pairs];
        Span<float> cosine = stackalloc float[pairs];
        Span<float> sine = stackalloc float[pairs];
        for (var i = 0; i < pairs; i++)
        {
            radius[i] = (words[2 * i] * (1f / (1L << 32))) + (1f / (1L << 33)); // never 0
            words[i] = words[(2 * i) + 1];
        }

        TensorPrimitives.Log(radius, radius);
        TensorPrimitives.Multiply(radius, -2, radius);
        TensorPrimitives.Sqrt(radius, radius);
        Direction(words[..pairs], cosine, sine);
        for (var i = 0; i < destination.Length; i++)
        {
            var direction = (i & 1) == 0 ? cosine[i >> 1] : sine[i >> 1];
            destination[i] = mean + (deviation * (radius[i >> 1] * direction));
        }
    }

    // The two top bits of a word choose a quarter of the turn, the others an angle within ±π/4. Own polynomials (Moshier,
    // Cephes), because a library's sine may depend on the neighbours in a register, and without fused operations, so that
    // the bits are the same on every processor.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Direction(ReadOnlySpan<uint> words, Span<float> cosine, Span<float> sine)
    {
        var top = new Vector<uint>(0x8000_0000);
        for (var i = 0; i < words.Length; i += Vector<uint>.Count)
        {
            var word = new Vector<uint>(words[i..]);
            var x = Vector.ConvertToSingle((word << 2).As<uint, int>()) * (MathF.PI / (1L << 33));
            var xx = x * x;
            var s = x + (x * xx * (new Vector<float>(-1.6666654611e-1f) + (xx * (new Vector<float>(8.3321608736e-3f)
                + (xx * -1.9515295891e-4f)))));
            var c = Vector<float>.One - (xx * 0.5f) + (xx * xx * (new Vector<float>(4.166664568298827e-2f)
                + (xx * (new Vector<float>(-1.388731625493765e-3f) + (xx * 2.443315711809948e-5f)))));
            var swap = Vector.LessThan((word << 1).As<uint, int>(), Vector<int>.Zero).As<int, float>();
            var sineSign = (word & top).As<uint, float>();
            var cosineSign = ((word ^ (word << 1)) & top).As<uint, float>();
            (Vector.ConditionalSelect(swap, s, c) ^ cosineSign).CopyTo(cosine[i..]);
            (Vector.ConditionalSelect(swap, c, s) ^ sineSign).CopyTo(sine[i..]);
        }
    }
}

/// <inheritdoc cref="NormalSingle"/>
internal readonly struct NormalDouble(double mean, double deviation) : IDistribution<double>
{
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Fill(Span<uint> words, Span<double> destination, long index, ulong counter, ulong key)
    {
        const double Step = 1.0 / (1L << 53);
        var pairs = words.Length / 4;
        Span<double> radius = stackalloc double[pairs];
        Span<double> cosine = stackalloc double[pairs];
        Span<double> sine = stackalloc double[pairs];
        Span<ulong> turns = stackalloc ulong[pairs];
        for (var i = 0; i < pairs; i++)
        {
            radius[i] = ((long)((words[4 * i] | ((ulong)words[(4 * i) + 1] << 32)) >> 11) + 1) * Step; // never 0
            turns[i] = words[(4 * i) + 2] | ((ulong)words[(4 * i) + 3] << 32);
        }

        TensorPrimitives.Log(radius, radius);
        TensorPrimitives.Multiply(radius, -2, radius);
        TensorPrimitives.Sqrt(radius, radius);
        Direction(turns, cosine, sine);
        for (var i = 0; i < destination.Length; i++)
        {
            var direction = (i & 1) == 0 ? cosine[i >> 1] : sine[i >> 1];
            destination[i] = mean + (deviation * (radius[i >> 1] * direction));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Direction(ReadOnlySpan<ulong> turns, Span<double> cosine, Span<double> sine)
    {
        var top = new Vector<ulong>(1UL << 63);
        for (var i = 0; i < turns.Length; i += Vector<ulong>.Count)
        {
            var word = new Vector<ulong>(turns[i..]);
            var x = Vector.ConvertToDouble((word << 2).As<ulong, long>()) * (Math.PI / (1L << 33) / (1L << 32));
            var xx = x * x;
            var s = x + (x * xx * (new Vector<double>(-1.66666666666666307295e-1) + (xx * (new Vector<double>(8.33333333332211858878e-3)
                + (xx * (new Vector<double>(-1.98412698295895385996e-4) + (xx * (new Vector<double>(2.75573136213857245213e-6)
                + (xx * (new Vector<double>(-2.50507477628578072866e-8) + (xx * 1.58962301576546568060e-10)))))))))));
            var c = Vector<double>.One - (xx * 0.5) + (xx * xx * (new Vector<double>(4.16666666666665929218e-2)
                + (xx * (new Vector<double>(-1.38888888888730564116e-3) + (xx * (new Vector<double>(2.48015872888517045348e-5)
                + (xx * (new Vector<double>(-2.75573141792967388112e-7) + (xx * (new Vector<double>(2.08757008419747316778e-9)
                + (xx * -1.13585365213876817300e-11)))))))))));
            var swap = Vector.LessThan((word << 1).As<ulong, long>(), Vector<long>.Zero).As<long, double>();
            var sineSign = (word & top).As<ulong, double>();
            var cosineSign = ((word ^ (word << 1)) & top).As<ulong, double>();
            (Vector.ConditionalSelect(swap, s, c) ^ cosineSign).CopyTo(cosine[i..]);
            (Vector.ConditionalSelect(swap, c, s) ^ sineSign).CopyTo(sine[i..]);
        }
    }
}
