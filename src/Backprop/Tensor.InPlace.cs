using Backprop.Ops;

namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>Replaces the elements by those of <paramref name="source"/>, which broadcasts to this shape.</summary>
    /// <exception cref="InvalidOperationException">The change would be lost to the tape, or the tensor repeats elements.</exception>
    /// <exception cref="ShapeException">The source doesn't broadcast to this shape.</exception>
    public Tensor CopyFrom(Tensor source)
    {
        source = CheckSource("copy_from", source);
        BeginChange("copy_from");
        CopyElements(source);
        return this;
    }

    /// <summary>Replaces the elements by <paramref name="values"/> in row-major order.</summary>
    /// <exception cref="ArgumentException">The number of values differs.</exception>
    public Tensor CopyFrom<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        CheckType<T>("copy_from");
        if (values.Length != Count)
        {
            throw Error.Shape("copy_from", $"{values.Length} values for {Describe()}, which has {Count} elements.");
        }

        BeginChange("copy_from");
        if (Layout.IsContiguous)
        {
            values.CopyTo(Elements<T>("copy_from"));
        }
        else
        {
            using (Recording.Pause())
            {
                CopyElements(From(values, Shape));
            }
        }

        return this;
    }

    /// <inheritdoc cref="CopyFrom{T}(ReadOnlySpan{T})"/>
    public Tensor CopyFrom<T>(T[] values)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        return CopyFrom<T>(values.AsSpan());
    }

    /// <summary>Sets every element.</summary>
    /// <exception cref="InvalidOperationException">The change would be lost to the tape, or the tensor repeats elements.</exception>
    public Tensor Fill(double value)
    {
        CheckConstant("fill", value, DType);
        BeginChange("fill");
        using (Recording.Pause())
        {
            CopyElements(Full([], value, DType));
        }

        return this;
    }

    /// <summary>this ← this + other.</summary>
    /// <inheritdoc cref="CopyFrom(Tensor)"/>
    public Tensor AddInPlace(Tensor other)
    {
        other = CheckSource("add_in_place", other);
        if (DType == DType.Bool)
        {
            throw Error.DType("add_in_place", DType, "use a numeric dtype.");
        }

        BeginChange("add_in_place");
        Accumulate(other);
        return this;
    }

    /// <summary>this ← this − other.</summary>
    /// <inheritdoc cref="CopyFrom(Tensor)"/>
    public Tensor SubtractInPlace(Tensor other) => Replace<SubtractRule>("subtract_in_place", other);

    /// <summary>this ← this · other.</summary>
    /// <inheritdoc cref="CopyFrom(Tensor)"/>
    public Tensor MultiplyInPlace(Tensor other) => Replace<MultiplyRule>("multiply_in_place", other);

    /// <summary>this ← this / other.</summary>
    /// <inheritdoc cref="CopyFrom(Tensor)"/>
    public Tensor DivideInPlace(Tensor other) => Replace<DivideRule>("divide_in_place", other);

    /// <summary>Refuses a change that would be unsafe, and notes one that is safe.</summary>
    internal void BeginChange(string operation)
    {
        CheckAlive();
        if (Node is not null && (Node is not Leaf || Recording.IsOn))
        {
            throw new InvalidOperationException(Node is Leaf
                ? $"{operation}: {Describe()} is a leaf that requires a gradient; a change in place can't be recorded. "
                  + "Change it inside using (Recording.Pause()), or compute a new tensor."
                : $"{operation}: {Describe()} was computed by '{Node.Label}' and is recorded; a change in place would be lost to the tape. "
                  + "Compute a new tensor, or change Detach()ed elements.");
        }

        if (Layout.RepeatsElements())
        {
            throw new InvalidOperationException(
                $"{operation}: {Describe()} is an expanded or overlapping view whose elements share storage; call Clone() first.");
        }

        NoteChange(Recording.CallSites && Sites.Caller() is { } site ? $"{operation} ({site})" : operation);
    }

    /// <summary>Moves the version, and tells the tape's clock where a node relies on the elements.</summary>
    internal void NoteChange(string operation)
    {
        Storage.Changed(operation);
        if (Storage.IsSaved)
        {
            TapeClock.NoteHazard();
        }
    }

    private Tensor Replace<TRule>(string operation, Tensor other)
        where TRule : struct, IBinaryRule
    {
        other = CheckSource(operation, other);
        Tensor result;
        using (Recording.Pause())
        {
            result = Elementwise.Apply<TRule>(Detach(), other.Detach());
        }

        BeginChange(operation);
        CopyElements(result);
        return this;
    }

    /// <summary>The source in this dtype and, where it shares storage, in storage of its own.</summary>
    private Tensor CheckSource(string operation, Tensor source)
    {
        source = CheckSourceType(operation, source);
        if (source.Layout.TryExpand(Shape) is null)
        {
            throw Error.Shape(operation, $"shape {Error.Text(source.Shape)} does not broadcast to {Error.Text(Shape)}.");
        }

        if (!ReferenceEquals(source.Storage, Storage) || ReferenceEquals(source.Layout, Layout))
        {
            return source;
        }

        using (Recording.Pause())
        {
            return source.Clone();
        }
    }

    /// <summary>The source in this dtype, refused where its gradient would be lost.</summary>
    private Tensor CheckSourceType(string operation, Tensor source)
    {
        ArgumentNullException.ThrowIfNull(source);
        source.CheckAlive();
        source = source.Adopt(operation, DType);
        if (source.Node is not null && Recording.IsOn)
        {
            throw new InvalidOperationException(
                $"{operation}: {source.Describe()} is recorded, and its gradient would be lost in a change in place. "
                + "Compute a new tensor, or pass Detach()ed elements.");
        }

        return source.DType == DType ? source : throw Error.DTypesDiffer(operation, DType, source.DType);
    }
}
