using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Ops;

/// <summary>What looking rows up in a table [entries, features] takes.</summary>
internal static class EmbeddingTable
{
    /// <summary>Checks all arguments before anything changes, and resolves a negative padding index; −1 where there is none.</summary>
    public static int Check(string operation, Tensor positions, Tensor weight, int? paddingIndex, double? maxNorm, double normType, Func<string>? location)
    {
        ArgumentNullException.ThrowIfNull(positions);
        CheckNumbers(operation, weight, paddingIndex, maxNorm, normType);
        CheckPositions(operation, positions, weight.Shape[0], location);
        return paddingIndex is { } given ? given < 0 ? given + weight.Shape[0] : given : -1;
    }

    /// <summary>Checks the table and the numbers that go with it.</summary>
    public static void CheckNumbers(string operation, Tensor weight, int? paddingIndex, double? maxNorm, double normType)
    {
        ArgumentNullException.ThrowIfNull(weight);
        NormChecks.Type(operation, weight);
        if (weight.Rank != 2)
        {
            throw Error.Shape(operation, $"the weight must be [entries, features], not {Error.Text(weight.Shape)}.");
        }

        var entries = weight.Shape[0];
        if (paddingIndex is { } index && (index < -entries || index >= entries))
        {
            throw Error.Range(operation, nameof(paddingIndex), index, FormattableString.Invariant($"from {-entries} to {entries - 1}, for {entries} entries"));
        }

        if (maxNorm is { } limit && !(limit > 0))
        {
            throw Error.Range(operation, nameof(maxNorm), limit, "positive");
        }

        if (!(normType > 0))
        {
            throw Error.Range(operation, nameof(normType), normType, "positive");
        }
    }

    /// <summary>
    /// Refuses positions outside of the table. Negative ones don't count from the end here: what marks padding in data, often −1, would silently be the
    /// last row.
    /// </summary>
    /// <param name="operation">For messages.</param>
    /// <param name="positions">Of any shape.</param>
    /// <param name="entries">The rows of the table.</param>
    /// <param name="location">Which layer asks, for messages.</param>
    public static void CheckPositions(string operation, Tensor positions, int entries, Func<string>? location)
    {
        if (positions.DType is not (DType.Int64 or DType.Int32))
        {
            throw Error.DType(operation, positions.DType, $"positions must be int64 or int32; convert with To(DType.Int64){In(location)}.");
        }

        if (Memory.Ledger.IsOn)
        {
            NoteCheck(operation, positions, entries, location);
        }
        else
        {
            CheckPositionsNow(operation, positions, entries, location);
        }
    }

    private static void NoteCheck(string operation, Tensor positions, int entries, Func<string>? location) =>
        Memory.Ledger.Current!.Perform(() => CheckPositionsNow(operation, positions, entries, location));

    private static void CheckPositionsNow(string operation, Tensor positions, int entries, Func<string>? location)
    {
        var dense = positions.Dense();
        var outside = dense.DType == DType.Int64 ? FirstOutside(dense.AsSpan<long>(), entries) : FirstOutside(dense.AsSpan<int>(), entries);
        if (outside >= 0)
        {
            var value = dense.DType == DType.Int64 ? dense.AsSpan<long>()[outside] : dense.AsSpan<int>()[outside];
            var legal = entries == 0 ? "the table has no entries" : FormattableString.Invariant($"it must be from 0 to {entries - 1}, for {entries} entries");
            var place = $"at {Place(outside, positions.Shape)} of the input {Error.Text(positions.Shape)}";
            throw new ArgumentOutOfRangeException(
                nameof(positions), value, FormattableString.Invariant($"{operation}: position {value} {place}: {legal}{In(location)}."));
        }
    }

    private static string In(Func<string>? location) => location is null ? "" : $", in {location()}";

    /// <summary>The rows at the positions, [count, features].</summary>
    /// <param name="positions">Checked, from 0 on.</param>
    /// <param name="weight">The table.</param>
    /// <param name="scaleByFrequency">Whether a row's gradient is divided by how often the row is looked up.</param>
    public static Tensor Rows(int[] positions, Tensor weight, bool scaleByFrequency)
    {
        var index = Tensor.From(positions);
        var rows = weight.IndexSelect(index);
        if (positions.Length == 0 || !scaleByFrequency)
        {
            return rows;
        }

        var shares = new EmbeddingShares(padding: -1, byFrequency: true, weight.DType.Computing()).Run(new Operands(index));
        return ScaledGradient.Instance.Apply(rows, shares.Unsqueeze(1));
    }

    /// <summary>The positions, counted from the start.</summary>
    public static int[] Read(string operation, Tensor positions, int entries)
    {
        using var read = Positions.Of(operation, positions, 0, entries);
        return read.Span.ToArray();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int FirstOutside<T>(ReadOnlySpan<T> values, int entries)
        where T : unmanaged, IBinaryInteger<T>
    {
        for (var i = 0; i < values.Length; i++)
        {
            if ((ulong)long.CreateTruncating(values[i]) >= (ulong)entries)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Where an element is, by its number in row-major order: [0, 1].</summary>
    private static string Place(int number, ReadOnlySpan<int> shape)
    {
        var place = new int[shape.Length];
        for (var axis = shape.Length - 1; axis >= 0; axis--)
        {
            (number, place[axis]) = Math.DivRem(number, shape[axis]);
        }

        return Error.Text(place);
    }

    /// <summary>
    /// Shortens the rows at the positions that are longer than a limit, in place and unrecorded; once, though a checkpoint comes by twice.
    /// </summary>
    public static void Renormalize(Tensor weight, int[] positions, double maxNorm, double normType)
    {
        if (positions.Length == 0 || weight.Count == 0 || Checkpoint.IsRecomputing)
        {
            return;
        }

        using (Recording.Pause())
        {
            var which = Tensor.From(positions.Distinct().Order().ToArray());
            var rows = weight.Detach().IndexSelect(which).To(DType.Float64);
            var norms = double.IsPositiveInfinity(normType)
                ? rows.Abs().Max(1, keepDimensions: true)
                : rows.Abs().Pow(normType).Sum(1, keepDimensions: true).Pow(1 / normType);
            var factors = Tensor.Where(norms > maxNorm, maxNorm / (norms + 1e-7), 1).ToArray<double>();
            if (!factors.Any(factor => factor != 1))
            {
                return;
            }

            var all = new double[weight.Shape[0]];
            Array.Fill(all, 1);
            foreach (var (i, position) in which.ToArray<int>().Index())
            {
                all[position] = factors[i];
            }

            weight.CopyFrom(weight.Detach() * Tensor.From(all, all.Length, 1).To(weight.DType));
        }
    }
}
