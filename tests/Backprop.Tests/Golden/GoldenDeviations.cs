namespace Backprop.Tests.Golden;

/// <summary>Where this library differs from PyTorch on purpose: only in cases marked special, and only at the named inputs.</summary>
internal static class GoldenDeviations
{
    public static readonly IReadOnlyDictionary<string, (Func<double, bool> At, string Reason)> ByOp =
        new Dictionary<string, (Func<double, bool>, string)>
        {
            ["sign"] = (double.IsNaN, "The sign of NaN is NaN, as in NumPy; PyTorch says 0 and so hides the NaN."),
        };

    /// <summary>Whether the element may differ: the operation deviates, and one of the case's inputs is such a value there.</summary>
    public static bool Covers(GoldenCase golden, int element) =>
        golden.IsSpecial && ByOp.TryGetValue(golden.Op, out var deviation)
        && golden.Inputs.Any(input => element < input.Data.Length && deviation.At(input.Data[element]));
}
