namespace Backprop.Layers;

/// <summary>Returns its input.</summary>
public sealed class Identity : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => x;
}

/// <summary>max(x, 0), element by element.</summary>
public sealed class Relu : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.Relu();
    }
}

/// <summary>x where positive, else slope · x, element by element.</summary>
/// <param name="slope">The slope for negative numbers.</param>
public sealed class LeakyRelu(double slope = 0.01) : Module
{
    /// <inheritdoc/>
    protected override string Settings => FormattableString.Invariant($"{slope}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.LeakyRelu(slope);
    }
}

/// <summary>1 / (1 + e⁻ˣ), element by element.</summary>
public sealed class Sigmoid : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.Sigmoid();
    }
}

/// <summary>Hyperbolic tangent, element by element.</summary>
public sealed class Tanh : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.Tanh();
    }
}

/// <summary>x · Φ(x), element by element, with Φ the distribution function of the normal distribution (Hendrycks and Gimpel, 2016).</summary>
/// <param name="approximate">Whether to use the approximation by tanh.</param>
public sealed class Gelu(bool approximate = false) : Module
{
    /// <inheritdoc/>
    protected override string Settings => approximate ? "tanh" : "";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return approximate ? x.GeluTanh() : x.Gelu();
    }
}

/// <summary>x · σ(x), element by element; also called swish.</summary>
public sealed class Silu : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.Silu();
    }
}

/// <summary>ln(1 + e^(β x)) / β, element by element.</summary>
/// <param name="beta">The sharpness, not 0.</param>
/// <param name="threshold">Where β x exceeds it, the result is x itself.</param>
public sealed class Softplus(double beta = 1, double threshold = 20) : Module
{
    /// <inheritdoc/>
    protected override string Settings => FormattableString.Invariant($"β {beta}, threshold {threshold}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.Softplus(beta, threshold);
    }
}

/// <summary>x where positive, else α (eˣ − 1), element by element (Clevert et al., 2015).</summary>
/// <param name="alpha">The limit for very negative numbers, with the sign changed.</param>
public sealed class Elu(double alpha = 1) : Module
{
    /// <inheritdoc/>
    protected override string Settings => FormattableString.Invariant($"α {alpha}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.Elu(alpha);
    }
}

/// <summary>e^x divided by its sum along an axis: scores become probabilities. For training, use <see cref="Losses.CrossEntropy"/> on the scores.</summary>
/// <param name="axis">The axis of the classes; negative ones count from the end.</param>
public sealed class Softmax(int axis = -1) : Module
{
    /// <inheritdoc/>
    protected override string Settings => FormattableString.Invariant($"axis {axis}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.Softmax(axis);
    }
}

/// <summary>The logarithm of <see cref="Softmax"/>, without overflow.</summary>
/// <param name="axis">The axis of the classes; negative ones count from the end.</param>
public sealed class LogSoftmax(int axis = -1) : Module
{
    /// <inheritdoc/>
    protected override string Settings => FormattableString.Invariant($"axis {axis}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.LogSoftmax(axis);
    }
}
