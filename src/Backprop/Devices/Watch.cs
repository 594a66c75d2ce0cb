namespace Backprop.Devices;

/// <summary>
/// Looks on while this thread's operations run: the profiler, the anomaly trap, the catalog's tests. Where none is installed, an operation pays
/// for reading one field.
/// </summary>
internal abstract class Watch
{
    [ThreadStatic]
    private static Watch? latest;

    /// <summary>How many are installed, on all threads: what an operation looks at first.</summary>
    private static int installed;

    [ThreadStatic]
    private static int depth;

    private Watch? outer;

    /// <summary>Whether this thread has a watch.</summary>
    public static bool IsOn => installed != 0 && latest is not null;

    /// <summary>Whether a watch of this thread wants recorded operations to note where they were called.</summary>
    public static bool WantSites
    {
        get
        {
            for (var watch = installed != 0 ? latest : null; watch is not null; watch = watch.outer)
            {
                if (watch.NeedsSites)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Whether a watch of this thread looks at what every rule has added to the gradients of its operation's inputs.</summary>
    public static bool WantsEachGradient
    {
        get
        {
            for (var watch = installed != 0 ? latest : null; watch is not null; watch = watch.outer)
            {
                if (watch.NeedsEachGradient)
                {
                    return true;
                }
            }

            return false;
        }
    }

    protected virtual bool NeedsSites => false;

    protected virtual bool NeedsEachGradient => false;

    /// <summary>Installs a watch on this thread; those that are there already go on.</summary>
    /// <returns>Dispose it on the same thread.</returns>
    public static Token Install(Watch watch)
    {
        watch.outer = latest;
        latest = watch;
        Interlocked.Increment(ref installed);
        return new Token(watch);
    }

    /// <summary>How many operations and gradient rules this thread is inside of, the one that is told about included, while a watch is on.</summary>
    public static int Depth => depth;

    /// <summary>Says that what was told last as computing or differentiating is over, well or not.</summary>
    public static void Leave() => depth--;

    /// <summary>To be followed by <see cref="Leave"/>, whatever happens.</summary>
    public static void TellComputing(Op op, in Operands inputs)
    {
        depth++;
        for (var watch = latest; watch is not null; watch = watch.outer)
        {
            watch.Computing(op, inputs);
        }
    }

    public static void TellComputed(Op op, in Operands inputs, Tensor output)
    {
        for (var watch = latest; watch is not null; watch = watch.outer)
        {
            watch.Computed(op, inputs, output);
        }
    }

    public static void TellRecorded(Node node)
    {
        for (var watch = latest; watch is not null; watch = watch.outer)
        {
            watch.Recorded(node);
        }
    }

    /// <inheritdoc cref="TellComputing"/>
    public static void TellDifferentiating(Node node, Tensor gradient, Walk walk)
    {
        depth++;
        for (var watch = latest; watch is not null; watch = watch.outer)
        {
            watch.Differentiating(node, gradient, walk);
        }
    }

    public static void TellDifferentiated(Node node, Tensor gradient, Walk walk)
    {
        for (var watch = latest; watch is not null; watch = watch.outer)
        {
            watch.Differentiated(node, gradient, walk);
        }
    }

    /// <summary>An operation is about to compute; operations may run inside it.</summary>
    protected virtual void Computing(Op op, in Operands inputs)
    {
    }

    /// <summary>An operation has computed its result, which is not on the tape yet.</summary>
    protected virtual void Computed(Op op, in Operands inputs, Tensor output)
    {
    }

    /// <summary>An operation's result has been put on the tape.</summary>
    protected virtual void Recorded(Node node)
    {
    }

    /// <summary>A gradient rule is about to run; operations may run inside it.</summary>
    protected virtual void Differentiating(Node node, Tensor gradient, Walk walk)
    {
    }

    /// <summary>A gradient rule has run.</summary>
    protected virtual void Differentiated(Node node, Tensor gradient, Walk walk)
    {
    }

    /// <summary>Takes the watch away when disposed.</summary>
    public readonly struct Token(Watch watch) : IDisposable
    {
        public void Dispose()
        {
            // Usually the latest, but the order doesn't matter.
            ref var link = ref latest;
            while (link is not null && !ReferenceEquals(link, watch))
            {
                link = ref link.outer;
            }

            if (link is null)
            {
                throw new InvalidOperationException("A profiler or a trap must be disposed on the thread that began it.");
            }

            link = watch.outer;
            Interlocked.Decrement(ref installed);
        }
    }
}
