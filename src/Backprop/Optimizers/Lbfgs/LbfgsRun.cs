using System.Runtime.CompilerServices;

namespace Backprop.Optimizers;

/// <summary>One step of <see cref="Lbfgs"/> on its way: moves the parameters along directions and computes the loss and its gradient there.</summary>
internal sealed class LbfgsRun(IReadOnlyList<ParameterState> states, Func<LbfgsRun, double> evaluate, Func<double> measure)
{
    private readonly ParameterVector start = ParameterVector.Zeros(states);
    private ParameterVector? direction;

    /// <summary>The gradient where the parameters are, or were when the line search accepted the point.</summary>
    public ParameterVector Gradient { get; set; } = ParameterVector.Zeros(states);

    /// <summary>Three vectors for the gradients of a line search.</summary>
    public ParameterVector[] Buffers => field ??= [ParameterVector.Zeros(states), ParameterVector.Zeros(states), ParameterVector.Zeros(states)];

    /// <summary>The slope of a gradient along the direction.</summary>
    public double Slope(ParameterVector gradient) => gradient.Dot(direction!);

    /// <summary>The largest element of the direction.</summary>
    public double LargestElement() => direction!.LargestAbs();

    /// <summary>The loss here; its gradient goes to <see cref="Gradient"/>.</summary>
    public double Evaluate() => evaluate(this);

    /// <summary>The loss here, without its gradient.</summary>
    public double Measure() => measure();

    /// <summary>The loss at start + length · direction; its gradient goes to <paramref name="gradient"/>.</summary>
    public double EvaluateAt(double length, ParameterVector gradient)
    {
        MoveTo(length);
        var kept = Gradient;
        Gradient = gradient;
        try
        {
            return Evaluate();
        }
        finally
        {
            Gradient = kept;
        }
    }

    /// <summary>Starts from here in a direction.</summary>
    public void Begin(ParameterVector direction)
    {
        this.direction = direction;
        for (var i = 0; i < states.Count; i++)
        {
            start.Parts[i].CopyFrom(states[i].Parameter.Detach());
        }
    }

    /// <summary>Parameters ← start + length · direction.</summary>
    public void MoveTo(double length)
    {
        for (var i = 0; i < states.Count; i++)
        {
            Elementwise.Update(new MoveRule(length), states[i].Parameter, direction!.Parts[i], start.Parts[i]);
        }
    }

    /// <summary>Puts the parameters back to where the last direction began, which is where the last gradient that is remembered was taken.</summary>
    public void Return()
    {
        for (var i = 0; direction is not null && i < states.Count; i++)
        {
            states[i].Parameter.Detach().CopyFrom(start.Parts[i]);
        }
    }

    /// <summary>Copies the parameters' gradients; one that is not there is zero.</summary>
    public void TakeGradients()
    {
        for (var i = 0; i < states.Count; i++)
        {
            if (states[i].Parameter.Gradient is { } gradient)
            {
                Gradient.Parts[i].CopyFrom(gradient.Detach());
            }
            else
            {
                Gradient.Parts[i].Fill(0);
            }
        }
    }

    private readonly struct MoveRule(double length) : IUpdateRule
    {
        public static string Name => "lbfgs";

        public static int StateCount => 1;

        public static string StateName(int index) => "start";

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Updated<N> Update<N>(N parameter, N gradient, States<N> state)
            where N : IReal<N> => new(state.First + (length * gradient), state.First);
    }
}
