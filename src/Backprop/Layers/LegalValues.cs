namespace Backprop.Layers;

/// <summary>Which values a loss takes as targets or predictions. A struct, so that looking at every element costs little.</summary>
internal interface ILegalValues
{
    /// <summary>What they are, for messages: the end of "it must be …".</summary>
    static abstract string Description { get; }

    /// <summary>Whether a value is one of them.</summary>
    static abstract bool Contain(double value);
}

/// <summary>The check of values against <see cref="ILegalValues"/>.</summary>
internal static class LegalValues
{
    /// <summary>Looks at every element.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An element is none of the legal values.</exception>
    public static void Check<TLegal>(string operation, string name, Tensor x)
        where TLegal : struct, ILegalValues => Capture.Repeat(() => CheckNow<TLegal>(operation, name, x));

    private static void CheckNow<TLegal>(string operation, string name, Tensor x)
        where TLegal : struct, ILegalValues
    {
        var dense = x.Detach().Contiguous();
        if (dense.DType == DType.Float32)
        {
            var values = dense.AsSpan<float>();
            for (var i = 0; i < values.Length; i++)
            {
                if (!TLegal.Contain(values[i]))
                {
                    throw Bad<TLegal>(operation, name, values[i], i);
                }
            }
        }
        else
        {
            var values = dense.To(DType.Float64).AsSpan<double>();
            for (var i = 0; i < values.Length; i++)
            {
                if (!TLegal.Contain(values[i]))
                {
                    throw Bad<TLegal>(operation, name, values[i], i);
                }
            }
        }
    }

    private static ArgumentOutOfRangeException Bad<TLegal>(string operation, string name, object value, int position)
        where TLegal : struct, ILegalValues =>
        new(name, value, FormattableString.Invariant($"{operation}: {name} is {value} at position {position}; it must be {TLegal.Description}."));
}

/// <summary>1 or −1, for which of two.</summary>
internal readonly struct Signs : ILegalValues
{
    public static string Description => "1 or -1";

    public static bool Contain(double value) => value is 1 or -1;
}

/// <summary>From 0 to 1. What is not is most often a score that no sigmoid was applied to.</summary>
internal readonly struct Probabilities : ILegalValues
{
    public static string Description => "from 0 to 1; for raw scores use BinaryCrossEntropyWithLogits";

    public static bool Contain(double value) => value is >= 0 and <= 1;
}

/// <summary>Not below 0. NaN passes, to be seen in the loss.</summary>
internal readonly struct NotNegative : ILegalValues
{
    public static string Description => "at least 0";

    public static bool Contain(double value) => !(value < 0);
}
