namespace Backprop.Ops;

/// <summary>Division of integers has no answer for a divisor of 0, so that is refused; floating point has NaN and the infinities.</summary>
internal static class IntegerDivision
{
    public static Tensor Apply<TRule>(Tensor x, Tensor divisor)
        where TRule : struct, IBinaryRule
    {
        (x, divisor) = Broadcasting.Adopt(TRule.Name, x, divisor);
        if (x.DType == divisor.DType)
        {
            Capture.Repeat(() =>
            {
                switch (divisor.DType)
                {
                    case DType.Int32: Check(TRule.Name, divisor.Dense().AsSpan<int>().IndexOf(0)); break;
                    case DType.Int64: Check(TRule.Name, divisor.Dense().AsSpan<long>().IndexOf(0)); break;
                }
            });
        }

        return BinaryOp<TRule>.Default.Run(new Operands(x, divisor));
    }

    public static Tensor Apply<TRule>(Tensor x, double divisor)
        where TRule : struct, IBinaryRule
    {
        if (divisor == 0 && x.DType is (DType.Int32 or DType.Int64))
        {
            Check(TRule.Name, 0);
        }

        return Elementwise.Apply<TRule>(x, divisor);
    }

    private static void Check(string operation, int position)
    {
        if (position >= 0)
        {
            throw Error.Range(operation, "divisor", 0, FormattableString.Invariant($"any integer but 0 (element {position}); floating point divides by 0"));
        }
    }
}
