using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Backprop.Benchmarks.Roofline;

/// <summary>What the machine can do at most, measured on a number of threads at once: multiply-adds in registers, reading, and copying.</summary>
/// <remarks>Each figure is the best of many short runs: a limit is what was reached once, not what is reached on average.</remarks>
public sealed unsafe class MachineLimits(int threads)
{
    private const int Repeats = 25;
    private const double RepeatSeconds = 0.002;
    private const int Accumulators = 12;
    private const int FusedRounds = 2000;

    private readonly Dictionary<(long Bytes, bool Copies), double> bandwidths = [];
    private double flops;

    /// <summary>Bits of the registers that the multiply-adds were measured with.</summary>
    public static int RegisterBits => Vector512.IsHardwareAccelerated ? 512 : 256;

    /// <summary>Multiply-adds in registers, float32, two operations each, per second.</summary>
    public double Flops => flops != 0 ? flops : flops = Best(
        Vector512.IsHardwareAccelerated ? Fused512 : Fused256, 2.0 * Accumulators * FusedRounds * (RegisterBits / 32));

    /// <summary>Bytes read per second where nothing but a sum is kept of <paramref name="bytes"/> bytes.</summary>
    public double Reading(long bytes) => Bandwidth(bytes, copies: false);

    /// <summary>Bytes read and written per second by a copy that touches <paramref name="bytes"/> bytes in all, half of them source.</summary>
    public double Copying(long bytes) => Bandwidth(bytes, copies: true);

    private double Bandwidth(long bytes, bool copies)
    {
        if (!bandwidths.TryGetValue((bytes, copies), out var best))
        {
            var share = Math.Max(1024, bytes / threads / 1024 * 1024);
            var memory = new byte*[threads];
            for (var thread = 0; thread < threads; thread++)
            {
                memory[thread] = (byte*)NativeMemory.AlignedAlloc((nuint)share, 4096);
                new Span<byte>(memory[thread], checked((int)share)).Fill(1);
            }

            if (copies)
            {
                var half = share / 2;
                best = Math.Max(
                    Best(thread => Buffer.MemoryCopy(memory[thread], memory[thread] + half, half, half), 2.0 * half),
                    Best(thread => Copy((float*)memory[thread], (float*)(memory[thread] + half), half / sizeof(float), streaming: false), 2.0 * half));
                best = Math.Max(
                    best, Best(thread => Copy((float*)memory[thread], (float*)(memory[thread] + half), half / sizeof(float), streaming: true), 2.0 * half));
            }
            else
            {
                best = Best(thread => Sum((float*)memory[thread], share / sizeof(float)), share);
            }

            bandwidths[(bytes, copies)] = best;
            foreach (var start in memory)
            {
                NativeMemory.AlignedFree(start);
            }
        }

        return best;
    }

    /// <summary>The most that all threads together get done per second, where one call on one thread does <paramref name="amount"/>.</summary>
    private double Best(Action<int> work, double amount)
    {
        var results = new double[threads];
        if (threads == 1)
        {
            results[0] = BestOfThread(0, work, amount, null);
            return results[0];
        }

        using var barrier = new Barrier(threads);
        var team = Enumerable.Range(0, threads).Select(index => new Thread(() => results[index] = BestOfThread(index, work, amount, barrier))).ToArray();
        foreach (var thread in team)
        {
            thread.Start();
        }

        foreach (var thread in team)
        {
            thread.Join();
        }

        return results.Sum();
    }

    private static double BestOfThread(int index, Action<int> work, double amount, Barrier? barrier)
    {
        var count = 1L;
        double seconds;
        while ((seconds = Time(index, work, count)) < RepeatSeconds)
        {
            count *= 2;
        }

        barrier?.SignalAndWait();
        for (var repeat = 0; repeat < Repeats; repeat++)
        {
            seconds = Math.Min(seconds, Time(index, work, count));
        }

        return amount * count / seconds;
    }

    private static double Time(int index, Action<int> work, long count)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0L; i < count; i++)
        {
            work(index);
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fused512(int index)
    {
        // Twelve chains hide the latency of four cycles on two ports; as many fit the sixteen registers of older processors.
        var (x, y) = (Vector512.Create(0.5f), Vector512.Create(0.25f + index));
        Vector512<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (var round = 0; round < FusedRounds; round++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y);
            b = Vector512.FusedMultiplyAdd(b, x, y);
            c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y);
            e = Vector512.FusedMultiplyAdd(e, x, y);
            f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y);
            h = Vector512.FusedMultiplyAdd(h, x, y);
            i = Vector512.FusedMultiplyAdd(i, x, y);
            j = Vector512.FusedMultiplyAdd(j, x, y);
            k = Vector512.FusedMultiplyAdd(k, x, y);
            l = Vector512.FusedMultiplyAdd(l, x, y);
        }

        Use((a + b + c + d + e + f + g + h + i + j + k + l)[0]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fused256(int index)
    {
        var (x, y) = (Vector256.Create(0.5f), Vector256.Create(0.25f + index));
        Vector256<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (var round = 0; round < FusedRounds; round++)
        {
            a = Vector256.FusedMultiplyAdd(a, x, y);
            b = Vector256.FusedMultiplyAdd(b, x, y);
            c = Vector256.FusedMultiplyAdd(c, x, y);
            d = Vector256.FusedMultiplyAdd(d, x, y);
            e = Vector256.FusedMultiplyAdd(e, x, y);
            f = Vector256.FusedMultiplyAdd(f, x, y);
            g = Vector256.FusedMultiplyAdd(g, x, y);
            h = Vector256.FusedMultiplyAdd(h, x, y);
            i = Vector256.FusedMultiplyAdd(i, x, y);
            j = Vector256.FusedMultiplyAdd(j, x, y);
            k = Vector256.FusedMultiplyAdd(k, x, y);
            l = Vector256.FusedMultiplyAdd(l, x, y);
        }

        Use((a + b + c + d + e + f + g + h + i + j + k + l)[0]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum(float* x, long count)
    {
        // Vector512 is two registers of 256 bits where there is nothing wider.
        var (a, b, c, d) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
        for (var i = 0L; i <= count - 64; i += 64)
        {
            a += Vector512.Load(x + i);
            b += Vector512.Load(x + i + 16);
            c += Vector512.Load(x + i + 32);
            d += Vector512.Load(x + i + 48);
        }

        Use(Vector512.Sum(a + b + c + d));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copy(float* from, float* to, long count, bool streaming)
    {
        if (streaming)
        {
            for (var i = 0L; i <= count - 32; i += 32)
            {
                Vector512.LoadAligned(from + i).StoreAlignedNonTemporal(to + i);
                Vector512.LoadAligned(from + i + 16).StoreAlignedNonTemporal(to + i + 16);
            }
        }
        else
        {
            for (var i = 0L; i <= count - 32; i += 32)
            {
                Vector512.LoadAligned(from + i).StoreAligned(to + i);
                Vector512.LoadAligned(from + i + 16).StoreAligned(to + i + 16);
            }
        }
    }

    /// <summary>Somebody might want the value, so it has to be computed.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Use(float value) => _ = value;
}
