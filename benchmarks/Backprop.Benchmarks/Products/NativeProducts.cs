using System.Runtime.InteropServices;

namespace Backprop.Benchmarks.Products;

/// <summary>Products by native libraries where they are installed: to hold ours against, in this benchmark only.</summary>
internal static unsafe class NativeProducts
{
    private const int RowMajor = 101;
    private const int NotTransposed = 111;
    private const int Transposed = 112;

    /// <summary>The libraries found, by name.</summary>
    public static IReadOnlyList<(string Name, Action<Product> Multiply)> Find(int threads)
    {
        var found = new List<(string, Action<Product>)>();
        if (TryLoad("libopenblas.so.0", "cblas_sgemm", out var openBlas, out var gemm))
        {
            if (NativeLibrary.TryGetExport(openBlas, "openblas_set_num_threads", out var set))
            {
                ((delegate* unmanaged<int, void>)set)(threads);
            }

            var name = NativeLibrary.TryGetExport(openBlas, "openblas_get_corename", out var core)
                ? Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)core)())
                : "?";
            found.Add(($"OpenBLAS {name}", product => RunOpenBlas(gemm, product)));
        }

        // oneDNN takes its threads from the environment (OMP_NUM_THREADS).
        if (TryLoad("libdnnl.so.2", "dnnl_sgemm", out _, out var dnnl) || TryLoad("libdnnl.so.3", "dnnl_sgemm", out _, out dnnl))
        {
            found.Add(("oneDNN", product => RunDnnl(dnnl, product)));
        }

        return found;
    }

    private static bool TryLoad(string library, string function, out nint handle, out nint address)
    {
        address = 0;
        return NativeLibrary.TryLoad(library, out handle) && NativeLibrary.TryGetExport(handle, function, out address);
    }

    private static void RunOpenBlas(nint function, Product product)
        => ((delegate* unmanaged<int, int, int, int, int, int, float, float*, int, float*, int, float, float*, int, void>)function)(
            RowMajor, product.TransposeA ? Transposed : NotTransposed, product.TransposeB ? Transposed : NotTransposed,
            product.M, product.N, product.K, 1, product.A, product.RowA, product.B, product.RowB, 0, product.C, product.N);

    private static void RunDnnl(nint function, Product product)
        => ((delegate* unmanaged<byte, byte, long, long, long, float, float*, long, float*, long, float, float*, long, int>)function)(
            (byte)(product.TransposeA ? 'T' : 'N'), (byte)(product.TransposeB ? 'T' : 'N'), product.M, product.N, product.K,
            1, product.A, product.RowA, product.B, product.RowB, 0, product.C, product.N);
}
