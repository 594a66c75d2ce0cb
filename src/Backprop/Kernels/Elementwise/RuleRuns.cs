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
        var ahead = Prefetch.Ahead<T>(count);
        var i = 0;
        for (; i <= count - N.Count; i += N.Count)
        {
            Prefetch.Line(x + i + ahead);
            N.Store(rule.Value(N.Load(in x[i])), ref y[i]);
        }

        if (i < count)
        {
            N.StoreFirst(rule.Value(N.LoadFirst(x + i, count - i, default)), y + i, count - i);
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
        var ahead = Prefetch.Ahead<T>(count);
        var i = 0;
        if (accumulate)
        {
            for (; i <= count - N.Count; i += N.Count)
            {
                Prefetch.Line(g + i + ahead);
                Prefetch.Line(x + i + ahead);
                Prefetch.Line(y + i + ahead);
                var slope = rule.Slope(N.Load(in x[i]), N.Load(in y[i]));
                N.Store(N.Load(in gx[i]) + (N.Load(in g[i]) * slope), ref gx[i]);
            }
        }
        else
        {
            for (; i <= count - N.Count; i += N.Count)
            {
                Prefetch.Line(g + i + ahead);
                Prefetch.Line(x + i + ahead);
                Prefetch.Line(y + i + ahead);
                N.Store(N.Load(in g[i]) * rule.Slope(N.Load(in x[i]), N.Load(in y[i])), ref gx[i]);
            }
        }

        if (i < count)
        {
            var rest = count - i;
            var product = N.LoadFirst(g + i, rest, default) * rule.Slope(N.LoadFirst(x + i, rest, default), N.LoadFirst(y + i, rest, default));
            N.StoreFirst(accumulate ? N.LoadFirst(gx + i, rest, default) + product : product, gx + i, rest);
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
            var rest = count - i;
            N.StoreFirst(TRule.Value(N.LoadFirst(x + i, rest, default), N.LoadFirst(y + i, rest, default)), z + i, rest);
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
            var rest = count - i;
            var slope = Slope(N.LoadFirst(x + i, rest, default), N.LoadFirst(y + i, rest, default), N.LoadFirst(z + i, rest, default));
            var product = N.LoadFirst(g + i, rest, default) * slope;
            N.StoreFirst(accumulate ? N.LoadFirst(ga + i, rest, default) + product : product, ga + i, rest);
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
        var result = stackalloc T[N.Count];
        var i = 0;
        for (; i <= count - N.Count; i += N.Count)
        {
            N.Store(TRule.Value(N.Load(in x[i]), N.Load(in y[i])), ref *result);
            Truth(result, truth + i, N.Count);
        }

        if (i < count)
        {
            N.Store(TRule.Value(N.LoadFirst(x + i, count - i, default), N.LoadFirst(y + i, count - i, default)), ref *result);
            Truth(result, truth + i, count - i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Truth(T* result, byte* truth, int count)
    {
        // 1 has a bit set and 0 has none, in every element type; asking the bits leaves the loop without branches.
        for (var i = 0; i < count; i++)
        {
            var any = sizeof(T) == 8 ? ((long*)result)[i] != 0 : sizeof(T) == 4 ? ((int*)result)[i] != 0 : ((byte*)result)[i] != 0;
            truth[i] = Unsafe.BitCast<bool, byte>(any);
        }
    }
}
