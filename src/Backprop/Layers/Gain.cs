namespace Backprop.Layers;

/// <summary>By how much weights must be larger so that an activation behind them keeps the variance.</summary>
public static class Gain
{
    /// <summary>1: no activation, sigmoid, softmax.</summary>
    public const double Linear = 1;

    /// <summary>√2, because half of the values are dropped.</summary>
    public const double Relu = 1.4142135623730951;

    /// <summary>5/3.</summary>
    public const double Tanh = 5.0 / 3;

    /// <summary>√(2 / (1 + slope²)).</summary>
    /// <param name="slope">The slope for negative numbers.</param>
    public static double LeakyRelu(double slope = 0.01) => Math.Sqrt(2 / (1 + (slope * slope)));
}
