namespace Backprop.Optimizers;

/// <summary>The last moves s of the parameters and changes y of the gradient, and what they say of the inverse second derivatives H.</summary>
internal sealed class LbfgsHistory(IReadOnlyList<ParameterState> states)
{
    /// <summary>Pairs with less curvature yᵀs would spoil the approximation.</summary>
    private const double LeastCurvature = 1e-10;

    private readonly List<Pair> pairs = [];
    private Pair? spare;

    /// <summary>H₀ as a factor.</summary>
    public double Scale { get; private set; } = 1;

    /// <summary>The pairs, the oldest first.</summary>
    public IReadOnlyList<Pair> Pairs => pairs;

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        pairs.Clear();
        spare = null;
        Scale = 1;
    }

    /// <summary>Remembers the last move, length · direction, with the change of the gradient that it brought.</summary>
    public void Learn(ParameterVector gradient, ParameterVector previous, ParameterVector direction, double length, int size)
    {
        var pair = spare ?? NewPair();
        pair.Change.Set(1, gradient);
        pair.Change.Add(-1, previous);
        pair.Move.Set(length, direction);
        spare = pair;
        var curvature = pair.Change.Dot(pair.Move);
        if (!(curvature > LeastCurvature))
        {
            return;
        }

        pairs.Add(pair with { Weight = 1 / curvature });
        Scale = curvature / pair.Change.Dot(pair.Change);
        spare = null;
        while (pairs.Count > size)
        {
            spare = pairs[0];   // its memory serves the next
            pairs.RemoveAt(0);
        }
    }

    /// <summary>direction ← −H · gradient, by the two-loop recursion.</summary>
    public void Descend(ParameterVector gradient, ParameterVector direction)
    {
        direction.Set(-1, gradient);
        Span<double> parts = pairs.Count <= 128 ? stackalloc double[128] : new double[pairs.Count];
        for (var i = pairs.Count - 1; i >= 0; i--)
        {
            parts[i] = pairs[i].Move.Dot(direction) * pairs[i].Weight;
            direction.Add(-parts[i], pairs[i].Change);
        }

        direction.Scale(Scale);
        for (var i = 0; i < pairs.Count; i++)
        {
            direction.Add(parts[i] - (pairs[i].Change.Dot(direction) * pairs[i].Weight), pairs[i].Move);
        }
    }

    /// <summary>Takes over copies of saved pairs.</summary>
    public void Restore(double scale, IEnumerable<(IReadOnlyList<Tensor> Move, IReadOnlyList<Tensor> Change)> saved)
    {
        Clear();
        Scale = scale;
        foreach (var (move, change) in saved)
        {
            var pair = NewPair();
            pair.Move.Set(1, new ParameterVector([.. move]));
            pair.Change.Set(1, new ParameterVector([.. change]));
            pairs.Add(pair with { Weight = 1 / pair.Change.Dot(pair.Move) });
        }
    }

    private Pair NewPair()
    {
        using (TensorScope.Pause())
        {
            return new Pair(ParameterVector.Zeros(states), ParameterVector.Zeros(states), 0);
        }
    }

    /// <summary>A move s, the change y of the gradient, and 1 / yᵀs.</summary>
    internal sealed record Pair(ParameterVector Move, ParameterVector Change, double Weight);
}
