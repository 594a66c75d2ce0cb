using System.Runtime.InteropServices;
using Backprop.Kernels;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace Backprop.Benchmarks;

/// <summary>Products of the shapes that training and inference of small networks are made of, with GFLOP/s.</summary>
[Config(typeof(Settings))]
public unsafe class MatrixProductBenchmarks
{
    private float* a;
    private float* b;
    private float* c;
    private Product shape = null!;

    /// <summary>Operands, N as stored or T transposed, and rows × inner dimension × columns.</summary>
    public static IEnumerable<string> Shapes =>
    [
        "NN 64x64x64", "NN 256x256x256", "NN 1024x1024x1024", "NN 256x1024x1024",
        "NT 32x784x128", "NT 64x784x200", "NT 256x784x1024", "NT 256x1024x1024", "NT 32x128x10", "NT 1x784x128", "NT 8x784x128",
        "TN 128x32x784", "TN 200x64x784", "TN 1024x256x1024", "TN 10x32x128", "NN 32x10x128",
    ];

    [ParamsSource(nameof(Shapes))]
    public string Shape { get; set; } = "";

    [Params(1, 2)]
    public int Threads { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        Parallelism.Threads = Threads;
        shape = Product.Parse(Shape);
        a = Fill(shape.M * shape.K);
        b = Fill(shape.K * shape.N);
        c = Fill(shape.M * shape.N);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        NativeMemory.AlignedFree(a);
        NativeMemory.AlignedFree(b);
        NativeMemory.AlignedFree(c);
    }

    [Benchmark]
    public void Multiply() => MatrixProduct.Multiply(
        shape.M, shape.N, shape.K, a, shape.TransposeA ? shape.M : shape.K, shape.TransposeA,
        b, shape.TransposeB ? shape.K : shape.N, shape.TransposeB, c, shape.N);

    private static float* Fill(int count)
    {
        var random = new Random(1);
        var values = (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), 64);
        for (var i = 0; i < count; i++)
        {
            values[i] = random.NextSingle() - 0.5f;
        }

        return values;
    }

    private sealed record Product(bool TransposeA, bool TransposeB, int M, int K, int N)
    {
        public static Product Parse(string text)
        {
            var sizes = text[3..].Split('x').Select(int.Parse).ToArray();
            return new(text[0] == 'T', text[1] == 'T', sizes[0], sizes[1], sizes[2]);
        }
    }

    private sealed class Settings : ManualConfig
    {
        public Settings() => AddColumn(new Speed());
    }

    private sealed class Speed : IColumn
    {
        public string Id => nameof(Speed);

        public string ColumnName => "GFLOP/s";

        public bool AlwaysShow => true;

        public ColumnCategory Category => ColumnCategory.Custom;

        public int PriorityInCategory => 0;

        public bool IsNumeric => true;

        public UnitType UnitType => UnitType.Dimensionless;

        public string Legend => "2 · rows · inner · columns / median time";

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
        {
            var shape = Product.Parse((string)benchmarkCase.Parameters[nameof(Shape)]);
            var median = summary[benchmarkCase]?.ResultStatistics?.Median;
            return median is { } nanoseconds ? (2.0 * shape.M * shape.K * shape.N / nanoseconds).ToString("F1") : "?";
        }

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

        public bool IsAvailable(Summary summary) => true;

        public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;
    }
}
