using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Backprop.Tests.Properties;

/// <summary>Random arguments, sensible and silly ones, all of them small.</summary>
internal sealed class FuzzArguments(Random random)
{
    private static readonly string[] equations =
        ["ij,jk->ik", "i,i", "ii", "ij->ji", "...i,...i->...", "ij,jk", "i->ii", "", "->", ",", "a b", "ij,,k", "i...j...", "z->", "ij->k", "日,日"];

    private static readonly double[] reals =
        [0, 1, -1, 0.5, 2, 3, -2.5, 1e-3, 20, double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue, double.Epsilon, -0.0];

    /// <summary>What the tensors of one call have in common, so that some calls are legal.</summary>
    private int[] common = [];
    private DType dtype;

    /// <summary>Nearly legal arguments: tensors of one shape, small numbers.</summary>
    private bool isCalm;

    public static bool Knows(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum || ElementOfSpan(type) is { } element && element != typeof(char) && Knows(element)
            || type == typeof(Tensor) || type == typeof(int) || type == typeof(long) || type == typeof(double) || type == typeof(float) || type == typeof(bool)
            || type == typeof(string) || type == typeof(PerAxis) || type == typeof(Padding) || type == typeof(Generator) || type == typeof(TensorIndex)
            || type == typeof((int, int)) || type == typeof(int[]) || type == typeof(float[]) || type == typeof(float[,]) || type == typeof(float[,,])
            || type == typeof(Tensor[]) || type == typeof(ulong);
    }

    public static Type? ElementOfSpan(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ReadOnlySpan<>) ? type.GenericTypeArguments[0] : null;

    /// <summary>Arguments for a call, of which the first is what it is called on.</summary>
    public object?[] For(FuzzCall call)
    {
        isCalm = random.Next(2) == 0;
        var side = random.Next(1, 4);
        common = isCalm && random.Next(2) == 0 ? [.. Enumerable.Repeat(side, random.Next(5))] : Shape(random.Next(5));
        dtype = random.Next(3) switch { 0 => DType.Float64, 1 => DType.Float32, _ => Enum.GetValues<DType>()[random.Next(Enum.GetValues<DType>().Length)] };
        var arguments = call.Parameters.Select(Argument);
        return [.. call.HasThis ? [Tensor()] : Array.Empty<object>(), .. arguments];
    }

    public Tensor Tensor(string? name = null)
    {
        if (isCalm && random.Next(6) > 0)
        {
            return Calm(name);
        }

        if (random.Next(8) == 0)
        {
            return random.Next(-2, 5);
        }

        var shape = random.Next(6) switch
        {
            0 => Shape(random.Next(6)),
            1 => [.. common.Select(size => random.Next(3) == 0 ? 1 : size)],
            2 => common[random.Next(common.Length + 1)..],
            3 => [.. common, .. Shape(random.Next(2))],
            _ => common,
        };
        var type = random.Next(4) switch { 0 => Enum.GetValues<DType>()[random.Next(Enum.GetValues<DType>().Length)], 1 => DType.Int64, _ => dtype };
        var values = new double[Count(shape)];
        var isWild = random.Next(6) == 0;
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = isWild ? random.Next(4) switch { 0 => Real(), 1 => long.MinValue, 2 => int.MaxValue, _ => Int() }
                : type.IsFloating() ? (random.NextDouble() * 4) - 2 : random.Next(-1, 4);
        }

        var result = Backprop.Tensor.From(values, shape).To(type);
        if (random.Next(4) == 0 && result.Rank > 0)
        {
            result = random.Next(3) switch
            {
                0 => result.Flip(random.Next(result.Rank)),
                1 => result.Transpose(0, -1),
                _ => result.Unsqueeze(0).Expand([2, .. shape])[1],
            };
        }

        return type.IsFloating() && random.Next(3) == 0 ? result.RequireGradient() : result;
    }

    /// <summary>The tensor, or one that differs from it in shape, dtype or numbers.</summary>
    public static Tensor Change(Tensor x, Random random, double likelihood)
    {
        x = x.Detach();
        if (random.NextDouble() < likelihood)
        {
            var axis = random.Next(Math.Max(x.Rank, 1));
            x = random.Next(9) switch
            {
                0 => x.Unsqueeze(random.Next(x.Rank + 1)),
                1 when x.Rank > 0 => x.Sum(axis),
                2 when x.Rank > 0 => x.Narrow(axis, 0, random.Next(x.Shape[axis] + 1)),
                3 when x.Rank > 0 => x.Narrow(axis, 0, 0),
                4 when x.Rank > 0 => Backprop.Tensor.Concatenate([x, x], axis),
                5 when x.Rank > 1 => x.Transpose(axis, 0),
                6 => x.To(Enum.GetValues<DType>()[random.Next(Enum.GetValues<DType>().Length)]),
                7 when x.DType.IsFloating() => (x * reals[random.Next(reals.Length)]).Detach(),
                _ => Wild(x, random),
            };
        }

        return x.DType.IsFloating() && random.Next(2) == 0 ? x.RequireGradient() : x;
    }

    /// <summary>One number of it is another one.</summary>
    private static Tensor Wild(Tensor x, Random random)
    {
        if (x.Count == 0)
        {
            return x;
        }

        var values = x.To(DType.Float64).ToArray<double>();
        values[random.Next(values.Length)] = random.Next(5) switch
        {
            0 => long.MinValue,
            1 => long.MaxValue,
            2 => int.MaxValue,
            3 => random.Next(-3, 6),
            _ => reals[random.Next(reals.Length)],
        };
        return Backprop.Tensor.From(values, x.Shape).To(x.DType);
    }

    public static string Text(object? argument) => argument switch
    {
        null => "null",
        Tensor tensor => $"{tensor.DType.ToString().ToLowerInvariant()}[{string.Join(", ", tensor.Shape.ToArray())}]"
            + (tensor.Count <= 12 ? $"({string.Join(' ', tensor.Detach().To(DType.Float64).ToArray<double>().Select(value => Text(value)))})" : string.Empty),
        Array { Rank: 1 } array => "[" + string.Join("; ", array.Cast<object?>().Select(Text)) + "]",
        Array array => $"{array.GetType().Name}",
        ITuple tuple => "(" + string.Join(", ", Enumerable.Range(0, tuple.Length).Select(i => Text(tuple[i]))) + ")",
        TensorIndex index => index.Tensor is { } own ? Text(own) : $"{index.Kind} {index.Range} {index.Step}",
        string text => $"\"{text}\"",
        IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
        _ => argument.ToString()!,
    };

    private object? Argument(ParameterInfo parameter)
    {
        if (parameter.HasDefaultValue && random.Next(2) == 0)
        {
            return parameter.DefaultValue is null && parameter.ParameterType.IsValueType && Nullable.GetUnderlyingType(parameter.ParameterType) is null
                ? RuntimeHelpers.GetUninitializedObject(parameter.ParameterType)
                : parameter.ParameterType.IsEnum ? Enum.ToObject(parameter.ParameterType, parameter.DefaultValue!) : parameter.DefaultValue;
        }

        // As many of something that is made one by one is a long wait, not an error.
        if (parameter.ParameterType == typeof(Tensor) && isCalm)
        {
            return Tensor(parameter.Name);
        }

        return parameter.Name is "layers" ? random.Next(-3, 6) : Value(parameter.ParameterType);
    }

    private object? Value(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return random.Next(4) == 0 ? null : Value(inner);
        }

        if (ElementOfSpan(type) is { } element)
        {
            return Several(element);
        }

        if (type.IsArray && type.GetArrayRank() == 1)
        {
            return random.Next(20) == 0 ? null : Several(type.GetElementType()!);
        }

        if (type.IsEnum)
        {
            return Enum.ToObject(type, random.Next(12) == 0 ? 99 : random.Next(Enum.GetValues(type).Length));
        }

        return type switch
        {
            _ when type == typeof(Tensor) => random.Next(30) == 0 ? null : Tensor(),
            _ when type == typeof(int) => Int(),
            _ when type == typeof(long) => random.Next(8) switch { 0 => long.MinValue, 1 => long.MaxValue, _ => (long)Int() },
            _ when type == typeof(ulong) => (ulong)random.Next(5),
            _ when type == typeof(double) => Real(),
            _ when type == typeof(float) => (float)Real(),
            _ when type == typeof(bool) => random.Next(2) == 0,
            _ when type == typeof(string) => random.Next(20) == 0 ? null : equations[random.Next(equations.Length)],
            _ when type == typeof(PerAxis) => PerAxis(),
            _ when type == typeof(Padding) => random.Next(4) switch { 0 => Padding.Same, 1 => Padding.Valid, _ => (Padding)PerAxis() },
            _ when type == typeof(Generator) => random.Next(3) == 0 ? null : new Generator(1),
            _ when type == typeof((int, int)) => (Int(), Int()),
            _ when type == typeof(TensorIndex) => Index(),
            _ when type == typeof(float[,]) => random.Next(9) == 0 ? null : new float[random.Next(3), random.Next(3)],
            _ => random.Next(9) == 0 ? null : new float[random.Next(3), random.Next(3), random.Next(3)],
        };
    }

    private Array Several(Type element)
    {
        var isWild = random.Next(3) == 0;
        var result = Array.CreateInstance(element, random.Next(random.Next(8) == 0 ? 20 : 5));
        for (var i = 0; i < result.Length; i++)
        {
            result.SetValue(element == typeof(int) && !isWild ? random.Next(-1, 4) : Value(element), i);
        }

        return result;
    }

    private PerAxis PerAxis() => random.Next(3) switch
    {
        0 => default,
        1 => Int(),
        _ => (int[])Several(typeof(int)),
    };

    /// <summary>What a parameter of that name is likely to take.</summary>
    private Tensor Calm(string? name)
    {
        if (name is "mask" or "condition")
        {
            return Backprop.Tensor.From([.. Enumerable.Range(0, Count(common)).Select(_ => random.Next(2) == 0)], common);
        }

        if (name is "positions" or "index" or "indices" or "labels" or "targets" or "inputLengths" or "targetLengths" or "lengths" or "counts" or "offsets")
        {
            var shape = random.Next(3) switch { 0 => common, 1 => common[..Math.Min(1, common.Length)], _ => [random.Next(4)] };
            return Backprop.Tensor.From([.. Enumerable.Range(0, Count(shape)).Select(_ => random.Next(2))], shape).To(DType.Int64);
        }

        var own = random.Next(8) switch { 0 => common[..^Math.Min(1, common.Length)], 1 => common[Math.Min(1, common.Length)..], _ => common };
        var result = Backprop.Tensor.From([.. Enumerable.Range(0, Count(own)).Select(_ => random.NextDouble())], own).To(dtype);
        return dtype.IsFloating() && random.Next(2) == 0 ? result.RequireGradient() : result;
    }

    private static int Count(int[] shape) => shape.Aggregate(1, (product, size) => product * size);

    private int Int() => isCalm && random.Next(8) > 0 ? random.Next(3) : random.Next(12) switch
    {
        0 => int.MinValue,
        1 => int.MaxValue,
        2 => random.Next(int.MaxValue - 3, int.MaxValue),
        _ => random.Next(-3, 6),
    };

    private double Real() => isCalm && random.Next(4) > 0 ? random.Next(1, 4) / 2.0 : reals[random.Next(reals.Length)];

    private TensorIndex Index() => random.Next(7) switch
    {
        0 => Backprop.TensorIndex.Ellipsis,
        1 => Backprop.TensorIndex.NewAxis,
        2 => Tensor(),
        3 => Backprop.TensorIndex.Every(Range(), random.Next(3) == 0 ? int.MaxValue : 2),
        4 => Range(),
        _ => Int(),
    };

    private Range Range() => new(End(), End());

    private Index End() => new(Math.Abs(Int() % int.MaxValue), random.Next(2) == 0);

    private int[] Shape(int rank) => [.. Enumerable.Range(0, rank).Select(_ => random.Next(9) switch { 0 => 0, 1 or 2 => 1, _ => random.Next(1, 5) })];
}
