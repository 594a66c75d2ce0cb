using System.Globalization;

namespace Backprop.Layers;

/// <summary>What the constructors of normalisations check, and how their texts show what is not as usual.</summary>
internal static class NormSettings
{
    public static void Check(string operation, DType dtype, double epsilon, double? momentum = null)
    {
        if (!dtype.IsFloating())
        {
            throw Error.DType(operation, dtype, "choose Float32 or Float64.");
        }

        if (!(epsilon >= 0 && double.IsFinite(epsilon)))
        {
            throw Error.Range(operation, nameof(epsilon), epsilon, "at least 0 and finite");
        }

        if (momentum is { } given && !(given is >= 0 and <= 1))
        {
            throw Error.Range(operation, nameof(momentum), given, "from 0 to 1, or null");
        }
    }

    /// <summary>Refuses sizes below 1.</summary>
    public static void CheckSize(string operation, string name, int size)
    {
        if (size < 1)
        {
            throw Error.Range(operation, name, size, "at least 1");
        }
    }

    /// <summary>The dtypes of input and parameters must be equal.</summary>
    public static void CheckType(string operation, Tensor x, Tensor? parameter, string location) =>
        CheckType(operation, x, parameter?.DType, location);

    /// <summary>The dtypes of input and layer must be equal; null for a layer that has none.</summary>
    public static void CheckType(string operation, Tensor x, DType? dtype, string location)
    {
        if (dtype is { } given && x.DType != given)
        {
            throw new DTypeException($"{Error.DTypesDiffer(operation, x.DType, given).Message} In {location}");
        }
    }

    /// <summary>", ε 0.001" where it isn't the usual one.</summary>
    public static string Epsilon(double epsilon) => epsilon == 1e-5 ? "" : string.Create(CultureInfo.InvariantCulture, $", ε {epsilon}");
}
