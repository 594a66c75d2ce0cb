using System.Diagnostics;
using System.Globalization;

namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>
    /// The elements in NumPy's layout: nested brackets, aligned columns, up to four decimals, and … in place of the middle where there are more
    /// than 1000 elements. A scalar is the bare number in full precision.
    /// </summary>
    /// <remarks>
    /// Never throws and never records; a recycled tensor says that it is one. The layout differs from NumPy's in two ways: powers of ten appear where a
    /// number is 10⁸ or more or would vanish behind the last decimal, never because the largest is more than 1000 times the smallest; and exponents of
    /// different lengths are filled up with spaces behind them.
    /// </remarks>
    public override string ToString() => ToString(TensorText.DefaultDecimals);

    /// <summary>The elements in NumPy's layout, with up to <paramref name="decimals"/> decimals.</summary>
    /// <param name="decimals">0 … 15.</param>
    /// <exception cref="ArgumentOutOfRangeException">Another number of decimals.</exception>
    public string ToString(int decimals)
    {
        if (decimals is < 0 or > 15)
        {
            throw Error.Range("to_string", nameof(decimals), decimals, "from 0 to 15");
        }

        try
        {
            return TensorText.Of(this, decimals);
        }
        catch (ObjectDisposedException)
        {
            return $"{Describe()}, recycled";
        }
    }

    /// <summary>One line for the debugger: dtype, shape, range, mean, what is not finite, and the place on the tape.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    internal string DebuggerSummary
    {
        get
        {
            try
            {
                return $"{DType.Label()} {Error.Text(Shape)}{Contents()}{Origin()}{(Name is null ? "" : $", '{Name}'")}";
            }
            catch (ObjectDisposedException)
            {
                return $"{DType.Label()} {Error.Text(Shape)}, recycled{(Name is null ? "" : $", '{Name}'")}";
            }
        }
    }

    private string Origin() => Node switch
    {
        null => "",
        Leaf leaf => leaf.Gradient is null ? ", requires gradient" : ", requires gradient (has one)",
        var node => $", computed by '{node.Label}'",
    };

    private string Contents()
    {
        if (Count == 0)
        {
            return ", empty";
        }

        if (Count == 1)
        {
            return $" = {TensorText.Scalar(this, Layout.Offset)}";
        }

        var facts = TensorFacts.Of(this);
        var scope = facts.Seen < Count ? string.Create(CultureInfo.InvariantCulture, $" (of the first {facts.Seen})") : "";
        return DType == DType.Bool
            ? string.Create(CultureInfo.InvariantCulture, $", {facts.Sum} true{scope}")
            : facts + scope;
    }
}
