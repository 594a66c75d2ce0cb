namespace Backprop.Ops;

/// <summary>Reciprocals of differences of eigenvalues or singular values, which the gradients of their vectors have as factors.</summary>
internal static class Gaps
{
    private const double Least = 1e-14;

    /// <summary>Rᵢⱼ = 1 / (xⱼ − xᵢ), and 0 on the diagonal.</summary>
    /// <remarks>
    /// Where two values coincide no vectors are determined, let alone their gradients. That is an error, unless the gradient of all vectors of the matrix is
    /// exactly 0, as where only values are used.
    /// </remarks>
    /// <param name="operation">For the message.</param>
    /// <param name="x">Values [..., n].</param>
    /// <param name="isUsed">[...]: whether vectors have gradients.</param>
    public static Tensor Reciprocals(string operation, Tensor x, Tensor isUsed)
    {
        Tensor isGap;
        using (Recording.Pause())
        {
            var difference = (x.Unsqueeze(-2) - x.Unsqueeze(-1)).Abs();
            isGap = difference > Least * Largest(x).Unsqueeze(-1).Unsqueeze(-1);
            var n = x.Shape[^1];
            var isPair = Tensor.Eye(n, dtype: DType.Float32).EqualTo(0);
            var coincide = isPair & isGap.EqualTo(Tensor.Full([], 0, DType.Bool)) & isUsed.Unsqueeze(-1).Unsqueeze(-1);
            var at = Array.IndexOf(coincide.ToArray<bool>(), true);
            if (at >= 0)
            {
                throw new InvalidOperationException(
                    $"{operation}: values {at / n % n} and {at % n} of matrix {at / n / n} coincide, so its vectors have no gradient; "
                    + "that of the values alone exists.");
            }
        }

        return Quotient(x.Unsqueeze(-2) - x.Unsqueeze(-1), isGap);
    }

    /// <summary>1 / x, for singular values; an error where one is 0 and the vectors have gradients.</summary>
    public static Tensor Reciprocal(string operation, Tensor x, Tensor isUsed)
    {
        Tensor isPositive;
        using (Recording.Pause())
        {
            isPositive = x > Least * Largest(x).Unsqueeze(-1);
            var isZero = isPositive.EqualTo(Tensor.Full([], 0, DType.Bool)) & isUsed.Unsqueeze(-1);
            var at = Array.IndexOf(isZero.ToArray<bool>(), true);
            if (at >= 0)
            {
                throw new InvalidOperationException(
                    $"{operation}: value {at % x.Shape[^1]} of matrix {at / x.Shape[^1]} is 0, so its vectors have no gradient; "
                    + "that of the values alone exists.");
            }
        }

        return Quotient(x, isPositive);
    }

    /// <summary>Refuses triangular matrices [..., n, n] with a diagonal element that is 0, but for rounding.</summary>
    public static void CheckIndependent(string operation, Tensor triangle)
    {
        using (Recording.Pause())
        {
            var diagonal = triangle.Detach().Diagonal().Abs();
            var n = diagonal.Shape[^1];
            var at = Array.IndexOf((diagonal <= Least * Largest(diagonal).Unsqueeze(-1)).ToArray<bool>(), true);
            if (at >= 0)
            {
                throw new InvalidOperationException(
                    $"{operation}: column {at % n} of matrix {at / n} depends on those before it, so the decomposition has no gradient.");
            }
        }
    }

    /// <summary>Whether any element of each matrix is not exactly 0.</summary>
    public static Tensor IsUsed(Tensor gradient)
    {
        using (Recording.Pause())
        {
            return gradient.NotEqualTo(0).To(DType.Int64).Sum([-2, -1]) > 0;
        }
    }

    private static Tensor Largest(Tensor x) => x.Shape[^1] == 0 ? x.Sum(-1) : x.Abs().Max(-1);

    private static Tensor Quotient(Tensor x, Tensor isMeant) =>
        Tensor.Where(isMeant, 1, 0).To(x.DType) / Tensor.Where(isMeant, x, 1);
}
