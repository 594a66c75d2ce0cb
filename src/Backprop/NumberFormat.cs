using System.Globalization;

namespace Backprop;

/// <summary>How the elements of one tensor are written, so that they form columns.</summary>
internal sealed class NumberFormat
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private readonly bool floating;
    private readonly bool single;
    private readonly string picture;
    private readonly bool scientific;
    private int left;
    private int right;

    private NumberFormat(DType dtype, bool scientific, string picture)
    {
        floating = dtype.IsFloating();
        single = dtype == DType.Float32;
        this.scientific = scientific;
        this.picture = picture;
    }

    /// <summary>
    /// A format for the elements at the given storage positions: decimals as needed up to a limit, or powers of ten where a number is 10⁸ or more or would
    /// vanish behind the last decimal.
    /// </summary>
    public static NumberFormat For(Tensor tensor, List<int> shown, int decimals)
    {
        double largest = 0, smallest = double.PositiveInfinity;
        if (tensor.DType.IsFloating())
        {
            foreach (var offset in shown)
            {
                var size = Math.Abs(tensor.At(offset));
                if (double.IsFinite(size) && size > 0)
                {
                    largest = Math.Max(largest, size);
                    smallest = Math.Min(smallest, size);
                }
            }
        }

        var scientific = largest >= 1e8 || smallest < Math.Pow(10, -decimals);
        var format = new NumberFormat(tensor.DType, scientific, "0." + new string('#', decimals) + (scientific ? "e+00" : ""));
        if (scientific)
        {
            // All mantissas get as many digits as the longest needs.
            var digits = shown.Max(offset => DigitsBehindPoint(format.Plain(tensor, offset)));
            format = new NumberFormat(tensor.DType, scientific, (digits == 0 ? "0'.'" : "0." + new string('0', digits)) + "e+00");
        }

        foreach (var offset in shown)
        {
            var (before, behind) = Parts(format.Plain(tensor, offset));
            format.left = Math.Max(format.left, before);
            format.right = Math.Max(format.right, behind);
        }

        foreach (var offset in shown)
        {
            // Words such as nan take the whole column.
            var plain = format.Plain(tensor, offset);
            if (format.IsWord(plain))
            {
                format.left = Math.Max(format.left, plain.Length - format.right);
            }
        }

        return format;
    }

    /// <summary>One element in full precision: the shortest text that gives the same number again.</summary>
    public static string Full(Tensor tensor, int offset) => tensor.DType switch
    {
        DType.Bool => tensor.At(offset) != 0 ? "True" : "False",
        DType.Int64 => tensor.Storage.Span<long>()[offset].ToString(Invariant),
        DType.Float32 => Word((float)tensor.At(offset)) ?? ((float)tensor.At(offset)).ToString("R", Invariant).ToLowerInvariant(),
        _ => Word(tensor.At(offset)) ?? tensor.At(offset).ToString("R", Invariant).ToLowerInvariant(),
    };

    /// <summary>One element, padded to the width of its column.</summary>
    public string Text(Tensor tensor, int offset)
    {
        var plain = Plain(tensor, offset);
        if (IsWord(plain))
        {
            return plain.PadLeft(left + right);
        }

        var (before, _) = Parts(plain);
        return (new string(' ', left - before) + plain).PadRight(left + right);
    }

    private string Plain(Tensor tensor, int offset)
    {
        if (!floating)
        {
            return Full(tensor, offset);
        }

        var value = tensor.At(offset);
        if (Word(value) is { } word)
        {
            return word;
        }

        var text = single ? ((float)value).ToString(picture, Invariant) : value.ToString(picture, Invariant);
        return scientific || text.Contains('.') ? text : text + ".";
    }

    private static string? Word(double value) =>
        double.IsNaN(value) ? "nan" : double.IsPositiveInfinity(value) ? "inf" : double.IsNegativeInfinity(value) ? "-inf" : null;

    private bool IsWord(string plain) => !floating || plain[^1] is 'n' or 'f';

    /// <summary>The characters up to the point, the point included, and those behind it.</summary>
    private static (int Before, int Behind) Parts(string plain)
    {
        var point = plain.IndexOf('.');
        return point < 0 ? (0, 0) : (point + 1, plain.Length - point - 1);
    }

    private static int DigitsBehindPoint(string plain)
    {
        var (point, exponent) = (plain.IndexOf('.'), plain.IndexOf('e'));
        return point < 0 || exponent < 0 ? 0 : exponent - point - 1;
    }
}
