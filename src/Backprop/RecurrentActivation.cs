namespace Backprop;

/// <summary>What a simple recurrent unit puts its sum through.</summary>
public enum RecurrentActivation
{
    /// <summary>Hyperbolic tangent.</summary>
    Tanh,

    /// <summary>max(x, 0).</summary>
    Relu,
}
