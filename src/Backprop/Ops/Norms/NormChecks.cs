namespace Backprop.Ops;

/// <summary>What normalisations check alike.</summary>
internal static class NormChecks
{
    public static void Type(string operation, Tensor x)
    {
        if (!x.DType.IsFloating())
        {
            throw Error.DType(operation, x.DType, "convert with To(DType.Float32) first.");
        }
    }

    public static void Epsilon(string operation, double epsilon)
    {
        if (!(epsilon >= 0 && double.IsFinite(epsilon)))
        {
            throw Error.Range(operation, nameof(epsilon), epsilon, "at least 0 and finite");
        }
    }

    public static void Momentum(string operation, double momentum)
    {
        if (!(momentum is >= 0 and <= 1))
        {
            throw Error.Range(operation, nameof(momentum), momentum, "from 0 to 1");
        }
    }

    /// <summary>A weight, a bias or a running statistic, which may be missing.</summary>
    public static void Companion(string operation, string name, Tensor x, Tensor? companion, ReadOnlySpan<int> shape)
    {
        if (companion is null)
        {
            return;
        }

        if (companion.DType != x.DType)
        {
            throw Error.DTypesDiffer(operation, x.DType, companion.DType);
        }

        HasShape(operation, name, x, companion, shape);
    }

    /// <summary>What goes with x has its shape.</summary>
    public static void HasShape(string operation, string name, Tensor x, Tensor companion, ReadOnlySpan<int> shape)
    {
        if (!companion.Layout.HasShape(shape))
        {
            throw Error.Shape(operation, $"the {name} {Error.Text(companion.Shape)} must have shape {Error.Text(shape)} for x {Error.Text(x.Shape)}.");
        }
    }

    /// <summary>[N, C, …] with at least <paramref name="rank"/> axes.</summary>
    public static void Channels(string operation, Tensor x, int rank)
    {
        if (x.Rank < rank)
        {
            throw Error.Shape(operation, $"x must be {(rank == 2 ? "[N, C, …]" : "[N, C, L, …]")}, not {Error.Text(x.Shape)}.");
        }
    }

    /// <summary>The tensors that are there.</summary>
    public static Operands Operands(Tensor first, params ReadOnlySpan<Tensor?> others)
    {
        var all = new List<Tensor> { first };
        foreach (var other in others)
        {
            if (other is not null)
            {
                all.Add(other);
            }
        }

        return new Operands(all.ToArray());
    }

    /// <summary>The numbers of a vector as doubles, or the same number everywhere in place of none.</summary>
    public static double[] Doubles(Tensor? vector, int count, double whenMissing)
    {
        if (vector is null)
        {
            var same = new double[count];
            Array.Fill(same, whenMissing);
            return same;
        }

        var dense = vector.Dense();
        return dense.DType == DType.Float64 ? dense.AsSpan<double>().ToArray() : Array.ConvertAll(dense.AsSpan<float>().ToArray(), value => (double)value);
    }

    /// <summary>A vector of channels in a shape that broadcasts to x [N, C, …].</summary>
    public static Tensor Spread(Tensor channels, int rank)
    {
        var shape = new int[rank - 1];
        Array.Fill(shape, 1);
        shape[0] = channels.Count;
        return channels.Reshape(shape);
    }
}
