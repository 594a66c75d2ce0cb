using Backprop.Optimizers;

namespace Backprop.Benchmarks.Suite;

/// <summary>Single operations, called as a user of the library calls them. The result is a new tensor at every call.</summary>
public static class Kernels
{
    private const ulong Seed = 2;
    private const int Million = 1 << 20;

    /// <summary>Every kernel, in the suite's order.</summary>
    public static IReadOnlyList<Workload> All { get; } =
    [
        Product(64, 64, 64),
        Product(256, 256, 256),
        Product(1024, 1024, 1024),
        Product(32, 784, 128),
        Product(64, 784, 200),
        Two("add_1m", [Million], [Million], (a, b) => a + b),
        Two("mul_1m", [Million], [Million], (a, b) => a * b),
        One("exp_1m", [Million], x => x.Exp()),
        One("tanh_1m", [Million], x => x.Tanh()),
        One("gelu_1m", [Million], x => x.Gelu()),
        One("gelu_tanh_1m", [Million], x => x.GeluTanh()),
        Two("add_broadcast", [1024, 1024], [1024], (a, b) => a + b),
        One("softmax_rows", [4096, 256], x => x.Softmax(-1)),
        new("layernorm_rows", 1, dtype =>
        {
            var data = new Draws(Seed);
            var (x, gain, bias) = (data.Signed(dtype, 1, 4096, 256), data.Signed(dtype, 1, 256), data.Signed(dtype, 1, 256));
            return () => x.LayerNorm([256], gain, bias);
        }),
        One("sum_all_1m", [Million], x => x.Sum()),
        One("sum_axis0", [1024, 1024], x => x.Sum(axis: 0)),
        One("sum_axis1", [1024, 1024], x => x.Sum(axis: 1)),
        One("transpose_copy", [1024, 1024], x => x.Transpose().Contiguous()),
        new("conv2d_fwd", 1, dtype =>
        {
            var data = new Draws(Seed);
            var (x, w, b) = (data.Signed(dtype, 1, 64, 32, 14, 14), data.Signed(dtype, 1, 64, 32, 3, 3), data.Signed(dtype, 1, 64));
            return () => Tensor.Conv2d(x, w, b, padding: 1);
        }),
        new("conv2d_fwd_bwd", 1, dtype =>
        {
            var data = new Draws(Seed);
            var (x, w, b) = (data.Signed(dtype, 1, 64, 32, 14, 14), data.Signed(dtype, 1, 64, 32, 3, 3), data.Signed(dtype, 1, 64));
            var upstream = data.Signed(dtype, 1, 64, 64, 14, 14);
            Tensor[] inputs = [x.RequireGradient(), w.RequireGradient(), b.RequireGradient()];
            return () => Gradient.Of(Tensor.Conv2d(x, w, b, padding: 1), inputs, upstream)[1];
        }),
        One("maxpool2d", [64, 32, 28, 28], x => x.MaxPool2d(2)),
        new("embedding_gather", 1, dtype =>
        {
            var data = new Draws(Seed);
            var (table, rows) = (data.Signed(dtype, 1, 10000, 64), data.Integers(10000, 65536));
            return () => Tensor.Embedding(rows, table);
        }),
        new("adam_1m", 1, dtype =>
        {
            var data = new Draws(Seed);
            var (p, g) = (data.Signed(dtype, 1, Million).RequireGradient(), data.Signed(dtype, 1, Million));
            p.Gradient = g;
            var optimizer = new Adam([p], learningRate: 1e-3);
            return () =>
            {
                optimizer.Step();
                return p;
            };
        }),
        Two("op_overhead_fwd", [4], [4], Twenty),
        new("op_overhead_fwd_bwd", 1, dtype =>
        {
            var data = new Draws(Seed);
            var (a, b) = (data.Signed(dtype, 1, 4).RequireGradient(), data.Signed(dtype, 1, 4));
            return () => Gradient.Of(Twenty(a, b).Sum(), a);
        }),
    ];

    private static Tensor Twenty(Tensor a, Tensor b)
    {
        for (var i = 0; i < 20; i++)
        {
            a += b;
        }

        return a;
    }

    private static Workload Product(int m, int k, int n) => Two($"matmul_{m}x{k}x{n}", [m, k], [k, n], (a, b) => a.MatMul(b));

    private static Workload One(string name, int[] shape, Func<Tensor, Tensor> kernel) => new(name, 1, dtype =>
    {
        var x = new Draws(Seed).Signed(dtype, 1, shape);
        return () => kernel(x);
    });

    private static Workload Two(string name, int[] left, int[] right, Func<Tensor, Tensor, Tensor> kernel) => new(name, 1, dtype =>
    {
        var data = new Draws(Seed);
        var (a, b) = (data.Signed(dtype, 1, left), data.Signed(dtype, 1, right));
        return () => kernel(a, b);
    });
}
