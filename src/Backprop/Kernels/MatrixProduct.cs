using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Backprop.Kernels.Products;

namespace Backprop.Kernels;

/// <summary>
/// C = op(A) · op(B) (+ C) (+ bias) (then ReLU), where op is the identity or the transpose, matrices are row-major, and leading
/// dimensions count elements from one row to the next.
/// </summary>
internal static unsafe class MatrixProduct
{
    /// <summary>The fastest instructions of this processor.</summary>
    public static Instructions Best
        => Avx512F.IsSupported ? Instructions.Avx512 : Avx2.IsSupported && Fma.IsSupported ? Instructions.Avx2 : Instructions.Portable;

    /// <summary>Bytes of the registers that <see cref="Best"/> has.</summary>
    public static int RegisterBytes => Best switch { Instructions.Avx512 => 64, Instructions.Avx2 => 32, _ => 16 };

    /// <summary>C = op(A) · op(B) (+ C) (+ bias) (then ReLU).</summary>
    /// <param name="m">Rows of op(A) and C.</param>
    /// <param name="n">Columns of op(B) and C.</param>
    /// <param name="k">Columns of op(A), rows of op(B). 0 is allowed: the sums are empty.</param>
    /// <param name="a">[m, k], or [k, m] if <paramref name="transposeA"/>.</param>
    /// <param name="lda">Elements from one row of <paramref name="a"/> to the next.</param>
    /// <param name="transposeA">Whether op(A) is the transpose.</param>
    /// <param name="b">[k, n], or [n, k] if <paramref name="transposeB"/>.</param>
    /// <param name="ldb">Elements from one row of <paramref name="b"/> to the next.</param>
    /// <param name="transposeB">Whether op(B) is the transpose.</param>
    /// <param name="c">[m, n]; overlaps no operand.</param>
    /// <param name="ldc">Elements from one row of <paramref name="c"/> to the next; what lies between rows is left alone.</param>
    /// <param name="accumulate">Whether C is added to; else it is overwritten and may hold anything.</param>
    /// <param name="bias">[n], added to every row, or null.</param>
    /// <param name="relu">Whether negative results become zero; NaN stays NaN.</param>
    /// <exception cref="NotSupportedException">T is neither float nor double.</exception>
    public static void Multiply<T>(
        int m, int n, int k, T* a, int lda, bool transposeA, T* b, int ldb, bool transposeB, T* c, int ldc,
        bool accumulate = false, T* bias = null, bool relu = false)
        where T : unmanaged
        => Multiply(Best, 1, m, n, k, a, lda, transposeA, b, ldb, transposeB, c, ldc, 0, 0, 0, accumulate, bias, relu);

    /// <summary>
    /// <see cref="Multiply{T}(int, int, int, T*, int, bool, T*, int, bool, T*, int, bool, T*, bool)"/> for <c>batch</c> matrices,
    /// whose first elements lie <c>strideA</c>, <c>strideB</c> and <c>strideC</c> elements apart. Stride 0 shares an operand among
    /// all; results do not overlap.
    /// </summary>
    public static void MultiplyBatched<T>(
        int batch, int m, int n, int k, T* a, int lda, bool transposeA, T* b, int ldb, bool transposeB, T* c, int ldc,
        nint strideA, nint strideB, nint strideC, bool accumulate = false, T* bias = null, bool relu = false)
        where T : unmanaged
        => Multiply(
            Best, batch, m, n, k, a, lda, transposeA, b, ldb, transposeB, c, ldc, strideA, strideB, strideC, accumulate, bias, relu);

    /// <summary>The same with chosen instructions; what the processor lacks falls back to portable code.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<T>(
        Instructions instructions, int batch, int m, int n, int k, T* a, int lda, bool transposeA, T* b, int ldb, bool transposeB,
        T* c, int ldc, nint strideA, nint strideB, nint strideC, bool accumulate, T* bias, bool relu)
        where T : unmanaged
    {
        if (batch <= 0 || m <= 0 || n <= 0)
        {
            return;
        }

        Task<T> task = new()
        {
            Batch = batch,
            M = m,
            N = n,
            K = k,
            A = a,
            Lda = lda,
            TransposeA = transposeA,
            StrideA = strideA,
            B = b,
            Ldb = ldb,
            TransposeB = transposeB,
            StrideB = strideB,
            C = c,
            Ldc = ldc,
            StrideC = strideC,
            Accumulate = accumulate,
            Bias = bias,
            Relu = relu,
        };
        Dispatch.Run<T, Task<T>>(instructions, ref task);
    }

    private struct Task<TElement> : IRegisterTask
        where TElement : unmanaged
    {
        public TElement* A, B, C, Bias;
        public nint StrideA, StrideB, StrideC;
        public int Batch, M, N, K, Lda, Ldb, Ldc;
        public bool TransposeA, TransposeB, Accumulate, Relu;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Run<V, T, I>()
            where V : struct
            where T : unmanaged, INumber<T>
            where I : IRegister<V, T>
            => Driver<V, T, I>.Multiply(
                Batch, M, N, K, (T*)A, Lda, TransposeA, (T*)B, Ldb, TransposeB, (T*)C, Ldc, StrideA, StrideB, StrideC, Accumulate, (T*)Bias, Relu);
    }
}
