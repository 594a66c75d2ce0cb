using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>y = f(x). Operands: y, x.</summary>
internal readonly unsafe struct UnaryRun<TRule, N, T>(TRule rule) : IRun
    where TRule : struct, IParametricUnaryRule
    where N : struct, ILanes<N, T>
    where T : unmanaged
{
    public bool ReadsOutput => false;

    public double NanosecondsPerElement => 0.3;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(byte** operands, int count)
    {
        var y = (T*)operands[0];
        var x = (T*)operands[1];
        var i = 0;
        for (; i <= count - N.Count; i += N.Count)
        {
            N.Store(rule.Value(N.Load(in x[i])), ref y[i]);
        }

        if (i < count)
        {
            var pad = stackalloc T[N.Count];
            Tail.Fill(pad, x + i, count - i, N.Count);
            N.Store(rule.Value(N.Load(in *pad)), ref *pad);
            Tail.Copy(y + i, pad, count - i);
        }
    }
}

/// <summary>gx (+)= g · f′(x). Operands: gx, g, x, y; those that the slope doesn't use may be any readable ones.</summary>
internal readonly unsafe struct UnaryGradientRun<TRule, N, T>(TRule rule, bool accumulate) : IRun
    where TRule : struct, IParametricUnaryRule
    where N : struct, ILanes<N, T>
    where T : unmanaged
{
    public bool ReadsOutput => accumulate;

    public double NanosecondsPerElement => 0.4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(byte** operands, int count)
    {
        var gx = (T*)operands[0];
        var g = (T*)operands[1];
        var x = (T*)operands[2];
        var y = (T*)operands[3];
        var i = 0;
        if (accumulate)
        {
            for (; i <= count - N.Count; i += N.Count)
            {
                var slope = rule.Slope(N.Load(in x[i]), N.Load(in y[i]));
                N.Store(N.Load(in gx[i]) + (N.Load(in g[i]) * slope), ref gx[i]);
            }
        }
        else
        {
            for (; i <= count - N.Count; i += N.Count)
            {
                N.Store(N.Load(in g[i]) * rule.Slope(N.Load(in x[i]), N.Load(in y[i])), ref gx[i]);
            }
        }

        if (i < count)
        {
            var pad = stackalloc T[N.Count * 4];
            var rest = count - i;
            Tail.Fill(pad, g + i, rest, N.Count);
            Tail.Fill(pad + N.Count, x + i, rest, N.Count);
            Tail.Fill(pad + (2 * N.Count), y + i, rest, N.Count);
            Tail.Fill(pad + (3 * N.Count), gx + i, accumulate ? rest : 0, N.Count);
            var slope = rule.Slope(N.Load(in pad[N.Count]), N.Load(in pad[2 * N.Count]));
            var product = N.Load(in *pad) * slope;
            N.Store(accumulate ? N.Load(in pad[3 * N.Count]) + product : product, ref *pad);
            Tail.Copy(gx + i, pad, rest);
        }
    }
}

/// <summary>z = f(x, y). Operands: z, x, y.</summary>
internal readonly unsafe struct BinaryRun<TRule, N, T> : IRun
    where TRule : struct, IBinaryRule
    where N : struct, ILanes<N, T>
    where T : unmanaged
{
    public bool ReadsOutput => false;

    public double NanosecondsPerElement => 0.3;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(byte** operands, int count)
    {
        var z = (T*)operands[0];
        var x = (T*)operands[1];
        var y = (T*)operands[2];
        var i = 0;
        for (; i <= count - N.Count; i += N.Count)
        {
            N.Store(TRule.Value(N.Load(in x[i]), N.Load(in y[i])), ref z[i]);
        }

        if (i < count)
        {
            var pad = stackalloc T[N.Count * 2];
            Tail.Fill(pad, x + i, count - i, N.Count);
            Tail.Fill(pad + N.Count, y + i, count - i, N.Count);
            N.Store(TRule.Value(N.Load(in *pad), N.Load(in pad[N.Count])), ref *pad);
            Tail.Copy(z + i, pad, count - i);
        }
    }
}

/// <summary>ga (+)= g · ∂z/∂a for a = x or y. Operands: ga, g, x, y, z; unused ones may be any readable ones.</summary>
internal readonly unsafe struct BinaryGradientRun<TRule, N, T>(bool second, bool accumulate) : IRun
    where TRule : struct, IBinaryRule
    where N : struct, ILanes<N, T>
    where T : unmanaged
{
    public bool ReadsOutput => accumulate;

    public double NanosecondsPerElement => 0.4;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(byte** operands, int count)
    {
        var ga = (T*)operands[0];
        var g = (T*)operands[1];
        var x = (T*)operands[2];
        var y = (T*)operands[3];
        var z = (T*)operands[4];
        var i = 0;
        for (; i <= count - N.Count; i += N.Count)
        {
            var product = N.Load(in g[i]) * Slope(N.Load(in x[i]), N.Load(in y[i]), N.Load(in z[i]));
            N.Store(accumulate ? N.Load(in ga[i]) + product : product, ref ga[i]);
        }

        if (i < count)
        {
            var pad = stackalloc T[N.Count * 5];
            var rest = count - i;
            Tail.Fill(pad, g + i, rest, N.Count);
            Tail.Fill(pad + N.Count, x + i, rest, N.Count);
            Tail.Fill(pad + (2 * N.Count), y + i, rest, N.Count);
            Tail.Fill(pad + (3 * N.Count), z + i, rest, N.Count);
            Tail.Fill(pad + (4 * N.Count), ga + i, accumulate ? rest : 0, N.Count);
            var slope = Slope(N.Load(in pad[N.Count]), N.Load(in pad[2 * N.Count]), N.Load(in pad[3 * N.Count]));
            var product = N.Load(in *pad) * slope;
            N.Store(accumulate ? N.Load(in pad[4 * N.Count]) + product : product, ref *pad);
            Tail.Copy(ga + i, pad, rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private N Slope(N x, N y, N z) => second ? TRule.SlopeY(x, y, z) : TRule.SlopeX(x, y, z);
}

/// <summary>A comparison. Operands: the truth values (bytes), x, y.</summary>
internal readonly unsafe struct ComparisonRun<TRule, N, T> : IRun
    where TRule : struct, IComparisonRule
    where N : struct, ILanes<N, T>
    where T : unmanaged
{
    public bool ReadsOutput => false;

    public double NanosecondsPerElement => 0.5;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(byte** operands, int count)
    {
        var truth = operands[0];
        var x = (T*)operands[1];
        var y = (T*)operands[2];
        var pad = stackalloc T[N.Count * 2];
        for (var i = 0; i < count; i += N.Count)
        {
            var length = Math.Min(N.Count, count - i);
            Tail.Fill(pad, x + i, length, N.Count);
            Tail.Fill(pad + N.Count, y + i, length, N.Count);
            N.Store(TRule.Value(N.Load(in *pad), N.Load(in pad[N.Count])), ref *pad);
            for (var j = 0; j < length; j++)
            {
                truth[i + j] = EqualityComparer<T>.Default.Equals(pad[j], default) ? (byte)0 : (byte)1;
            }
        }
    }
}

/// <summary>The last few elements of a run, which don't fill a register, pass through a padded buffer.</summary>
internal static unsafe class Tail
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Fill<T>(T* pad, T* source, int count, int width)
        where T : unmanaged
    {
        for (var i = 0; i < width; i++)
        {
            pad[i] = i < count ? source[i] : default;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy<T>(T* destination, T* pad, int count)
        where T : unmanaged
    {
        for (var i = 0; i < count; i++)
        {
            destination[i] = pad[i];
        }
    }
}
