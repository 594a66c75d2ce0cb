namespace Backprop.Layers;

/// <summary>λ x where positive, else λ α (eˣ − 1), with the constants that keep mean and variance (Klambauer et al., 2017).</summary>
public sealed class Selu : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.Selu();
    }
}

/// <summary>x where positive, else α (e^(x/α) − 1), element by element (Barron, 2017).</summary>
/// <param name="alpha">The limit for very negative numbers, with the sign changed; not 0.</param>
public sealed class Celu(double alpha = 1) : Module
{
    /// <inheritdoc/>
    protected override string Settings => FormattableString.Invariant($"α {alpha}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.Celu(alpha);
    }
}

/// <summary>x · tanh(ln(1 + eˣ)), element by element (Misra, 2019).</summary>
public sealed class Mish : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.Mish();
    }
}

/// <summary>x between 0 and 6, 0 below and 6 above, element by element.</summary>
public sealed class Relu6 : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.Relu6();
    }
}

/// <summary>x between the limits, and the limits beyond them, element by element.</summary>
/// <param name="low">The lower limit.</param>
/// <param name="high">The upper limit, not below the lower one.</param>
public sealed class Hardtanh(double low = -1, double high = 1) : Module
{
    /// <inheritdoc/>
    protected override string Settings => FormattableString.Invariant($"low {low}, high {high}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.Hardtanh(low, high);
    }
}

/// <summary>x/6 + 1/2 between −3 and 3, 0 below and 1 above, element by element.</summary>
public sealed class Hardsigmoid : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.Hardsigmoid();
    }
}

/// <summary>x times the hard sigmoid of x, element by element (Howard et al., 2019).</summary>
public sealed class Hardswish : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.Hardswish();
    }
}

/// <summary>−ln(1 + e⁻ˣ), element by element.</summary>
public sealed class LogSigmoid : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.LogSigmoid();
    }
}

/// <summary>x / (1 + |x|), element by element.</summary>
public sealed class Softsign : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.Softsign();
    }
}

/// <summary>x − tanh x, element by element.</summary>
public sealed class Tanhshrink : Module
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.Tanhshrink();
    }
}

/// <summary>x drawn towards 0 by the threshold, and 0 within it, element by element.</summary>
/// <param name="threshold">How far; 0 or more.</param>
public sealed class Softshrink(double threshold = 0.5) : Module
{
    /// <inheritdoc/>
    protected override string Settings => FormattableString.Invariant($"threshold {threshold}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.Softshrink(threshold);
    }
}

/// <summary>x, but 0 where |x| is within the threshold, element by element.</summary>
/// <param name="threshold">How far; 0 or more.</param>
public sealed class Hardshrink(double threshold = 0.5) : Module
{
    /// <inheritdoc/>
    protected override string Settings => FormattableString.Invariant($"threshold {threshold}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.Hardshrink(threshold);
    }
}

/// <summary>The first half of an axis times the sigmoid of the second (Dauphin et al., 2016). Halves the axis.</summary>
/// <param name="axis">The axis, of even size; negative ones count from the end.</param>
public sealed class Glu(int axis = -1) : Module
{
    /// <inheritdoc/>
    protected override string Settings => FormattableString.Invariant($"axis {axis}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.Glu(axis);
    }
}

/// <summary>x where positive, else a slope that is learnt times x (He et al., 2015).</summary>
public sealed class PRelu : Module
{
    /// <summary>Creates the layer.</summary>
    /// <param name="slopes">1 for one slope for all, or as many as axis 1 of the input is long.</param>
    /// <param name="initial">What the slopes begin with.</param>
    /// <param name="dtype">The slopes' element type.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no slope, or the first value is not finite.</exception>
    public PRelu(int slopes = 1, double initial = 0.25, DType dtype = DType.Float32)
    {
        if (slopes < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(slopes), slopes, $"prelu: slopes is {slopes}; it must be at least 1.");
        }

        if (!double.IsFinite(initial))
        {
            throw new ArgumentOutOfRangeException(nameof(initial), initial, FormattableString.Invariant($"prelu: initial is {initial}; it must be finite."));
        }

        Weight = Initialize.Constant(Parameter([slopes], dtype), initial);
    }

    /// <summary>The slopes for negative numbers, [slopes].</summary>
    public Tensor Weight { get; }

    /// <inheritdoc/>
    protected override string Settings => FormattableString.Invariant($"{Weight.Count}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return x.PRelu(Weight);
    }
}
