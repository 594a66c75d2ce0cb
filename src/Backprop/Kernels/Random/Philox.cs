using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Backprop.Kernels;

/// <summary>
/// The counter-based generator Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3",
/// 2011). A block of four 32-bit words is a pure function of a 128-bit counter and a 64-bit key, so any part of a sequence
/// can be produced on its own, in any order, on any thread, with the same bits.
/// </summary>
/// <remarks>
/// The counter is split in two: <c>counter</c> (low 64 bits) numbers the blocks of one sequence, <c>stream</c> (high 64
/// bits) tells sequences of the same key apart.
/// </remarks>
internal static class Philox
{
    /// <summary>32-bit words in one block.</summary>
    public const int WordsPerBlock = 4;

    private const int Rounds = 10;
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;

    /// <summary>One block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static (uint W0, uint W1, uint W2, uint W3) Block(ulong counter, ulong key, ulong stream = 0)
    {
        var (x0, x1) = ((uint)counter, (uint)(counter >> 32));
        var (x2, x3) = ((uint)stream, (uint)(stream >> 32));
        var (k0, k1) = ((uint)key, (uint)(key >> 32));
        for (var round = 0; round < Rounds; round++)
        {
            var p0 = (ulong)x0 * Multiplier0;
            var p1 = (ulong)x2 * Multiplier1;
            (x0, x1, x2, x3) = ((uint)(p1 >> 32) ^ x1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ x3 ^ k1, (uint)p0);
            k0 += Weyl0;
            k1 += Weyl1;
        }

        return (x0, x1, x2, x3);
    }

    /// <summary>
    /// Writes the words of the blocks <paramref name="counter"/>, <paramref name="counter"/> + 1, … in order; a last block
    /// that does not fit is cut.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Words(Span<uint> destination, ulong counter, ulong key, ulong stream = 0)
    {
        if (Avx512F.IsSupported)
        {
            for (; destination.Length >= 32; destination = destination[32..], counter += 8)
            {
                EightBlocks(ref MemoryMarshal.GetReference(destination), counter, key, stream);
            }
        }
        else if (Avx2.IsSupported)
        {
            for (; destination.Length >= 16; destination = destination[16..], counter += 4)
            {
                FourBlocks(ref MemoryMarshal.GetReference(destination), counter, key, stream);
            }
        }

        for (; destination.Length >= 4; destination = destination[4..], counter++)
        {
            (destination[0], destination[1], destination[2], destination[3]) = Block(counter, key, stream);
        }

        if (destination.Length > 0)
        {
            var (w0, w1, w2, _) = Block(counter, key, stream);
            ReadOnlySpan<uint> words = [w0, w1, w2];
            words[..destination.Length].CopyTo(destination);
        }
    }

    // Each 32-bit word lives in a 64-bit lane. The widening product reads only the low half of a lane, so whatever the
    // rounds leave in the high half does no harm and is cut off once, at the end.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EightBlocks(ref uint destination, ulong counter, ulong key, ulong stream)
    {
        var m0 = Vector512.Create((ulong)Multiplier0).AsUInt32();
        var m1 = Vector512.Create((ulong)Multiplier1).AsUInt32();
        var x0 = Vector512.Create(counter) + Vector512.Create(0UL, 1, 2, 3, 4, 5, 6, 7);
        var x1 = x0 >>> 32;
        var x2 = Vector512.Create(stream);
        var x3 = x2 >>> 32;
        var (k0, k1) = ((uint)key, (uint)(key >> 32));
        for (var round = 0; round < Rounds; round++)
        {
            var p0 = Avx512F.Multiply(x0.AsUInt32(), m0);
            var p1 = Avx512F.Multiply(x2.AsUInt32(), m1);
            x0 = (p1 >>> 32) ^ x1 ^ Vector512.Create((ulong)k0);
            x1 = p1;
            x2 = (p0 >>> 32) ^ x3 ^ Vector512.Create((ulong)k1);
            x3 = p0;
            k0 += Weyl0;
            k1 += Weyl1;
        }

        var low = Vector512.Create(0xFFFFFFFFUL);
        var first = (x0 & low) | (x1 << 32);
        var second = (x2 & low) | (x3 << 32);
        ref var target = ref Unsafe.As<uint, ulong>(ref destination);
        Avx512F.PermuteVar8x64x2(first, Vector512.Create(0UL, 8, 1, 9, 2, 10, 3, 11), second).StoreUnsafe(ref target);
        Avx512F.PermuteVar8x64x2(first, Vector512.Create(4UL, 12, 5, 13, 6, 14, 7, 15), second).StoreUnsafe(ref target, 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FourBlocks(ref uint destination, ulong counter, ulong key, ulong stream)
    {
        var m0 = Vector256.Create((ulong)Multiplier0).AsUInt32();
        var m1 = Vector256.Create((ulong)Multiplier1).AsUInt32();
        var x0 = Vector256.Create(counter) + Vector256.Create(0UL, 1, 2, 3);
        var x1 = x0 >>> 32;
        var x2 = Vector256.Create(stream);
        var x3 = x2 >>> 32;
        var (k0, k1) = ((uint)key, (uint)(key >> 32));
        for (var round = 0; round < Rounds; round++)
        {
            var p0 = Avx2.Multiply(x0.AsUInt32(), m0);
            var p1 = Avx2.Multiply(x2.AsUInt32(), m1);
            x0 = (p1 >>> 32) ^ x1 ^ Vector256.Create((ulong)k0);
            x1 = p1;
            x2 = (p0 >>> 32) ^ x3 ^ Vector256.Create((ulong)k1);
            x3 = p0;
            k0 += Weyl0;
            k1 += Weyl1;
        }

        var low = Vector256.Create(0xFFFFFFFFUL);
        var first = (x0 & low) | (x1 << 32);
        var second = (x2 & low) | (x3 << 32);
        var even = Avx2.UnpackLow(first, second); // blocks 0 and 2
        var odd = Avx2.UnpackHigh(first, second); // blocks 1 and 3
        ref var target = ref Unsafe.As<uint, ulong>(ref destination);
        Avx2.Permute2x128(even, odd, 0x20).StoreUnsafe(ref target);
        Avx2.Permute2x128(even, odd, 0x31).StoreUnsafe(ref target, 4);
    }
}
