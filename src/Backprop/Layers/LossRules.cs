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
