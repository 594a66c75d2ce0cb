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
            var pad = stackalloc T[N.Count * 5];
            T* padP = pad, padG = pad + N.Count, pad0 = pad + (2 * N.Count), pad1 = pad + (3 * N.Count), pad2 = pad + (4 * N.Count);
            var rest = count - i;
            Tail.Fill(padP, p + i, rest, N.Count);
            Tail.Fill(padG, g + i, rest, N.Count);
            Tail.Fill(pad0, s0 + i, TRule.StateCount > 0 ? rest : 0, N.Count);
            Tail.Fill(pad1, s1 + i, TRule.StateCount > 1 ? rest : 0, N.Count);
            Tail.Fill(pad2, s2 + i, TRule.StateCount > 2 ? rest : 0, N.Count);
            Step(constants, padP, padG, pad0, pad1, pad2);
            Tail.Copy(p + i, padP, rest);
            Tail.Copy(s0 + i, pad0, TRule.StateCount > 0 ? rest : 0);
            Tail.Copy(s1 + i, pad1, TRule.StateCount > 1 ? rest : 0);
            Tail.Copy(s2 + i, pad2, TRule.StateCount > 2 ? rest : 0);
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
}
