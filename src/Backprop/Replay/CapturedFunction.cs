namespace Backprop;

/// <summary>
/// A function of tensors, usually a whole training step or a model's forward pass, that is captured for each combination of shapes it is called with and
/// replayed from then on: <see cref="CapturedStep"/> with arguments.
/// </summary>
/// <remarks>
/// Shapes are captured the second time they come: one that comes once, such as a last batch that is smaller, is computed as it is, in a
/// <see cref="TensorScope"/>. At most <see cref="MostCaptures"/> captures are kept, of the shapes that come most often, so memory stays bounded however
/// many shapes come; the others are computed as they are.
/// All that is said of <see cref="CapturedStep"/> holds. Not for use by several threads at once.
/// </remarks>
/// <example><code>
/// var train = new CapturedFunction(batch =>
/// {
///     var loss = Losses.CrossEntropy(model.Forward(batch[0]), batch[1]);
///     optimizer.ZeroGradients();
///     loss.Backward();
///     optimizer.Step();
///     return loss;
/// });
/// foreach (var (images, labels) in batches)
/// {
///     Console.WriteLine(train.Run(images, labels).Item());
/// }
/// </code></example>
public sealed class CapturedFunction
{
    /// <summary>Of this many shapes that came once it is remembered that they did.</summary>
    private const int MostRemembered = 64;

    /// <summary>After so many calls a use counts half.</summary>
    private const int Window = 256;

    private readonly Func<Tensor[], Tensor> function;
    private readonly List<Entry> entries = [];
    private int captured;
    private int calls;
    private int busy;

    /// <summary>A function to be captured when it is called.</summary>
    /// <param name="function">
    /// The function of its inputs, which are tensors of its own that each call copies to; they require no gradient. What it returns can be read afterwards.
    /// </param>
    /// <param name="mostCaptures">How many captures are kept at most; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="mostCaptures"/> is below 1.</exception>
    public CapturedFunction(Func<Tensor[], Tensor> function, int mostCaptures = 8)
    {
        ArgumentNullException.ThrowIfNull(function);
        if (mostCaptures < 1)
        {
            throw Error.Range("captured_function", nameof(mostCaptures), mostCaptures, "at least 1");
        }

        this.function = function;
        MostCaptures = mostCaptures;
    }

    /// <summary>How many captures are kept at most.</summary>
    public int MostCaptures { get; }

    /// <summary>How many captures there are now.</summary>
    public int Count => captured;

    /// <summary>Why the last call that could have been a replay ran the function anew: <see cref="CapturedStep.LastReason"/>. Null if none did.</summary>
    public string? LastReason { get; private set; }

    /// <summary>Calls the function.</summary>
    /// <param name="inputs">Its inputs, at least one; copied, so they may change or end afterwards.</param>
    /// <returns>
    /// What the function returned, detached. A tensor that belongs to the capture: the next call with the same shapes overwrites it. Clone it to keep it.
    /// </returns>
    /// <exception cref="ArgumentException">There are no inputs.</exception>
    /// <exception cref="InvalidOperationException">As for <see cref="CapturedStep.Capture"/>; or an input is the result of a recorded operation.</exception>
    public Tensor Run(params ReadOnlySpan<Tensor> inputs)
    {
        if (inputs.Length == 0)
        {
            throw new ArgumentException("captured_function: there are no inputs; for a step without any take CapturedStep.", nameof(inputs));
        }

        foreach (var input in inputs)
        {
            ArgumentNullException.ThrowIfNull(input, nameof(inputs));
            input.CheckAlive();
            if (input.Node is not null and not Leaf && Recording.IsOn)
            {
                throw new InvalidOperationException(
                    $"captured_function: the input {input.Describe()} is recorded, and its gradient would be lost; pass it Detach()ed.");
            }
        }

        if (Memory.Ledger.IsOn || Interlocked.Exchange(ref busy, 1) != 0)
        {
            throw new InvalidOperationException(
                "captured_function: Run() can't be called from within a captured step or function, nor by two threads at once.");
        }

        try
        {
            return RunAlone(inputs);
        }
        finally
        {
            Volatile.Write(ref busy, 0);
        }
    }

    private Tensor RunAlone(ReadOnlySpan<Tensor> inputs)
    {
        Age();
        var entry = Find(inputs);
        if (entry is null)
        {
            Remember(inputs);
            return RunPlainly(inputs);
        }

        entry.Uses++;
        if (entry.Step is { } step)
        {
            entry.CopyFrom(inputs);
            var captures = step.Captures;
            var result = step.Replay();
            LastReason = step.Captures == captures ? LastReason : step.LastReason;
            return result;
        }

        if (!MakeRoom(entry))
        {
            return RunPlainly(inputs);
        }

        entry.Prepare(inputs);
        try
        {
            entry.Step = CapturedStep.Capture(() => function((Tensor[])entry.Inputs.Clone()));
        }
        finally
        {
            if (entry.Step is null)
            {
                entry.Forget();
            }
        }

        captured++;
        return entry.Step.Result;
    }

    private Entry? Find(ReadOnlySpan<Tensor> inputs)
    {
        foreach (var entry in entries)
        {
            if (entry.Fits(inputs))
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>What was used long ago counts for less.</summary>
    private void Age()
    {
        if (++calls % Window == 0)
        {
            foreach (var entry in entries)
            {
                entry.Uses /= 2;
            }
        }
    }

    private void Remember(ReadOnlySpan<Tensor> inputs)
    {
        if (entries.Count >= MostRemembered + MostCaptures && Least(isCaptured: false) is { } forgotten)
        {
            entries.Remove(forgotten);
        }

        entries.Add(new Entry(inputs));
    }

    /// <summary>
    /// Whether there is room for another capture. One that is there gives way only to shapes that come much more often, so that many shapes that take turns
    /// don't push each other out.
    /// </summary>
    private bool MakeRoom(Entry entry)
    {
        if (captured < MostCaptures)
        {
            return true;
        }

        var least = Least(isCaptured: true)!;
        if (entry.Uses <= (2 * least.Uses) + 2)
        {
            return false;
        }

        least.Forget();
        captured--;
        return true;
    }

    /// <summary>The entry that is used least, of those with a capture or of those without.</summary>
    private Entry? Least(bool isCaptured)
    {
        Entry? least = null;
        foreach (var entry in entries)
        {
            if (entry.Step is not null == isCaptured && (least is null || entry.Uses < least.Uses))
            {
                least = entry;
            }
        }

        return least;
    }

    private Tensor RunPlainly(ReadOnlySpan<Tensor> inputs)
    {
        using var scope = TensorScope.Begin();
        var own = new Tensor[inputs.Length];
        for (var i = 0; i < own.Length; i++)
        {
            using (Recording.Pause())
            {
                own[i] = inputs[i].Detach().Clone();
            }
        }

        return Replay.Recipe.Outlasting(function(own));
    }

    /// <summary>A combination of shapes, and the capture for it if there is one.</summary>
    private sealed class Entry(ReadOnlySpan<Tensor> like)
    {
        private readonly ResultSpec[] specs = Specs(like);

        public Tensor[] Inputs { get; private set; } = [];

        public CapturedStep? Step { get; set; }

        /// <summary>How often these shapes came lately.</summary>
        public int Uses { get; set; } = 1;

        public bool Fits(ReadOnlySpan<Tensor> inputs)
        {
            if (inputs.Length != specs.Length)
            {
                return false;
            }

            for (var i = 0; i < inputs.Length; i++)
            {
                if (inputs[i].DType != specs[i].DType || !inputs[i].Layout.HasShape(specs[i].Shape))
                {
                    return false;
                }
            }

            return true;
        }

        public void Prepare(ReadOnlySpan<Tensor> inputs)
        {
            Inputs = new Tensor[specs.Length];
            using (TensorScope.Pause())
            {
                for (var i = 0; i < Inputs.Length; i++)
                {
                    Inputs[i] = Tensor.Zeros(specs[i].Shape, specs[i].DType);
                }
            }

            CopyFrom(inputs);
        }

        public void CopyFrom(ReadOnlySpan<Tensor> inputs)
        {
            for (var i = 0; i < Inputs.Length; i++)
            {
                Inputs[i].CopyFrom(inputs[i].Detach());
            }
        }

        public void Forget()
        {
            Step = null;
            Inputs = [];
        }

        private static ResultSpec[] Specs(ReadOnlySpan<Tensor> tensors)
        {
            var specs = new ResultSpec[tensors.Length];
            for (var i = 0; i < specs.Length; i++)
            {
                specs[i] = ResultSpec.Like(tensors[i]);
            }

            return specs;
        }
    }
}
