namespace Backprop;

/// <summary>A function evaluated at a point, ready to be differentiated there.</summary>
internal sealed class Point
{
    private readonly string operation;
    private readonly Tensor[] variables;

    /// <summary>Whether a derivative depends on anything but constants, and so has to be recorded itself.</summary>
    private readonly bool record;

    private readonly bool outer = Recording.IsOn;

    public Point(string operation, Func<Tensor, Tensor> function, Tensor x, Tensor? direction = null)
        : this(operation, Of(function), [x], direction is null ? [] : [direction])
    {
    }

    /// <param name="operation">For messages.</param>
    /// <param name="function">What is differentiated.</param>
    /// <param name="xs">Where.</param>
    /// <param name="directions">What the derivatives will be multiplied by: the products depend on it too.</param>
    public Point(string operation, Func<Tensor[], Tensor> function, Tensor[] xs, params ReadOnlySpan<Tensor> directions)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(xs);
        this.operation = operation;
        var isInside = false;
        foreach (var x in xs)
        {
            ArgumentNullException.ThrowIfNull(x, nameof(xs));
            if (!x.DType.IsFloating())
            {
                throw Error.DType(operation, x.DType, "derivatives exist for floating point types; convert with To(DType.Float64) first.");
            }

            x.CheckAlive();
            isInside |= outer && x.Node is not null;
        }

        foreach (var direction in directions)
        {
            isInside |= outer && direction.Node is not null;
        }

        using (Recording.Set(true))
        {
            // An argument that is recorded already gets a node of its own: derivatives are taken there, and flow on to where it came from.
            variables = [.. xs.Select(x => outer && x.Node is not null ? Ops.Alias.Instance.Apply(x) : Variable(x))];
            Value = function(variables) ?? throw new ArgumentException($"{operation}: the function's result is null.", nameof(function));
        }

        if (!Value.DType.IsFloating())
        {
            throw Error.DType(operation, Value.DType, "the function's result must be floating point to have derivatives.");
        }

        record = outer && (isInside || DependsOnOthers(Value));
    }

    /// <summary>The function's value, recorded with respect to the variables.</summary>
    public Tensor Value { get; }

    /// <summary>The function's value as the caller gets it: recorded if it depends on something recorded outside.</summary>
    public Tensor Result => Outward(Value);

    /// <summary>Cuts a result off from the variables, unless it has to be recorded anyway.</summary>
    public Tensor Outward(Tensor result)
    {
        if (record || (outer && DependsOnOthers(result)))
        {
            return result;
        }

        // A function may hand out its argument, or a view of it; what it gives is not to change with that.
        result = result.Detach();
        return variables.Any(variable => ReferenceEquals(variable.Storage, result.Storage)) ? result.Clone() : result;
    }

    /// <summary>The gradients for a seed; zeros where there is no dependence.</summary>
    public Tensor[] Pull(Tensor seed)
    {
        var gradients = Backprop.Gradient.OrNull(Value, variables, seed, record);
        return [.. gradients.Select((gradient, i) => gradient is null ? Tensor.ZerosLike(variables[i]) : Outward(gradient))];
    }

    /// <summary>The gradients of every element of the value, which is a vector: [elements, variable].</summary>
    public Tensor[] Rows() => [.. Calculus.RowsOf(Value, variables, record).Select(Outward)];

    /// <summary>The derivative along directions.</summary>
    public Tensor Push(Tensor[] directions)
    {
        if (Value.Node is null)
        {
            return Tensor.ZerosLike(Value);
        }

        var (seed, gradients) = Linear();
        Tensor? sum = null;
        for (var i = 0; i < gradients.Length; i++)
        {
            if (gradients[i]?.Node is not null && Backprop.Gradient.OrNull(gradients[i]!, [seed], directions[i], record)[0] is { } part)
            {
                sum = sum is null ? part : sum + part;
            }
        }

        return sum is null ? Tensor.ZerosLike(Value) : Outward(sum);
    }

    /// <summary>All derivatives of the only variable: by rows, or by columns where there are fewer.</summary>
    public Tensor Jacobian()
    {
        var x = variables[0];
        int[] shape = [.. Value.Shape, .. x.Shape];
        if (Value.Node is null || Value.Count == 0 || x.Count == 0)
        {
            return Tensor.Zeros(shape, x.DType);
        }

        if (x.Count >= Value.Count)
        {
            var rows = new Tensor[Value.Count];
            for (var i = 0; i < rows.Length; i++)
            {
                rows[i] = Backprop.Gradient.OrNull(Value, [x], OneHot(Value, i), record)[0] is { } row ? Outward(row) : Tensor.ZerosLike(x);
            }

            return Tensor.Stack(rows).Reshape(shape);
        }

        var (seed, gradients) = Linear();
        if (gradients[0]?.Node is null)
        {
            return Tensor.Zeros(shape, x.DType);
        }

        var columns = new Tensor[x.Count];
        for (var i = 0; i < columns.Length; i++)
        {
            columns[i] = Backprop.Gradient.OrNull(gradients[0]!, [seed], OneHot(x, i), record)[0] is { } column
                ? Outward(column).To(x.DType)
                : Tensor.Zeros(Value.Shape, x.DType);
        }

        return Tensor.Stack(columns, axis: -1).Reshape(shape);
    }

    /// <summary>The gradients as a recorded, linear function of their seed.</summary>
    private (Tensor Seed, Tensor?[] Gradients) Linear()
    {
        using (Recording.Set(true))
        {
            var seed = Variable(Tensor.ZerosLike(Value));
            return (seed, Backprop.Gradient.OrNull(Value, variables, seed, record: true));
        }
    }

    private static Tensor OneHot(Tensor like, int index)
    {
        var seed = Tensor.Zeros([like.Count], like.DType);
        seed[index].Fill(1);
        return seed.Reshape(like.Shape);
    }

    /// <summary>The elements as a leaf, without taking the tensor out of its scope.</summary>
    private static Tensor Variable(Tensor x)
    {
        var variable = x.Detach();
        variable.Node = new Leaf(variable, isVariable: true);
        return variable;
    }

    private static Func<Tensor[], Tensor> Of(Func<Tensor, Tensor> function)
    {
        ArgumentNullException.ThrowIfNull(function);
        return xs => function(xs[0]);
    }

    /// <summary>Whether there is something recorded behind the value that is none of the variables.</summary>
    private bool DependsOnOthers(Tensor tensor)
    {
        if (tensor.Node is null)
        {
            return false;
        }

        var visited = new HashSet<Node>(variables.Select(variable => variable.Node!));
        var stack = new Stack<Node>();
        if (visited.Add(tensor.Node))
        {
            stack.Push(tensor.Node);
        }

        while (stack.TryPop(out var node))
        {
            if (node is Leaf)
            {
                return true;
            }

            for (var i = 0; i < node.InputCount; i++)
            {
                if (node.Input(i) is { } input && visited.Add(input))
                {
                    stack.Push(input);
                }
            }
        }

        return false;
    }
}
