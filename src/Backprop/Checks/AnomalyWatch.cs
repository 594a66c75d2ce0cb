using System.Globalization;
using System.Text;
using Backprop.Devices;

namespace Backprop;

/// <summary>Looks at every result for numbers that are not finite.</summary>
internal sealed class AnomalyWatch(bool infinity) : Watch
{
    private readonly Stack<(Node Node, int Depth, HashSet<Node> Spoilt)> differentiating = [];
    private bool isReporting;

    protected override void Computed(Op op, in Operands inputs, Tensor output)
    {
        if (isReporting || op is ViewOp || IsFine(output))
        {
            return;
        }

        isReporting = true;
        try
        {
            var found = NotFinite.In(output);
            var known = NotFinite.None;
            for (var i = 0; i < inputs.Count; i++)
            {
                known = known.And(NotFinite.In(inputs[i]));
            }

            if (!IsAnomaly(found, known))
            {
                return;
            }

            var text = new StringBuilder();
            DropFinished();
            var place = differentiating.TryPeek(out var rule)
                ? $", in the gradient of '{rule.Node.Label}'{At(rule.Node.Site)}"
                : At(Sites.Caller());
            text.Append(CultureInfo.InvariantCulture, $"anomaly: '{op.Describe()}'{place} produced {found.Describe()} in its result {Text(output)}");
            for (var i = 0; i < inputs.Count; i++)
            {
                text.Append(CultureInfo.InvariantCulture, $"\n  input {i}: {Text(inputs[i])}");
            }

            throw new AnomalyException(text.ToString(), op.Name);
        }
        finally
        {
            isReporting = false;
        }
    }

    protected override bool NeedsSites => true;

    protected override bool NeedsEachGradient => true;

    protected override void Differentiating(Node node, Tensor gradient, Walk walk)
    {
        DropFinished();

        // What others have spoilt before is not this rule's fault.
        var spoilt = new HashSet<Node>();
        for (var i = 0; i < node.InputCount; i++)
        {
            if (node.Input(i) is { } input && walk.OwedTo(input) is { } owed && !IsFine(owed))
            {
                spoilt.Add(input);
            }
        }

        differentiating.Push((node, Depth, spoilt));
    }

    /// <summary>Gradient kernels run no operations; what they gave is looked at here.</summary>
    protected override void Differentiated(Node node, Tensor gradient, Walk walk)
    {
        var spoilt = differentiating.Pop().Spoilt;
        for (var i = 0; i < node.InputCount; i++)
        {
            if (node.Input(i) is not { } input || spoilt.Contains(input) || walk.OwedTo(input) is not { } owed || IsFine(owed))
            {
                continue;
            }

            isReporting = true;
            try
            {
                var found = NotFinite.In(owed);
                if (IsAnomaly(found, NotFinite.In(gradient)))
                {
                    throw new AnomalyException(Report(node, gradient, i, owed, found), node.Op!.Name);
                }
            }
            finally
            {
                isReporting = false;
            }
        }
    }

    /// <summary>Rules that failed, and were never told to be over, are not around what goes on now.</summary>
    private void DropFinished()
    {
        while (differentiating.TryPeek(out var rule) && rule.Depth >= Depth)
        {
            differentiating.Pop();
        }
    }

    private static string Report(Node node, Tensor gradient, int index, Tensor owed, NotFinite found)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"anomaly: the gradient of '{node.Label}'{At(node.Site)} produced {found.Describe()} ");
        text.Append(CultureInfo.InvariantCulture, $"for input {index}: {Text(owed)}\n  gradient of the result: {Text(gradient)}");
        for (var i = 0; i < node.InputCount; i++)
        {
            if (node.SavedOrNull(i) is { } saved)
            {
                text.Append(CultureInfo.InvariantCulture, $"\n  input {i}: {Text(saved)}");
            }
        }

        return text.ToString();
    }

    private static string At(string? site) => site is null ? "" : $" ({site})";

    private static string Text(Tensor x) => $"{(x.Name is null ? "" : $"'{x.Name}' ")}{x.DType.Label()} {Error.Text(x.Shape)}, {NotFinite.Range(x)}";

    private bool IsFine(Tensor x) => !x.DType.IsFloating() || x.Count == 0 || NotFinite.AllFinite(x);

    /// <summary>NaN always; infinity where no operand had it: what was infinite before is somebody else's result, or meant.</summary>
    private bool IsAnomaly(NotFinite found, NotFinite known) => found.NaNs > 0 || (infinity && found.Infinities > 0 && known.Infinities == 0);
}
