namespace Backprop.Benchmarks.Roofline;

/// <summary>What a kernel of the suite has to do at least, counted from its definition and not from its code.</summary>
/// <param name="Flops">Multiplications and additions of products; 0 where an element costs next to nothing beside its way through memory.</param>
/// <param name="Read">Bytes of the operands, each once.</param>
/// <param name="Written">Bytes of the results, each once.</param>
public sealed record KernelCost(double Flops, double Read, double Written)
{
    private const double Million = 1 << 20;
    private const double Plane = 14 * 14;
    private const double Convolution = 2 * 64 * 64 * Plane * 32 * 9;
    private const double Images = 64 * 32 * Plane;
    private const double Weights = 64 * 32 * 9;
    private const double Maps = 64 * 64 * Plane;

    /// <summary>Bytes in all.</summary>
    public double Bytes => Read + Written;

    /// <summary>A kernel that writes less than an eighth of what it reads is held against reading, every other against copying.</summary>
    public bool OnlyReads => Written < Read / 8;

    /// <summary>The cost of a kernel by its name in the suite; null for what is made of overhead alone.</summary>
    public static KernelCost? Of(string name) => name switch
    {
        "add_1m" or "mul_1m" => Floats(0, 2 * Million, Million),
        "exp_1m" or "tanh_1m" or "gelu_1m" or "gelu_tanh_1m" => Floats(0, Million, Million),
        "add_broadcast" => Floats(0, Million + 1024, Million),
        "softmax_rows" => Floats(0, Million, Million),
        "layernorm_rows" => Floats(0, Million + 512, Million),
        "sum_all_1m" => Floats(0, Million, 1),
        "sum_axis0" or "sum_axis1" => Floats(0, Million, 1024),
        "transpose_copy" => Floats(0, Million, Million),
        "conv2d_fwd" => Floats(Convolution, Images + Weights + 64, Maps),

        // Forward, and the same number of products for each of the gradients of images and weights. The upstream gradient is read as well.
        "conv2d_fwd_bwd" => Floats(3 * Convolution, Images + Weights + 64 + Maps, Maps + Images + Weights + 64),
        "maxpool2d" => Floats(0, 64 * 32 * 28 * 28, 64 * 32 * 14 * 14),
        "embedding_gather" => new(0, (4.0 * 10_000 * 64) + (8.0 * 65_536), 4.0 * 65_536 * 64),
        "adam_1m" => Floats(0, 4 * Million, 3 * Million),
        "op_overhead_fwd" or "op_overhead_fwd_bwd" => null,
        _ when name.StartsWith("matmul_", StringComparison.Ordinal) => Product([.. name["matmul_".Length..].Split('x').Select(double.Parse)]),
        _ => throw new ArgumentException($"roofline: nobody has counted what {name} costs", nameof(name)),
    };

    private static KernelCost Product(double[] sizes)
    {
        var (m, k, n) = (sizes[0], sizes[1], sizes[2]);
        return Floats(2 * m * k * n, (m * k) + (k * n), m * n);
    }

    private static KernelCost Floats(double flops, double read, double written) => new(flops, sizeof(float) * read, sizeof(float) * written);
}
