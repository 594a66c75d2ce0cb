using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Backprop.Benchmarks.Roofline;

/// <summary>The matrix product of an OpenBLAS that is installed on the machine, for comparison. The library itself calls no native code.</summary>
public sealed unsafe class NativeProduct
{
    private static readonly string[] Names = ["libopenblas.so.0", "libopenblas.so", "libopenblas.dylib", "openblas.dll", "libopenblas.dll"];

    private readonly delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void> multiply;

    private NativeProduct(nint multiply) =>
        this.multiply = (delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)multiply;

    /// <summary>The installed library, told to use this number of threads; null where there is none.</summary>
    public static NativeProduct? Load(int threads)
    {
        foreach (var name in Names)
        {
            if (NativeLibrary.TryLoad(name, out var library) && NativeLibrary.TryGetExport(library, "cblas_sgemm", out var multiply))
            {
                if (NativeLibrary.TryGetExport(library, "openblas_set_num_threads", out var setThreads))
                {
                    ((delegate* unmanaged<int, void>)setThreads)(threads);
                }

                return new(multiply);
            }
        }

        return null;
    }

    /// <summary>Best seconds of a product [m, k] × [k, n] of contiguous float32 matrices.</summary>
    public double Seconds(int m, int k, int n, double seconds)
    {
        const int rowMajor = 101, asStored = 111;
        var a = Ones(m * k);
        var b = Ones(k * n);
        var c = Ones(m * n);
        var samples = new List<double>();
        var clock = Stopwatch.StartNew();
        var count = Math.Max(1, (int)(1e9 / (2.0 * m * k * n)));
        while (samples.Count < 5 || clock.Elapsed.TotalSeconds < seconds)
        {
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < count; i++)
            {
                multiply(rowMajor, asStored, asStored, m, n, k, 1, a, k, b, n, 0, c, n);
            }

            samples.Add(Stopwatch.GetElapsedTime(start).TotalSeconds / count);
        }

        NativeMemory.AlignedFree(a);
        NativeMemory.AlignedFree(b);
        NativeMemory.AlignedFree(c);
        return samples.Min();
    }

    private static float* Ones(int count)
    {
        var values = (float*)NativeMemory.AlignedAlloc((nuint)count * sizeof(float), 64);
        new Span<float>(values, count).Fill(1);
        return values;
    }
}
