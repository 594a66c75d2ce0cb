using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Backprop;

/// <summary>
/// One recorded operation: its position on the tape, what it was applied to, and what it saved for its gradient. Nobody but the
/// tensors made from it refers to a node, so the garbage collector erases every stretch that can't be reached any more.
/// </summary>
public class Node
{
    private Three<Node> inputs;
    private Three<Tensor> saved;
    private Three<int> versions;
    private int outputVersion;
    private Tensor? savedOutput;
    private bool isWalked;

    /// <summary>Null for most nodes, of which every step makes many.</summary>
    private RareFacts? rare;

    internal Node(Op? op, Layout layout, DType dtype, int inputCount)
    {
        Op = op;
        Layout = layout;
        DType = dtype;
        InputCount = inputCount;
        Position = TapeClock.Next();
        if (inputCount > 3)
        {
            Rare.Inputs = new Node?[inputCount - 3];
        }

        if (op is not null && (Recording.CallSites || Devices.Watch.WantSites))
        {
            Rare.Site = Sites.Caller();
        }
    }

    /// <summary>The place on the tape; later operations have larger positions.</summary>
    public long Position { get; }

    /// <summary>The operation; null for a leaf.</summary>
    public Op? Op { get; }

    /// <summary>The result's shape.</summary>
    public ReadOnlySpan<int> Shape => Layout.Sizes;

    /// <summary>The result's element type.</summary>
    public DType DType { get; }

    /// <summary>The element type of this result's gradient on its way: float32 for 16-bit results.</summary>
    internal DType GradientDType => DType.Computing();

    /// <summary>How many inputs the operation had.</summary>
    public int InputCount { get; }

    /// <summary>The file and line that called the operation, where <see cref="Recording.CallSites"/> was on.</summary>
    public string? Site => rare?.Site;

    /// <summary>Whether a walk has used this node and dropped what it had saved.</summary>
    public bool IsDropped { get; private set; }

    /// <summary>What the node is called in listings.</summary>
    public virtual string Label => Op!.Describe();

    internal Layout Layout { get; }

    /// <summary>The first position of the stretch behind this node, itself included.</summary>
    internal long Earliest { get; private set; } = long.MaxValue;

    /// <summary>The gradient of an intermediate result, where the user asked to have it retained.</summary>
    internal Tensor? RetainedGradient
    {
        get => rare?.RetainedGradient;
        set
        {
            if (value is not null || rare is not null)
            {
                Rare.RetainedGradient = value;
            }
        }
    }

    internal bool RetainsGradient { get; set; }

    /// <summary>The node that made input <paramref name="index"/>; null where that input needs no gradient.</summary>
    public Node? Input(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, InputCount);
        return index < 3 ? inputs[index] : rare!.Inputs![index - 3];
    }

    /// <summary>One line: position, operation, inputs' positions, shape and dtype.</summary>
    public override string ToString()
    {
        var sources = new string[InputCount];
        for (var i = 0; i < InputCount; i++)
        {
            sources[i] = Input(i) is { } input ? input.Reference : "·";
        }

        return $"#{Position} {Label}({string.Join(", ", sources)}) → {DType.Label()} {Error.Text(Shape)}";
    }

    internal virtual string Reference => $"#{Position}";

    internal void SetInput(int index, Node? input)
    {
        if (index < 3)
        {
            inputs[index] = input;
        }
        else
        {
            rare!.Inputs![index - 3] = input;
        }

        Earliest = Math.Min(Earliest, input is null or Leaf ? Position : Math.Min(Position, input.Earliest));
    }

    internal void Save(int index, Tensor tensor)
    {
        tensor.Storage.IsSaved = true;
        if (index < 3)
        {
            saved[index] = tensor;
            versions[index] = tensor.Storage.Version;
        }
        else
        {
            (Rare.Saved ??= new Tensor?[InputCount - 3])[index - 3] = tensor;
            (Rare.Versions ??= new int[InputCount - 3])[index - 3] = tensor.Storage.Version;
        }
    }

    /// <summary>Lists what was saved of tensors that were recorded up to a position, with their versions.</summary>
    internal void AddSavedFromBefore(long position, List<(Tensor Tensor, int Version)> list)
    {
        for (var i = 0; i < InputCount; i++)
        {
            var tensor = SavedOrNull(i);
            if (tensor?.Node is { } node && node.Position <= position)
            {
                list.Add((tensor, i < 3 ? versions[i] : rare!.Versions![i - 3]));
            }
        }
    }

    internal void SaveOutput(Tensor output)
    {
        output.Storage.IsSaved = true;
        savedOutput = output;
        outputVersion = output.Storage.Version;
    }

    /// <summary>Adds everything that was saved and not dropped, the output last, to a list.</summary>
    internal void AddSaved(List<Tensor> list)
    {
        for (var i = 0; i < InputCount; i++)
        {
            if (SavedOrNull(i) is { } tensor)
            {
                list.Add(tensor);
            }
        }

        if (savedOutput is not null)
        {
            list.Add(savedOutput);
        }
    }

    /// <summary>What was saved of an input; null where nothing was.</summary>
    internal Tensor? SavedOrNull(int index) => index < 3 ? saved[index] : rare?.Saved?[index - 3];

    internal Tensor SavedInput(int index) => SavedOrNull(index) ?? throw NotSaved($"input {index}");

    internal Tensor SavedOutput() => savedOutput ?? throw NotSaved("the output");

    /// <summary>Whether what this node saved is still there and as it was; null, or the error.</summary>
    /// <param name="operation">For messages.</param>
    /// <param name="accumulates">
    /// Whether gradients would be added to leaves: doing that twice is refused even where all that was saved is still there.
    /// </param>
    internal Exception? Verify(string operation, bool accumulates)
    {
        if (IsDropped || (accumulates && isWalked))
        {
            return Dropped(operation);
        }

        for (var i = 0; i < InputCount; i++)
        {
            var tensor = SavedOrNull(i);
            if (tensor is not null && Spoilt(operation, i, tensor, i < 3 ? versions[i] : rare!.Versions![i - 3]) is { } error)
            {
                return error;
            }
        }

        return savedOutput is null ? null : Spoilt(operation, -1, savedOutput, outputVersion);
    }

    /// <summary>Lets go of what was saved. Leaves stay, for they are the user's and dropping them would free nothing.</summary>
    internal void Drop()
    {
        for (var i = 0; i < InputCount; i++)
        {
            ref var tensor = ref i < 3 ? ref saved[i] : ref rare?.Saved is null ? ref Unsafe.NullRef<Tensor?>() : ref rare.Saved[i - 3];
            if (!Unsafe.IsNullRef(ref tensor) && tensor is not null)
            {
                isWalked = true;
                if (tensor.Node is not Leaf)
                {
                    tensor = null;
                    IsDropped = true;
                }
            }
        }

        if (savedOutput is not null)
        {
            savedOutput = null;
            IsDropped = true;
        }
    }

    /// <summary>A node with the same inputs and what is saved now, which no walk drops.</summary>
    internal Node Preserve()
    {
        var copy = new Node(Op, Layout, DType, InputCount) { savedOutput = savedOutput, outputVersion = outputVersion };
        for (var i = 0; i < InputCount; i++)
        {
            copy.SetInput(i, Input(i));
            if (SavedOrNull(i) is { } tensor)
            {
                copy.Save(i, tensor);
            }
        }

        return copy;
    }

    private RareFacts Rare => rare ??= new RareFacts();

    private string At => Site is null ? "" : $" ({Site})";

    private InvalidOperationException Dropped(string operation) => new(
        $"{operation}: the tape behind this tensor was walked before, and '{Label}'{At} has dropped what it had saved. "
        + "Pass keepTape: true to the first Backward() to walk a stretch again.");

    /// <summary>Another thread may have walked, and dropped, since this walk was verified.</summary>
    private InvalidOperationException NotSaved(string what) =>
        IsDropped ? Dropped("backward") : new InvalidOperationException($"{Label}: {what} was not saved for the gradient; name it in Saves.");

    private Exception? Spoilt(string operation, int input, Tensor tensor, int version)
    {
        if (!tensor.Storage.IsRecycled && tensor.Storage.Version == version)
        {
            return null;
        }

        var what = input < 0 ? "the output" : $"input {input}";
        if (tensor.Storage.IsRecycled)
        {
            return new ObjectDisposedException(
                tensor.Name ?? nameof(Tensor),
                $"{operation}: {what} of '{Label}'{At}, {tensor.Describe()}, was recycled when its TensorScope ended. Call Backward() inside the scope.");
        }

        return new InvalidOperationException(
            $"{operation}: {what} of '{Label}'{At}, {tensor.Describe()}, was changed in place by '{tensor.Storage.LastChange}' after it was saved "
            + "for the gradient. Change it after Backward(), or change a Clone()."
            + (Site is null ? " Set Recording.CallSites = true to see the lines." : ""));
    }

    /// <summary>What few nodes have.</summary>
    private sealed class RareFacts
    {
        public Node?[]? Inputs;
        public Tensor?[]? Saved;
        public int[]? Versions;

        public string? Site { get; set; }

        public Tensor? RetainedGradient { get; set; }
    }

    [InlineArray(3)]
    private struct Three<T>
    {
        private T? item;
    }
}

/// <summary>The file and line of the code that called into this library.</summary>
internal static class Sites
{
    public static string? Caller()
    {
        foreach (var frame in new StackTrace(1, fNeedFileInfo: true).GetFrames())
        {
            if (frame.GetFileLineNumber() is var line and > 0 && frame.GetFileName() is { } file && !InsideLibrary(frame))
            {
                return $"{Path.GetFileName(file)}:{line}";
            }
        }

        return null;
    }

    private static bool InsideLibrary(StackFrame frame) =>
        DiagnosticMethodInfo.Create(frame)?.DeclaringAssemblyName.StartsWith("Backprop,", StringComparison.Ordinal) ?? false;
}
