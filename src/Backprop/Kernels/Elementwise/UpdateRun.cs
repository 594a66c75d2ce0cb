using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// One step of an optimizer in one pass. Operands: the parameter, its gradient, and as many states as the rule has. Parameter and states are
/// read and written; the states must be contiguous, for the loop writes only operand 0 back from a buffer.
/// </summary>
internal readonly unsafe struct UpdateRun<TRule, N, T>(TRule rule) : IWritesStates
    where TRule : struct, IUpdateRule
    where N : struct, ILanes<N, T>
    where T : unmanaged
{
    public bool ReadsOutput => true;

    public double NanosecondsPerElement => 0.2 * (1 + TRule.StateCount);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(byte** operands, int count)
    {
        var p = (T*)operands[0];
        var g = (T*)operands[1];

        // States that the rule doesn't have are neither read nor written: StateCount is a constant to the compiler.
        var s0 = TRule.StateCount > 0 ? (T*)operands[2] : null;
        var s1 = TRule.StateCount > 1 ? (T*)operands[3] : null;
        var s2 = TRule.StateCount > 2 ? (T*)operands[4] : null;

        // The compiler doesn't move the conversion of the rule's constants out of the loop; four registers at a time share it.
        var constants = rule;
        var i = 0;
        for (; i <= count - (4 * N.Count); i += 4 * N.Count)
        {
            var (b, c, d) = (i + N.Count, i + (2 * N.Count), i + (3 * N.Count));
            Step(in constants, p + i, g + i, s0 + i, s1 + i, s2 + i);
            Step(in constants, p + b, g + b, s0 + b, s1 + b, s2 + b);
            Step(in constants, p + c, g + c, s0 + c, s1 + c, s2 + c);
            Step(in constants, p + d, g + d, s0 + d, s1 + d, s2 + d);
        }

        if (i < count)
        {
            Rest(p + i, g + i, s0 + i, s1 + i, s2 + i, count - i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(in TRule constants, T* p, T* g, T* s0, T* s1, T* s2)
    {
        var state = new States<N>(
            TRule.StateCount > 0 ? N.Load(in *s0) : default,
            TRule.StateCount > 1 ? N.Load(in *s1) : default,
            TRule.StateCount > 2 ? N.Load(in *s2) : default);
        var next = constants.Update(N.Load(in *p), N.Load(in *g), state);
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

    /// <summary>Fewer elements than four registers hold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Rest(T* p, T* g, T* s0, T* s1, T* s2, int count)
    {
        var constants = rule;
        var i = 0;
        for (; i <= count - N.Count; i += N.Count)
        {
            Step(in constants, p + i, g + i, s0 + i, s1 + i, s2 + i);
        }

        var rest = count - i;
        if (rest == 0)
        {
            return;
        }

        var state = new States<N>(
            TRule.StateCount > 0 ? N.LoadFirst(s0 + i, rest, default) : default,
            TRule.StateCount > 1 ? N.LoadFirst(s1 + i, rest, default) : default,
            TRule.StateCount > 2 ? N.LoadFirst(s2 + i, rest, default) : default);
        var next = constants.Update(N.LoadFirst(p + i, rest, default), N.LoadFirst(g + i, rest, default), state);
        N.StoreFirst(next.Parameter, p + i, rest);
        if (TRule.StateCount > 0)
        {
            N.StoreFirst(next.First, s0 + i, rest);
        }

        if (TRule.StateCount > 1)
        {
            N.StoreFirst(next.Second, s1 + i, rest);
        }

        if (TRule.StateCount > 2)
        {
            N.StoreFirst(next.Third, s2 + i, rest);
        }
    }
}
