using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Backprop.Kernels;

/// <summary>Registers whose elements belong to two sequences in turn: taking these apart and putting them together again.</summary>
internal static unsafe class Interleaved<N, T>
    where N : struct, ILanes<N, T>
    where T : unmanaged
{
    /// <summary>The elements at even places of two registers one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static N Even(N a, N b)
    {
        if (Unsafe.SizeOf<N>() == 64 && sizeof(T) == 4 && Avx512F.IsSupported)
        {
            var places = Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
            return Number(Avx512F.PermuteVar16x32x2(Wide<int>(a), places, Wide<int>(b)));
        }

        if (Unsafe.SizeOf<N>() == 64 && sizeof(T) == 8 && Avx512F.IsSupported)
        {
            return Number(Avx512F.PermuteVar8x64x2(Wide<long>(a), Vector512.Create(0L, 2, 4, 6, 8, 10, 12, 14), Wide<long>(b)));
        }

        if (Unsafe.SizeOf<N>() == 32 && sizeof(T) == 4 && Avx2.IsSupported)
        {
            var pairs = Avx.Shuffle(Narrow<float>(a), Narrow<float>(b), 0b10_00_10_00);
            return Number(Avx2.Permute4x64(pairs.AsInt64(), 0b11_01_10_00));
        }

        if (Unsafe.SizeOf<N>() == 32 && sizeof(T) == 8 && Avx2.IsSupported)
        {
            return Number(Avx2.Permute4x64(Avx2.UnpackLow(Narrow<long>(a), Narrow<long>(b)), 0b11_01_10_00));
        }

        return EveryOther(a, b, 0);
    }

    /// <summary>The elements at odd places of two registers one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static N Odd(N a, N b)
    {
        if (Unsafe.SizeOf<N>() == 64 && sizeof(T) == 4 && Avx512F.IsSupported)
        {
            var places = Vector512.Create(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
            return Number(Avx512F.PermuteVar16x32x2(Wide<int>(a), places, Wide<int>(b)));
        }

        if (Unsafe.SizeOf<N>() == 64 && sizeof(T) == 8 && Avx512F.IsSupported)
        {
            return Number(Avx512F.PermuteVar8x64x2(Wide<long>(a), Vector512.Create(1L, 3, 5, 7, 9, 11, 13, 15), Wide<long>(b)));
        }

        if (Unsafe.SizeOf<N>() == 32 && sizeof(T) == 4 && Avx2.IsSupported)
        {
            var pairs = Avx.Shuffle(Narrow<float>(a), Narrow<float>(b), 0b11_01_11_01);
            return Number(Avx2.Permute4x64(pairs.AsInt64(), 0b11_01_10_00));
        }

        if (Unsafe.SizeOf<N>() == 32 && sizeof(T) == 8 && Avx2.IsSupported)
        {
            return Number(Avx2.Permute4x64(Avx2.UnpackHigh(Narrow<long>(a), Narrow<long>(b)), 0b11_01_10_00));
        }

        return EveryOther(a, b, 1);
    }

    /// <summary>Two registers whose elements, one after the other, are those of a and b in turn: what <see cref="Even"/> and <see cref="Odd"/> undo.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static (N Low, N High) InTurn(N a, N b)
    {
        if (Unsafe.SizeOf<N>() == 64 && sizeof(T) == 4 && Avx512F.IsSupported)
        {
            var low = Vector512.Create(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
            var high = low + Vector512.Create(8);
            return (
                Number(Avx512F.PermuteVar16x32x2(Wide<int>(a), low, Wide<int>(b))),
                Number(Avx512F.PermuteVar16x32x2(Wide<int>(a), high, Wide<int>(b))));
        }

        if (Unsafe.SizeOf<N>() == 64 && sizeof(T) == 8 && Avx512F.IsSupported)
        {
            var low = Vector512.Create(0L, 8, 1, 9, 2, 10, 3, 11);
            var high = low + Vector512.Create(4L);
            return (
                Number(Avx512F.PermuteVar8x64x2(Wide<long>(a), low, Wide<long>(b))),
                Number(Avx512F.PermuteVar8x64x2(Wide<long>(a), high, Wide<long>(b))));
        }

        if (Unsafe.SizeOf<N>() == 32 && Avx2.IsSupported)
        {
            var (first, second) = sizeof(T) == 4
                ? (Avx2.UnpackLow(Narrow<int>(a), Narrow<int>(b)), Avx2.UnpackHigh(Narrow<int>(a), Narrow<int>(b)))
                : (Avx2.UnpackLow(Narrow<long>(a), Narrow<long>(b)).AsInt32(), Avx2.UnpackHigh(Narrow<long>(a), Narrow<long>(b)).AsInt32());
            return (Number(Avx2.Permute2x128(first, second, 0x20)), Number(Avx2.Permute2x128(first, second, 0x31)));
        }

        var result = stackalloc T[2 * N.Count];
        for (var i = 0; i < N.Count; i++)
        {
            (result[2 * i], result[(2 * i) + 1]) = (Unsafe.Add(ref Unsafe.As<N, T>(ref a), i), Unsafe.Add(ref Unsafe.As<N, T>(ref b), i));
        }

        return (N.Load(ref *result), N.Load(ref result[N.Count]));
    }

    /// <summary>Every second element from <paramref name="source"/> on, a register full; the last one read is the last one taken.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static N LoadEveryOther(T* source)
    {
        var (a, b) = (N.Load(ref *source), N.Load(ref source[N.Count - 1]));
        if (Unsafe.SizeOf<N>() == 64 && sizeof(T) == 4 && Avx512F.IsSupported)
        {
            var places = Vector512.Create(0, 2, 4, 6, 8, 10, 12, 14, 17, 19, 21, 23, 25, 27, 29, 31);
            return Number(Avx512F.PermuteVar16x32x2(Wide<int>(a), places, Wide<int>(b)));
        }

        if (Unsafe.SizeOf<N>() == 64 && sizeof(T) == 8 && Avx512F.IsSupported)
        {
            return Number(Avx512F.PermuteVar8x64x2(Wide<long>(a), Vector512.Create(0L, 2, 4, 6, 9, 11, 13, 15), Wide<long>(b)));
        }

        if (Unsafe.SizeOf<N>() == 32 && sizeof(T) == 4 && Avx2.IsSupported)
        {
            var pairs = Avx.Shuffle(Narrow<float>(a), Narrow<float>(b), 0b11_01_10_00);
            return Number(Avx2.Permute4x64(pairs.AsInt64(), 0b11_01_10_00));
        }

        if (Unsafe.SizeOf<N>() == 32 && sizeof(T) == 8 && Avx2.IsSupported)
        {
            return Number(Avx2.Permute4x64(Avx.Shuffle(Narrow<double>(a), Narrow<double>(b), 0b1010).AsInt64(), 0b11_01_10_00));
        }

        var result = stackalloc T[N.Count];
        for (var i = 0; i < N.Count; i++)
        {
            result[i] = source[2 * i];
        }

        return N.Load(ref *result);
    }

    /// <summary>
    /// <see cref="LoadEveryOther(T*)"/> for the first <paramref name="count"/> elements, fewer than a register has; reads nothing beyond them.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static N LoadEveryOther(T* source, int count)
    {
        var span = (2 * count) - 1;
        var low = N.LoadFirst(source, Math.Min(span, N.Count), default);
        return Even(low, N.LoadFirst(source + Math.Min(span, N.Count), Math.Max(span - N.Count, 0), default));
    }

    private static N EveryOther(N a, N b, int first)
    {
        var result = stackalloc T[N.Count];
        for (var i = 0; i < N.Count / 2; i++)
        {
            result[i] = Unsafe.Add(ref Unsafe.As<N, T>(ref a), (2 * i) + first);
            result[(N.Count / 2) + i] = Unsafe.Add(ref Unsafe.As<N, T>(ref b), (2 * i) + first);
        }

        return N.Load(ref *result);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static Vector512<TElement> Wide<TElement>(N x)
        where TElement : unmanaged => Unsafe.BitCast<N, Vector512<TElement>>(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static Vector256<TElement> Narrow<TElement>(N x)
        where TElement : unmanaged => Unsafe.BitCast<N, Vector256<TElement>>(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static N Number<TRegister>(TRegister x)
        where TRegister : struct => Unsafe.BitCast<TRegister, N>(x);
}
