using System.Globalization;
using System.Text;

namespace Backprop;

/// <summary>Range, mean and what is not finite, from a look at the elements that the debugger can afford.</summary>
internal readonly record struct TensorFacts(int Seen, int Finite, double Smallest, double Largest, double Sum, int NaN, int Infinite)
{
    private const int MostElements = 1 << 20;

    public static TensorFacts Of(Tensor tensor)
    {
        double smallest = double.PositiveInfinity, largest = double.NegativeInfinity, sum = 0;
        int seen = 0, nan = 0, infinite = 0;
        foreach (var offset in Offsets(tensor.Layout))
        {
            var value = tensor.At(offset);
            seen++;
            if (double.IsFinite(value))
            {
                smallest = Math.Min(smallest, value);
                largest = Math.Max(largest, value);
                sum += value;
            }
            else if (double.IsNaN(value))
            {
                nan++;
            }
            else
            {
                infinite++;
            }
        }

        return new TensorFacts(seen, seen - nan - infinite, smallest, largest, sum, nan, infinite);
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        if (Finite > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" in {Smallest:G4} … {Largest:G4}, mean {Sum / Finite:G4}");
        }

        if (NaN > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $", {NaN} NaN");
        }

        if (Infinite > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $", {Infinite} infinite");
        }

        return text.ToString();
    }

    /// <summary>The storage positions of the first elements in row-major order.</summary>
    private static IEnumerable<int> Offsets(Layout layout)
    {
        var index = new int[layout.Rank];
        var offset = layout.Offset;
        for (var i = 0; i < Math.Min(layout.Count, MostElements); i++)
        {
            yield return offset;
            for (var axis = index.Length - 1; axis >= 0; axis--)
            {
                offset += layout.Strides[axis];
                if (++index[axis] < layout.Sizes[axis])
                {
                    break;
                }

                offset -= layout.Strides[axis] * layout.Sizes[axis];
                index[axis] = 0;
            }
        }
    }
}
