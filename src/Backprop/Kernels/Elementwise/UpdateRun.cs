using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// One step of an optimizer in one pass. Operands: the parameter, its gradient, and as many states as the rule has. Parameter and states are
/// read and written; the states must be contiguous, for the loop writes only operand 0 back from a buffer.
/// </summary>
internal readonly unsafe struct UpdateRun<TRule, N, T>(TRule rule) : IRun
    where TRule : struct, IUpdateRule
    where N : struct, ILanes<N, T>
    where T : unmanaged
{
    public bool ReadsOutput => true;

    public double NanosecondsPerElement => 0.25 * (1 + TRule.StateCount);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(byte** operands, int count)
    {
        var p = (T*)operands[0];
        var g = (T*)operands[1];

        // States that the rule doesn't have are neither read nor written: StateCount is a constant to the compiler.
        var s0 = TRule.StateCount > 0 ? (T*)operands[2] : null;
        var s1 = TRule.StateCount > 1 ? (T*)operands[3] : null;
        var s2 = TRule.StateCount > 2 ? (T*)operands[4] : null;
        var constants = rule;
        var i = 0;
        for (; i <= count - N.Count; i += N.Count)
        {
            Step(constants, p + i, g + i, s0 + i, s1 + i, s2 + i);
        }

        if (i < count)
        {
            StepFirst(constants, p + i, g + i, s0 + i, s1 + i, s2 + i, count - i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(TRule rule, T* p, T* g, T* s0, T* s1, T* s2)
    {
        var state = new States<N>(
            TRule.StateCount > 0 ? N.Load(in *s0) : default,
            TRule.StateCount > 1 ? N.Load(in *s1) : default,
            TRule.StateCount > 2 ? N.Load(in *s2) : default);
        var next = rule.Update(N.Load(in *p), N.Load(in *g), state);
        N.Store(next.Parameter, ref *p);
        if (TRule.StateCount > 0)
        {
            N.Store(next.First, ref *s0);
        }

        if (TRule.StateCount > 1)
        {
            N.Store(next.Second, ref *s1);
        }

        if (TRule.StateCount > 2)
        {
            N.Store(next.Third, ref *s2);
        }
    }

    /// <summary>The same for fewer elements than a register holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StepFirst(TRule rule, T* p, T* g, T* s0, T* s1, T* s2, int count)
    {
        var state = new States<N>(
            TRule.StateCount > 0 ? N.LoadFirst(s0, count, default) : default,
            TRule.StateCount > 1 ? N.LoadFirst(s1, count, default) : default,
            TRule.StateCount > 2 ? N.LoadFirst(s2, count, default) : default);
        var next = rule.Update(N.LoadFirst(p, count, default), N.LoadFirst(g, count, default), state);
        N.StoreFirst(next.Parameter, p, count);
        if (TRule.StateCount > 0)
        {
            N.StoreFirst(next.First, s0, count);
        }

        if (TRule.StateCount > 1)
        {
            N.StoreFirst(next.Second, s1, count);
        }

        if (TRule.StateCount > 2)
        {
            N.StoreFirst(next.Third, s2, count);
        }
    }
}
