using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Backprop.Kernels;

namespace Backprop.Benchmarks.Products;

/// <summary>
/// The command <c>products</c>: matrix products of the shapes of training in all four transpositions, against the FMA peak of the same
/// moment and against the native libraries installed.
/// </summary>
public static unsafe class ProductsCommand
{
    private const string Usage = """
        usage: products [--threads N] [--shapes MxKxN,...] [--kinds NN,NT,TN,TT] [--milliseconds T] [--rounds R]
          --threads N        threads of each library, default 1
          --shapes SHAPES    rows x inner dimension x columns
          --kinds KINDS      which operands are stored transposed
          --milliseconds T   timed per library and round, default 10
          --rounds R         rounds in which all take turns; the best time of all counts, default 4
        """;

    private const string Shapes =
        "64x64x64,256x256x256,1024x1024x1024,32x784x128,64x784x128,64x784x200,256x784x1024,256x1024x1024,128x32x784,1024x256x1024,"
        + "32x128x10,64x128x10,256x1024x10,10x64x128,1024x64x16,4096x27x16,784x128x4,300x300x300";

    /// <summary>Runs the command; 0 on success, 2 for unusable arguments.</summary>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        var (threads, milliseconds, rounds) = (1, 10.0, 4);
        string shapes = Shapes, kinds = "NN,NT,TN,TT";
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var (name, value) = (arguments[i], i + 1 < arguments.Length ? arguments[i + 1] : "");
            var known = true;
            switch (name)
            {
                case "--threads": known = int.TryParse(value, CultureInfo.InvariantCulture, out threads) && threads is > 0 and <= 1024; break;
                case "--milliseconds": known = double.TryParse(value, CultureInfo.InvariantCulture, out milliseconds) && milliseconds > 0; break;
                case "--rounds": known = int.TryParse(value, CultureInfo.InvariantCulture, out rounds) && rounds > 0; break;
                case "--shapes": shapes = value; break;
                case "--kinds": kinds = value; break;
                default: known = false; break;
            }

            if (!known)
            {
                Console.Error.WriteLine($"products: '{name} {value}' is not understood");
                Console.Error.WriteLine(Usage);
                return 2;
            }
        }

        Parallelism.Threads = threads;
        var natives = NativeProducts.Find(threads);
        Console.WriteLine(
            $"{"shape",-16}{"kind",5}{"peak",9}{"ours",9}{"% peak",8}" + string.Concat(natives.Select(native => $"{native.Name,20}")) + $"{"of the best",18}");
        var (least, share) = (double.MaxValue, double.MaxValue);
        foreach (var shape in shapes.Split(','))
        {
            var sizes = shape.Split('x');
            foreach (var kind in kinds.Split(','))
            {
                if (sizes.Length != 3 || kind is not ("NN" or "NT" or "TN" or "TT")
                    || !sizes.All(size => int.TryParse(size, CultureInfo.InvariantCulture, out var number) && number > 0))
                {
                    Console.Error.WriteLine($"products: '{shape} {kind}' is not understood");
                    Console.Error.WriteLine(Usage);
                    return 2;
                }

                var numbers = sizes.Select(size => int.Parse(size, CultureInfo.InvariantCulture)).ToArray();
                using var product = new Product(numbers[0], numbers[1], numbers[2], kind[0] == 'T', kind[1] == 'T');
                var (percent, ratio) = Measure(product, shape, kind, natives, threads, milliseconds, rounds);
                (share, least) = (Math.Min(share, percent), Math.Min(least, ratio));
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"least: {share:F1} % of the peak, {least:F2} of the best native library"));
        return 0;
    }

    private static (double Percent, double Ratio) Measure(
        Product product, string shape, string kind, IReadOnlyList<(string Name, Action<Product> Multiply)> natives, int threads,
        double milliseconds, int rounds)
    {
        var candidates = new List<Action<Product>> { static _ => FmaPeak.Run(), Ours };
        candidates.AddRange(natives.Select(native => native.Multiply));
        var results = new float[candidates.Count][];
        for (var i = 1; i < candidates.Count; i++)
        {
            product.Clear();
            candidates[i](product);
            results[i] = product.Result();
            if (product.Distance(results[1], results[i]) > 1)
            {
                throw new InvalidOperationException(
                    $"{shape} {kind}: {natives[i - 2].Name} has another result, {product.Distance(results[1], results[i]):G3} times what rounding explains");
            }
        }

        var best = new double[candidates.Count];
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < candidates.Count; i++)
            {
                var flops = i == 0 ? FmaPeak.Flops * threads : product.Flops;
                best[i] = Math.Max(best[i], Speed(candidates[i], product, flops, i == 0 ? milliseconds / 4 : milliseconds));
            }
        }

        var (percent, ratio) = (100 * best[1] / best[0], natives.Count == 0 ? double.NaN : best[1] / best.Skip(2).Max());
        Console.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{shape,-16}{kind,5}{best[0],9:F1}{best[1],9:F1}{percent,8:F1}")
            + string.Concat(best.Skip(2).Select(speed => string.Create(CultureInfo.InvariantCulture, $"{speed,20:F1}")))
            + string.Create(CultureInfo.InvariantCulture, $"{ratio,18:F2}"));
        return (percent, ratio);
    }

    private static void Ours(Product product) => MatrixProduct.Multiply(
        product.M, product.N, product.K, product.A, product.RowA, product.TransposeA, product.B, product.RowB, product.TransposeB, product.C, product.N);

    /// <summary>GFLOP/s of the fastest of several short series.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Speed(Action<Product> multiply, Product product, double flops, double milliseconds)
    {
        multiply(product);
        var start = Stopwatch.GetTimestamp();
        multiply(product);
        var one = Math.Max(1, Stopwatch.GetElapsedTime(start).TotalNanoseconds);
        var calls = Math.Clamp((int)(100_000 / one), 1, 100_000);
        var series = Math.Max(3, (int)(milliseconds * 1e6 / (one * calls)));
        var least = double.MaxValue;
        for (var i = 0; i < series; i++)
        {
            start = Stopwatch.GetTimestamp();
            for (var call = 0; call < calls; call++)
            {
                multiply(product);
            }

            least = Math.Min(least, Stopwatch.GetElapsedTime(start).TotalNanoseconds / calls);
        }

        return flops / least;
    }
}
