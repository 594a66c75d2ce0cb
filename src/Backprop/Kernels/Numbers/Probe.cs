namespace Backprop.Kernels;

/// <summary>
/// An abstract interpretation of a formula: which inputs it depends on, and whether it makes sense on integers. A formula is
/// evaluated once with probes instead of numbers; nothing is computed.
/// </summary>
internal readonly struct Probe : IReal<Probe>
{
    private Probe(int inputs, bool needsReals)
    {
        Inputs = inputs;
        NeedsReals = needsReals;
    }

    /// <summary>Bit i is set if the formula reads input i.</summary>
    public int Inputs { get; }

    /// <summary>Whether the formula uses something that integers don't have: a quotient, a function, a fraction.</summary>
    public bool NeedsReals { get; }

    /// <summary>Input number <paramref name="index"/>, from 0.</summary>
    public static Probe Input(int index) => new(1 << index, false);

    /// <inheritdoc/>
    public static implicit operator Probe(double value) => new(0, !double.IsInteger(value));

    /// <inheritdoc/>
    public static Probe operator +(Probe a, Probe b) => Join(a, b);

    /// <inheritdoc/>
    public static Probe operator -(Probe a, Probe b) => Join(a, b);

    /// <inheritdoc/>
    public static Probe operator *(Probe a, Probe b) => Join(a, b);

    /// <inheritdoc/>
    public static Probe operator /(Probe a, Probe b) => Real(Join(a, b));

    /// <inheritdoc/>
    public static Probe operator -(Probe a) => a;

    /// <inheritdoc/>
    public static Probe Abs(Probe x) => x;

    /// <inheritdoc/>
    public static Probe Sqrt(Probe x) => Real(x);

    /// <inheritdoc/>
    public static Probe Exp(Probe x) => Real(x);

    /// <inheritdoc/>
    public static Probe Expm1(Probe x) => Real(x);

    /// <inheritdoc/>
    public static Probe Log(Probe x) => Real(x);

    /// <inheritdoc/>
    public static Probe Log1p(Probe x) => Real(x);

    /// <inheritdoc/>
    public static Probe Sin(Probe x) => Real(x);

    /// <inheritdoc/>
    public static Probe Cos(Probe x) => Real(x);

    /// <inheritdoc/>
    public static Probe Tanh(Probe x) => Real(x);

    /// <inheritdoc/>
    public static Probe Sigmoid(Probe x) => Real(x);

    /// <inheritdoc/>
    public static Probe Erf(Probe x) => Real(x);

    /// <inheritdoc/>
    public static Probe Erfc(Probe x) => Real(x);

    /// <inheritdoc/>
    public static Probe ErfInv(Probe x) => Real(x);

    /// <inheritdoc/>
    public static Probe LogGamma(Probe x) => Real(x);

    /// <inheritdoc/>
    public static Probe Polygamma(int order, Probe x) => Real(x);

    /// <inheritdoc/>
    public static Probe Fmod(Probe a, Probe b) => Join(a, b);

    /// <inheritdoc/>
    public static Probe Quotient(Probe a, Probe b) => Join(a, b);

    /// <inheritdoc/>
    public static Probe Pow(Probe x, Probe y) => Real(Join(x, y));

    /// <inheritdoc/>
    public static Probe Max(Probe a, Probe b) => Join(a, b);

    /// <inheritdoc/>
    public static Probe Min(Probe a, Probe b) => Join(a, b);

    /// <inheritdoc/>
    public static Probe Floor(Probe x) => x;

    /// <inheritdoc/>
    public static Probe Round(Probe x) => x;

    /// <inheritdoc/>
    public static Probe IfGreater(Probe a, Probe b, Probe then, Probe otherwise) => Join(Join(a, b), Join(then, otherwise));

    /// <inheritdoc/>
    public static Probe IfGreaterOrEqual(Probe a, Probe b, Probe then, Probe otherwise) =>
        Join(Join(a, b), Join(then, otherwise));

    /// <inheritdoc/>
    public static Probe IfEqual(Probe a, Probe b, Probe then, Probe otherwise) => Join(Join(a, b), Join(then, otherwise));

    private static Probe Join(Probe a, Probe b) => new(a.Inputs | b.Inputs, a.NeedsReals || b.NeedsReals);

    private static Probe Real(Probe a) => new(a.Inputs, true);
}
