using System.Globalization;
using System.Numerics.Tensors;

namespace Backprop;

/// <summary>How many elements of a tensor are NaN or infinite, and where the first one is.</summary>
internal readonly record struct NotFinite(int NaNs, int Infinities, string First)
{
    public static readonly NotFinite None = new(0, 0, "");

    public static bool AllFinite(Tensor x)
    {
        using (Recording.Pause())
        {
            return x.DType == DType.Float64
                ? TensorPrimitives.IsFiniteAll(x.Dense().AsSpan<double>())
                : TensorPrimitives.IsFiniteAll(x.To(DType.Float32).Dense().AsSpan<float>());
        }
    }

    public static NotFinite In(Tensor x)
    {
        if (!x.DType.IsFloating())
        {
            return None;
        }

        var (nans, infinities, first) = (0, 0, -1);
        var values = Values(x);
        for (var i = 0; i < values.Length; i++)
        {
            nans += double.IsNaN(values[i]) ? 1 : 0;
            infinities += double.IsInfinity(values[i]) ? 1 : 0;
            first = first < 0 && !double.IsFinite(values[i]) ? i : first;
        }

        return first < 0 ? None : new NotFinite(nans, infinities, Position(x, first));
    }

    /// <summary>From the smallest to the largest finite element.</summary>
    public static string Range(Tensor x)
    {
        var finite = Array.FindAll(Values(x), double.IsFinite);
        var range = finite.Length == 0 ? "nothing finite" : string.Create(CultureInfo.InvariantCulture, $"from {finite.Min():G6} to {finite.Max():G6}");
        var others = In(x);
        return x.Count == 0 ? "empty" : others == None ? range : $"{range}, {others.Count()}";
    }

    public NotFinite And(NotFinite other) => new(NaNs + other.NaNs, Infinities + other.Infinities, First);

    /// <summary>How many of which, and the first place.</summary>
    public string Describe() => $"{Count()} (first at {First})";

    private string Count() => string.Join(
        " and ", new[] { NaNs > 0 ? $"{NaNs} NaN" : "", Infinities > 0 ? $"{Infinities} infinite" : "" }.Where(text => text.Length > 0));

    private static double[] Values(Tensor x)
    {
        using (Recording.Pause())
        {
            return x.Detach().To(DType.Float64).ToArray<double>();
        }
    }

    private static string Position(Tensor x, int index)
    {
        var position = new int[x.Rank];
        for (var axis = x.Rank - 1; axis >= 0; axis--)
        {
            position[axis] = index % x.Shape[axis];
            index /= x.Shape[axis];
        }

        return Error.Text(position);
    }
}
