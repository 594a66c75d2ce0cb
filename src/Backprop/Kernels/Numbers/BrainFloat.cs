using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>The rounding of floats to their upper halves.</summary>
internal static class BrainFloat
{
    /// <summary>The upper half of a float's bits, rounded to the nearest, of two to the even one; NaN stays NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Round(uint raw) =>
        (ushort)((float.IsNaN(BitConverter.UInt32BitsToSingle(raw)) ? raw | 0x400000u : raw + 0x7FFF + ((raw >> 16) & 1)) >> 16);
}
