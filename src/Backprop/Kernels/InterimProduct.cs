namespace Backprop.Kernels;

internal static unsafe class MatrixProduct
{
    public static void Multiply<T>(int m, int n, int k, 
        T* a, int lda, bool transposeA, T* b, int ldb, bool transposeB, T* c, int ldc,
        bool accumulate = false, T* bias = null, bool relu = false)
        where T : unmanaged => MultiplyBatched(1, m, n, k, a, lda, transposeA, b, ldb, transposeB, c, ldc, 0, 0, 0, accumulate, bias, relu);

    public static void MultiplyBatched<T>(int batch, int m, int n, int k, 
        T* a, int lda, bool transposeA, T* b, int ldb, bool transposeB, T* c, int ldc,
        nint strideA, nint strideB, nint strideC, bool accumulate = false, T* bias = null, bool relu = false)
        where T : unmanaged
    {
        for (var q = 0; q < batch; q++)
        {
            if (typeof(T) == typeof(float))
            {
                Go(m, n, k, (float*)(a + q * strideA), lda, transposeA, 
(float*)(b + q * strideB), ldb, transposeB, (float*)(c + q * strideC), ldc, accumulate, (float*)bias);
            }
            else
            {
                Go(m, n, k, (double*)(a + q * strideA), lda, transposeA, 
(double*)(b + q * strideB), ldb, transposeB, (double*)(c + q * strideC), ldc, accumulate, (double*)bias);
            }
        }
    }

    private static void Go<T>(int m, int n, int k, T* a, int lda, bool ta, T* b, int ldb, bool tb, T* c, int ldc, bool acc, T* bias)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        for (var i = 0; i < m; i++)
        {
            for (var j = 0; j < n; j++)
            {
                var s = acc ? c[i * ldc + j] : T.Zero;
                if (bias != null) s += bias[j];
                for (var p = 0; p < k; p++)
                {
                    s += (ta ? a[p * lda + i] : a[i * lda + p]) * (tb ? b[j * ldb + p] : b[p * ldb + j]);
                }

                c[i * ldc + j] = s;
            }
        }
    }
}
