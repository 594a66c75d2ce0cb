using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Backprop;

/// <summary>Shapes that an operation can't work with. The message names the operation, the shapes and what would fit.</summary>
public sealed class ShapeException : ArgumentException
{
    /// <summary>Creates the exception.</summary>
    public ShapeException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with the one that caused it.</summary>
    public ShapeException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>An element type that an operation can't work with. The message names the operation, the types and the conversion.</summary>
public sealed class DTypeException : ArgumentException
{
    /// <summary>Creates the exception.</summary>
    public DTypeException(string message)
        : base(message)
    {
    }
}

/// <summary>
/// The one place that phrases errors. Each names the operation, the value, and the legal range, with numbers as they are written in code whatever the culture.
/// </summary>
internal static class Error
{
    /// <summary>A shape as text: [64, 784].</summary>
    public static string Text(ReadOnlySpan<int> shape) =>
        "[" + string.Join(", ", Array.ConvertAll(shape.ToArray(), size => size.ToString(CultureInfo.InvariantCulture))) + "]";

    public static ShapeException Shape(string operation, string problem) => new($"{operation}: {problem}");

    public static ShapeException NotBroadcastable(string operation, ReadOnlySpan<int> a, ReadOnlySpan<int> b) =>
        new($"{operation}: shapes {Text(a)} and {Text(b)} do not broadcast; aligned from the right, sizes must be equal or 1.");

    public static ArgumentOutOfRangeException Axis(string operation, int axis, int rank) =>
        new(nameof(axis), axis, rank == 0
            ? FormattableString.Invariant($"{operation}: axis {axis} of a scalar; a scalar has no axes.")
            : FormattableString.Invariant($"{operation}: axis {axis} is outside {-rank} … {rank - 1} for a tensor of rank {rank}."));

    public static ArgumentOutOfRangeException Range(string operation, string name, object? value, string legal) =>
        new(name, value, FormattableString.Invariant($"{operation}: {name} is {value}; it must be {legal}."));

    public static DTypeException DType(string operation, DType dtype, string advice) =>
        new($"{operation}: {dtype.Label()} is not supported; {advice}");

    public static DTypeException DTypesDiffer(string operation, DType a, DType b)
    {
        // Numbers are rarely meant to lose their fractions: where one side is floating point, only that direction is offered.
        var first = $"To(DType.{b}) on the first";
        var second = $"To(DType.{a}) on the second";
        var advice = a.IsFloating() == b.IsFloating() ? $"{first} or {second}" : b.IsFloating() ? first : second;
        return new($"{operation}: dtypes differ: {a.Label()} and {b.Label()}. Nothing is converted silently: use {advice}.");
    }

    [DoesNotReturn]
    public static void Throw(Exception exception) => throw exception;

    /// <summary>Normalises a possibly negative axis, or throws.</summary>
    public static int CheckAxis(string operation, int axis, int rank)
    {
        if (axis < -rank || axis >= rank)
        {
            throw Axis(operation, axis, rank);
        }

        return axis < 0 ? axis + rank : axis;
    }
}
