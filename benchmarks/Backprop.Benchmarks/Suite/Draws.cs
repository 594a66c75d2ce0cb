namespace Backprop.Benchmarks.Suite;

/// <summary>The splitmix64 generator that both sides of the suite draw their parameters and data from.</summary>
public sealed class Draws(ulong seed)
{
    private ulong state = seed;

    /// <summary>The top 24 bits of the next number.</summary>
    public uint Bits()
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (uint)((z ^ (z >> 31)) >> 40);
    }

    /// <summary>Uniform in [0, 1), exact in float32.</summary>
    public Tensor Unit(DType dtype, params int[] shape) => Fill(dtype, shape, () => Bits() * TwoToMinus24);

    /// <summary>Uniform in [−bound, bound), rounded to float32.</summary>
    public Tensor Signed(DType dtype, float bound, params int[] shape) =>
        Fill(dtype, shape, () => ((2 * (Bits() * TwoToMinus24)) - 1) * bound);

    /// <summary>Uniform in 0 … modulus − 1, int64.</summary>
    public Tensor Integers(uint modulus, params int[] shape)
    {
        var values = new long[shape.Aggregate(1, (a, b) => a * b)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Bits() % modulus;
        }

        return Tensor.From(values, shape);
    }

    private const float TwoToMinus24 = 5.9604645e-8f;

    private static Tensor Fill(DType dtype, int[] shape, Func<float> next)
    {
        var values = new float[shape.Aggregate(1, (a, b) => a * b)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = next();
        }

        return Tensor.From(values, shape).To(dtype);
    }
}
