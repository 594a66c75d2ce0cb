using System.Runtime.CompilerServices;

namespace Backprop.Optimizers;

/// <summary>A vector over all parameters together: one contiguous tensor for each, in its shape and dtype.</summary>
internal sealed class ParameterVector(Tensor[] parts)
{
    /// <summary>The tensors.</summary>
    public IReadOnlyList<Tensor> Parts => parts;

    /// <summary>Zeros.</summary>
    public static ParameterVector Zeros(IReadOnlyList<ParameterState> states) =>
        new([.. states.Select(state => Tensor.Zeros(state.Parameter.Shape, state.Parameter.DType))]);

    /// <summary>A state of each parameter, which is created where it doesn't exist yet.</summary>
    public static ParameterVector State(IReadOnlyList<ParameterState> states, string name) => new([.. states.Select(state => state.FindOrCreate(name, 0))]);

    /// <summary>this ← scale · other.</summary>
    public void Set(double scale, ParameterVector other)
    {
        for (var i = 0; i < parts.Length; i++)
        {
            Elementwise.Update(new ScaleRule(scale), parts[i], other.Parts[i]);
        }
    }

    /// <summary>this ← scale · this.</summary>
    public void Scale(double scale) => Set(scale, this);

    /// <summary>this ← this + scale · other.</summary>
    public void Add(double scale, ParameterVector other)
    {
        for (var i = 0; i < parts.Length; i++)
        {
            Elementwise.Update(new AddRule(scale), parts[i], other.Parts[i]);
        }
    }

    /// <summary>The sum of all products.</summary>
    public double Dot(ParameterVector other)
    {
        double sum = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            using var scope = TensorScope.Begin();
            sum += (parts[i] * other.Parts[i]).Sum().Item();
        }

        return sum;
    }

    /// <summary>The largest absolute value; NaN if one is NaN, and 0 if there are no elements.</summary>
    public double LargestAbs()
    {
        double largest = 0;
        foreach (var part in parts)
        {
            using var scope = TensorScope.Begin();
            largest = part.Count == 0 ? largest : Math.Max(largest, part.Abs().Max().Item());
        }

        return largest;
    }

    /// <summary>The sum of the absolute values.</summary>
    public double SumAbs()
    {
        double sum = 0;
        foreach (var part in parts)
        {
            using var scope = TensorScope.Begin();
            sum += part.Abs().Sum().Item();
        }

        return sum;
    }

    private readonly struct ScaleRule(double scale) : IUpdateRule
    {
        public static string Name => "lbfgs";

        public static int StateCount => 0;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Updated<N> Update<N>(N parameter, N gradient, States<N> state)
            where N : IReal<N> => new(scale * gradient);
    }

    private readonly struct AddRule(double scale) : IUpdateRule
    {
        public static string Name => "lbfgs";

        public static int StateCount => 0;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Updated<N> Update<N>(N parameter, N gradient, States<N> state)
            where N : IReal<N> => new(parameter + (scale * gradient));
    }
}
