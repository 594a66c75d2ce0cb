using System.Diagnostics;
using System.Runtime.CompilerServices;
using Backprop.Devices;

namespace Backprop.Inspection;

/// <summary>One operation or gradient that ran.</summary>
internal sealed record Call(string Name, bool IsBackward, string Module, string Detail, long Start, long End, long Bytes, double Flops);

/// <summary>Notes every operation and gradient with its time.</summary>
internal sealed class ProfilerWatch : Watch
{
    private readonly List<Call> calls = [];
    private readonly Stack<long> starts = [];
    private readonly ConditionalWeakTable<Node, string> modules = []; // a profile must not keep tapes alive
    private long begin;
    private long end;
    private readonly int outside = Depth;

    public IReadOnlyList<Call> Calls => calls;

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(begin, end != 0 ? end : Stopwatch.GetTimestamp());

    public TimeSpan Busy => Stopwatch.GetElapsedTime(0, calls.Sum(call => call.End - call.Start));

    public void Start() => begin = Stopwatch.GetTimestamp();

    public void Stop()
    {
        end = Stopwatch.GetTimestamp();
        modules.Clear();
    }

    public IReadOnlyList<ProfilerRow> ByOperation() => Rows(call => call.Name);

    public IReadOnlyList<ProfilerRow> ByModule() => Rows(call => call.Module.Length == 0 ? "(none)" : call.Module);

    protected override void Computing(Op op, in Operands inputs) => Begin();

    protected override void Computed(Op op, in Operands inputs, Tensor output)
    {
        var now = Stopwatch.GetTimestamp();
        var start = starts.Pop();
        if (starts.Count > 0)
        {
            return; // part of another operation, or of a gradient
        }

        var layouts = new Layout?[inputs.Count];
        long bytes = 0;
        for (var i = 0; i < layouts.Length; i++)
        {
            layouts[i] = inputs[i].Layout;
            bytes += (long)inputs[i].Count * inputs[i].DType.Size();
        }

        var isView = op is ViewOp;
        bytes = isView ? 0 : bytes + ((long)output.Count * output.DType.Size());
        var detail = $"{op.Describe()} → {output.DType.Label()} {Error.Text(output.Shape)}";
        calls.Add(new Call(op.Name, false, Regions.Current, detail, start, now, bytes, op.CountFlops(layouts, output.Layout)));
    }

    protected override void Recorded(Node node) => modules.AddOrUpdate(node, Regions.Current);

    protected override void Differentiating(Node node, Tensor gradient, Walk walk) => Begin();

    protected override void Differentiated(Node node, Tensor gradient, Walk walk)
    {
        var now = Stopwatch.GetTimestamp();
        var start = starts.Pop();
        if (starts.Count > 0)
        {
            return;
        }

        var op = node.Op!;
        var layouts = new Layout?[node.InputCount];
        var bytes = (long)gradient.Count * gradient.DType.Size();
        var wanted = new List<int>();
        for (var i = 0; i < layouts.Length; i++)
        {
            layouts[i] = node.Input(i)?.Layout ?? node.SavedOrNull(i)?.Layout;
            if (node.Input(i) is { } input && walk.Wants(input))
            {
                wanted.Add(i);
                bytes += (long)input.Layout.Count * input.GradientDType.Size();
            }

            bytes += node.SavedOrNull(i) is { } saved ? (long)saved.Count * saved.DType.Size() : 0;
        }

        var module = modules.TryGetValue(node, out var name) ? name : "";
        var flops = wanted.Sum(input => op.CountGradientFlops(input, layouts, node.Layout));
        calls.Add(new Call(op.Name, true, module, $"gradient of {node.Label}", start, now, op is ViewOp ? 0 : bytes, flops));
    }

    private void Begin()
    {
        while (starts.Count > Depth - outside - 1)
        {
            starts.Pop(); // that one failed, and is not coming back
        }

        starts.Push(Stopwatch.GetTimestamp());
    }

    private List<ProfilerRow> Rows(Func<Call, string> key) =>
    [
        .. calls.GroupBy(call => (Name: key(call), call.IsBackward))
            .Select(group => new ProfilerRow(
                group.Key.Name,
                group.Key.IsBackward,
                group.LongCount(),
                Stopwatch.GetElapsedTime(0, group.Sum(call => call.End - call.Start)),
                group.Sum(call => call.Bytes),
                group.Sum(call => call.Flops)))
            .OrderByDescending(row => row.Time),
    ];
}
