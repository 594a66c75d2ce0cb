using Backprop.Devices;

namespace Backprop;

public static partial class Elementwise
{
    /// <summary>One step of an optimizer: changes the parameter and its states in place, in one pass. Not recorded.</summary>
    /// <typeparam name="TRule">The mathematics of the step.</typeparam>
    /// <param name="rule">The constants of this step.</param>
    /// <param name="parameter">
    /// A float32 or float64 tensor that was not computed by a recorded operation; a leaf that requires a gradient is the usual case.
    /// </param>
    /// <param name="gradient">Its gradient, of the same shape and dtype.</param>
    /// <param name="states">As many contiguous tensors of the same shape and dtype as the rule has states.</param>
    /// <remarks>A gradient taken later of something recorded with the old values throws, for they are gone.</remarks>
    /// <exception cref="DTypeException">The parameter holds integers or truth values, or the dtypes differ.</exception>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    /// <exception cref="ArgumentException">Too few or too many states, or one that is not contiguous or is the same tensor as another.</exception>
    /// <exception cref="InvalidOperationException">The parameter is a recorded result, or repeats elements.</exception>
    public static void Update<TRule>(TRule rule, Tensor parameter, Tensor gradient, params ReadOnlySpan<Tensor> states)
        where TRule : struct, IUpdateRule
    {
        ArgumentNullException.ThrowIfNull(parameter);
        ArgumentNullException.ThrowIfNull(gradient);
        var name = TRule.Name;
        if (!parameter.DType.IsFloating())
        {
            throw Error.DType(name, parameter.DType, "parameters are float32 or float64.");
        }

        if (parameter.DType.IsSixteen())
        {
            throw Error.DType(
                name, parameter.DType, "small steps are lost in 16 bits: keep the parameter in float32, and convert it with To() where it is used.");
        }

        CheckPartner(name, "gradient", parameter, gradient);
        if (states.Length != TRule.StateCount || states.Length > 3)
        {
            throw Error.Range(name, "number of states", states.Length, $"{TRule.StateCount} for this rule, and 3 at most");
        }

        for (var i = 0; i < states.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(states[i], nameof(states));
            CheckState<TRule>(parameter, gradient, states, i);
        }

        using (Recording.Pause())
        {
            parameter.BeginChange(name);
            foreach (var state in states)
            {
                state.BeginChange(name);
            }
        }

        Device.Current.Update(
            rule, parameter, gradient,
            states.Length > 0 ? states[0] : null, states.Length > 1 ? states[1] : null, states.Length > 2 ? states[2] : null);
    }

    private static void CheckState<TRule>(Tensor parameter, Tensor gradient, ReadOnlySpan<Tensor> states, int index)
        where TRule : struct, IUpdateRule
    {
        var state = states[index];
        var name = TRule.Name;
        CheckPartner(name, TRule.StateName(index), parameter, state);
        if (!state.IsContiguous)
        {
            throw new ArgumentException($"{name}: {TRule.StateName(index)}, {state.Describe()}, is a view that is not contiguous; states must be.");
        }

        var shared = ReferenceEquals(state, parameter) || ReferenceEquals(state, gradient);
        for (var i = 0; i < index; i++)
        {
            shared |= ReferenceEquals(state, states[i]);
        }

        if (shared)
        {
            throw new ArgumentException($"{name}: {TRule.StateName(index)} is the same tensor as another operand; each state needs its own.");
        }
    }

    private static void CheckPartner(string operation, string what, Tensor parameter, Tensor other)
    {
        parameter.CheckAlive();
        other.CheckAlive();
        if (other.DType != parameter.DType)
        {
            throw Error.DTypesDiffer(operation, parameter.DType, other.DType);
        }

        if (!other.Layout.HasShape(parameter.Shape))
        {
            throw Error.Shape(operation, $"the {what} has shape {Error.Text(other.Shape)}, {parameter.Describe()} needs {Error.Text(parameter.Shape)}.");
        }
    }
}
