namespace Backprop.Tests.Golden;

/// <summary>Where this library differs from PyTorch on purpose: only in cases marked special, and only at the named inputs.</summary>
internal static class GoldenDeviations
{
    public static readonly IReadOnlyDictionary<string, (Func<double[], bool> At, string Reason)> ByOp =
        new Dictionary<string, (Func<double[], bool>, string)>
        {
            ["sign"] = (at => double.IsNaN(at[0]), "The sign of NaN is NaN, as in NumPy; PyTorch says 0 and so hides the NaN."),
            ["xlogy"] = (at => at is [0, 0], "0 ln 0 is a constant 0, with the gradient 0 (SafeFormTests); PyTorch gives NaN to y and so to every entropy."),
        };

    /// <summary>Gradients that PyTorch itself computes with fewer digits.</summary>
    public static readonly IReadOnlyDictionary<string, (double Tolerance, string Reason)> CoarseGradients = new Dictionary<string, (double, string)>
    {
        ["binary_cross_entropy"] = (1e-8, "PyTorch's least denominator is 1e-12 rounded to float32."),
        ["hardsigmoid"] = (1e-7, "PyTorch multiplies by 1/6 rounded to float32."),
    };

    /// <summary>Whether the element may differ: the operation deviates, and the case's inputs have such values there.</summary>
    public static bool Covers(GoldenCase golden, int element) =>
        golden.IsSpecial && ByOp.TryGetValue(golden.Op, out var deviation)
        && golden.Inputs.All(input => element < input.Data.Length)
        && deviation.At([.. golden.Inputs.Select(input => input.Data[element])]);
}
