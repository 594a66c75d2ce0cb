namespace Backprop;

/// <summary>
/// The mathematics of an optimizer's step, said once: the new value of a parameter's element and of up to three numbers of state, from the old
/// ones and the gradient. Instantiated with SIMD registers it is one fused loop over memory.
/// </summary>
/// <remarks>
/// A rule is a readonly struct. Its fields are what is constant during a step (learning rate, bias corrections, …), computed once in the constructor.
/// Of <see cref="States{N}"/> it uses the first <see cref="StateCount"/>.
/// </remarks>
/// <example><code>
/// // m ← μ m + (1 − μ) g;  p ← p − lr · sign(m)
/// readonly struct SignRule(double rate, double momentum) : IUpdateRule
/// {
///     public static string Name => "sign";
///     public static int StateCount => 1;
///     public static string StateName(int index) => "momentum";
///     public Updated&lt;N&gt; Update&lt;N&gt;(N p, N g, States&lt;N&gt; state) where N : IReal&lt;N&gt;
///     {
///         var m = momentum * state.First + (1 - momentum) * g;
///         return new(p - N.IfGreater(m, 0, rate, N.IfGreater(0, m, -rate, 0)), m);
///     }
/// }
/// </code></example>
public interface IUpdateRule
{
    /// <summary>The step's name in messages.</summary>
    static abstract string Name { get; }

    /// <summary>How many numbers of state belong to an element: 0 … 3.</summary>
    static abstract int StateCount { get; }

    /// <summary>What a state is called in checkpoints and messages.</summary>
    /// <param name="index">0 … <see cref="StateCount"/> − 1.</param>
    static virtual string StateName(int index) => index switch { 0 => "first", 1 => "second", _ => "third" };

    /// <summary>One step of one element.</summary>
    /// <param name="parameter">The parameter's value.</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="state">Its state; each is 0 before the first step, unless the optimizer says otherwise.</param>
    Updated<N> Update<N>(N parameter, N gradient, States<N> state)
        where N : IReal<N>;
}

/// <summary>The state of a parameter's element before a step.</summary>
/// <param name="First">The first number, where the rule has one.</param>
/// <param name="Second">The second number, where the rule has one.</param>
/// <param name="Third">The third number, where the rule has one.</param>
public readonly record struct States<N>(N First, N Second, N Third)
    where N : IReal<N>;

/// <summary>A parameter's element and its state after a step.</summary>
/// <param name="Parameter">The new value of the parameter.</param>
/// <param name="First">The new first number of state.</param>
/// <param name="Second">The new second number of state.</param>
/// <param name="Third">The new third number of state.</param>
public readonly record struct Updated<N>(N Parameter, N First = default!, N Second = default!, N Third = default!)
    where N : IReal<N>;
