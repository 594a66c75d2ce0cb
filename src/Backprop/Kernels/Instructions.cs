namespace Backprop.Kernels;

/// <summary>The instructions a matrix product is computed with.</summary>
internal enum Instructions
{
    /// <summary>128 bit, on any processor.</summary>
    Portable,

    /// <summary>AVX2 with fused multiply-add.</summary>
    Avx2,

    /// <summary>AVX-512.</summary>
    Avx512,
}
