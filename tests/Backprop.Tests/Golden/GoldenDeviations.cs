namespace Backprop.Tests.Golden;

/// <summary>Where this library differs from PyTorch on purpose: only in cases marked special, and only at the named inputs.</summary>
internal static class GoldenDeviations
{
    public static readonly IReadOnlyDictionary<string, (Func<double, bool> At, string Reason)> ByOp =
        new Dictionary<string, (Func<double, bool>, string)>
        {
            ["sign"] = (double.IsNaN, "The sign of NaN is NaN, as in NumPy; PyTorch says 0 and so hides the NaN."),
        };

    /// <summary>Gradients that PyTorch itself computes with fewer digits.</summary>
    public static readonly IReadOnlyDictionary<string, (double Tolerance, string Reason)> CoarseGradients = new Dictionary<string, (double, string)>
    {
        ["binary_cross_entropy"] = (1e-8, "PyTorch's least denominator is 1e-12 rounded to float32."),
        ["hardsigmoid"] = (1e-7, "PyTorch multiplies by 1/6 rounded to float32."),
    };

    /// <summary>Whether the element may differ: the operation deviates, and one of the case's inputs is such a value there.</summary>
    public static bool Covers(GoldenCase golden, int element) =>
        golden.IsSpecial && ByOp.TryGetValue(golden.Op, out var deviation)
        && golden.Inputs.Any(input => element < input.Data.Length && deviation.At(input.Data[element]));
}
