using System.Globalization;

namespace Backprop;

/// <summary>How the elements of one tensor are written, so that they form columns.</summary>
internal sealed class NumberFormat
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    private readonly bool floating;
    private readonly bool single;
    private readonly bool scientific;
    private readonly int decimals;
    private readonly bool trimmed;
    private int left;
    private int right;

    private NumberFormat(DType dtype, bool scientific, int decimals, bool trimmed)
    {
        floating = dtype.IsFloating();
        single = dtype != DType.Float64;
        this.scientific = scientific;
        this.decimals = decimals;
        this.trimmed = trimmed;
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
        var format = new NumberFormat(tensor.DType, scientific, decimals, trimmed: true);
        if (scientific)
        {
            // All mantissas get as many digits as the longest needs.
            var digits = shown.Max(offset => DigitsBehindPoint(format.Plain(tensor, offset)));
            format = new NumberFormat(tensor.DType, scientific, digits, trimmed: false);
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
        DType.Float32 or DType.BFloat16 or DType.Float16 =>
            Word((float)tensor.At(offset)) ?? ((float)tensor.At(offset)).ToString("R", Invariant).ToLowerInvariant(),
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

        return scientific ? Scientific(value) : Fixed(value);
    }

    private string Fixed(double value)
    {
        // "F" is exact, which a picture such as 0.#### is not: it stops at 7 or 15 digits.
        var text = Trimmed(value.ToString("F" + decimals, Invariant));
        var behind = Parts(text).Behind;
        if ((behind == 0 || behind < decimals) && double.Parse(text, Invariant) == value)
        {
            return text;
        }

        // Where there is room for more than the shortest text, further digits belong to the binary value, not to the number that was meant.
        var shortest = Trimmed(decimal.Parse(Shortest(value), NumberStyles.Float, Invariant).ToString(Invariant));
        return Parts(shortest).Behind <= decimals ? shortest : text;
    }

    private static string Trimmed(string text) => text.Contains('.') ? text.TrimEnd('0') : text + ".";

    private string Shortest(double value) => single ? ((float)value).ToString("R", Invariant) : value.ToString("R", Invariant);

    private string Scientific(double value)
    {
        // Never more digits than the shortest text that gives the same number again.
        var text = value.ToString("E" + Math.Min(decimals, ShortestMantissa(value)), Invariant);
        var split = text.IndexOf('E');
        var (mantissa, exponent) = (text[..split], int.Parse(text.AsSpan(split + 1), NumberStyles.AllowLeadingSign, Invariant));
        mantissa = Trimmed(mantissa);
        if (!trimmed)
        {
            mantissa = mantissa.PadRight(mantissa.IndexOf('.') + 1 + decimals, '0');
        }

        return mantissa + (exponent < 0 ? "e-" : "e+") + Math.Abs(exponent).ToString("00", Invariant);
    }

    /// <summary>The digits behind the point in powers of ten of the shortest text that gives the same number again.</summary>
    private int ShortestMantissa(double value)
    {
        var shortest = Shortest(value);
        var end = shortest.IndexOf('E');
        var digits = (end < 0 ? shortest : shortest[..end]).Replace(".", "", StringComparison.Ordinal).TrimStart('-', '0');
        return Math.Max(0, digits.TrimEnd('0').Length - 1);
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
