namespace Backprop.Layers;

/// <summary>What the layers of a transformer put between their two linear maps.</summary>
public enum TransformerActivation
{
    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>x · Φ(x), with Φ the distribution function of the normal distribution.</summary>
    Gelu,
}

/// <summary>What the constructors of a transformer's layers take.</summary>
internal readonly record struct TransformerSettings(
    int Features, int Heads, int Hidden, double Dropout, TransformerActivation Activation, bool NormFirst, double Epsilon, bool Bias, bool BatchFirst,
    Generator? Generator, DType DType)
{
    /// <summary>The settings as the layers' text shows them.</summary>
    public string Text => FormattableString.Invariant($"{Features} → {Hidden}, {Heads} heads") + (Activation == TransformerActivation.Gelu ? ", gelu" : "")
        + (NormFirst ? ", norm first" : "") + (Bias ? "" : ", no bias") + (BatchFirst ? "" : ", positions first");

    public static void CheckHeads(string operation, int features, int heads, double dropout, DType dtype)
    {
        if (features is < 1 or > int.MaxValue / 3)
        {
            throw Error.Range(operation, nameof(features), features, $"from 1 to {int.MaxValue / 3}");
        }

        if (heads < 1 || features % heads != 0)
        {
            throw Error.Range(operation, nameof(heads), heads, $"a divisor of the {features} features");
        }

        if (!(dropout is >= 0 and <= 1))
        {
            throw Error.Range(operation, nameof(dropout), dropout, "from 0 to 1");
        }

        if (!dtype.IsFloating())
        {
            throw Error.DType(operation, dtype, "weights are float32 or float64.");
        }
    }

    public void Check(string operation)
    {
        CheckHeads(operation, Features, Heads, Dropout, DType);
        if (Hidden < 1)
        {
            throw Error.Range(operation, "hidden", Hidden, "at least 1");
        }

        if (Activation is not (TransformerActivation.Relu or TransformerActivation.Gelu))
        {
            throw Error.Range(operation, "activation", Activation, "TransformerActivation.Relu or TransformerActivation.Gelu");
        }
    }

    public MultiHeadAttention Attention() => new(Features, Heads, Bias, Dropout, BatchFirst, Generator, DType);

    public Linear Widen() => new(Features, Hidden, Bias, Generator, DType);

    public Linear Narrow() => new(Hidden, Features, Bias, Generator, DType);

    public LayerNorm Norm() => new(Features, Epsilon, bias: Bias, dtype: DType);

    public Tensor Activate(Tensor x) => Activation == TransformerActivation.Gelu ? x.Gelu() : x.Relu();
}
