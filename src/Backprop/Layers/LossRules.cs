namespace Backprop.Layers;

/// <summary>(x − y)²</summary>
internal readonly struct SquaredErrorRule : IBinaryRule
{
    public static string Name => "squared_error";

    public static N Value<N>(N x, N y)
        where N : IReal<N> => (x - y) * (x - y);

    public static N SlopeX<N>(N x, N y, N z)
        where N : IReal<N> => 2 * (x - y);

    public static N SlopeY<N>(N x, N y, N z)
        where N : IReal<N> => 2 * (y - x);
}

/// <summary>|x − y|, with slope 0 where they are equal</summary>
internal readonly struct AbsoluteErrorRule : IBinaryRule
{
    public static string Name => "absolute_error";

    public static N Value<N>(N x, N y)
        where N : IReal<N> => N.Abs(x - y);

    public static N SlopeX<N>(N x, N y, N z)
        where N : IReal<N> => N.IfGreater(x, y, 1, N.IfGreater(y, x, -1, 0));

    public static N SlopeY<N>(N x, N y, N z)
        where N : IReal<N> => N.IfGreater(y, x, 1, N.IfGreater(x, y, -1, 0));
}

/// <summary>d²/2 where |d| ≤ δ, else δ (|d| − δ/2)</summary>
internal readonly struct HuberRule(double delta) : IParametricUnaryRule
{
    public string Name => "huber";

    public N Value<N>(N x)
        where N : IReal<N> => N.IfGreater(N.Abs(x), delta, delta * (N.Abs(x) - (delta / 2)), 0.5 * x * x);

    public N Slope<N>(N x, N y)
        where N : IReal<N> => N.Max(N.Min(x, delta), -delta);
}

/// <summary>−(t ln σ(x) + (1 − t) ln(1 − σ(x))) = max(x, 0) − x t + ln(1 + e^−|x|), which neither overflows nor cancels for t of 0 or 1</summary>
internal readonly struct LogisticLossRule : IBinaryRule
{
    public static string Name => "logistic_loss";

    public static N Value<N>(N x, N t)
        where N : IReal<N> => N.Max(x, 0) - (x * t) + N.Log1p(N.Exp(-N.Abs(x)));

    public static N SlopeX<N>(N x, N t, N z)
        where N : IReal<N> => N.Sigmoid(x) - t;

    public static N SlopeY<N>(N x, N t, N z)
        where N : IReal<N> => -x;
}

/// <summary>
/// −(t ln p + (1 − t) ln(1 − p)) with logarithms of at least −100. The slope's denominator p (1 − p) is at least 1e-12, so that a wrong answer of
/// full certainty is still pushed back.
/// </summary>
internal readonly struct BinaryCrossEntropyRule : IBinaryRule
{
    public static string Name => "binary_cross_entropy_of_probabilities";

    public static N Value<N>(N p, N t)
        where N : IReal<N> => -((t * N.Max(N.Log(p), -100)) + ((1 - t) * N.Max(N.Log1p(-p), -100)));

    public static N SlopeX<N>(N p, N t, N z)
        where N : IReal<N> => (p - t) / N.Max(p * (1 - p), 1e-12);

    public static N SlopeY<N>(N p, N t, N z)
        where N : IReal<N> => N.Max(N.Log1p(-p), -100) - N.Max(N.Log(p), -100);
}

/// <summary>ln(1 + e^(−t x)), which never overflows: e^−|t x| is at most 1</summary>
internal readonly struct SoftMarginRule : IBinaryRule
{
    public static string Name => "soft_margin_element";

    public static N Value<N>(N x, N t)
        where N : IReal<N> => N.Max(-(x * t), 0) + N.Log1p(N.Exp(-N.Abs(x * t)));

    public static N SlopeX<N>(N x, N t, N z)
        where N : IReal<N> => -t * N.Sigmoid(-(x * t));

    public static N SlopeY<N>(N x, N t, N z)
        where N : IReal<N> => -x * N.Sigmoid(-(x * t));
}

/// <summary>eˣ − t x: minus the logarithm of the Poisson probability of t for the rate eˣ, but for what doesn't depend on x</summary>
internal readonly struct PoissonRule : IBinaryRule
{
    public static string Name => "poisson_of_log_rate";

    public static N Value<N>(N x, N t)
        where N : IReal<N> => N.Exp(x) - (t * x);

    public static N SlopeX<N>(N x, N t, N z)
        where N : IReal<N> => N.Exp(x) - t;

    public static N SlopeY<N>(N x, N t, N z)
        where N : IReal<N> => -x;
}
