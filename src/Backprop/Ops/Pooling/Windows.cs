using Backprop.Kernels;

namespace Backprop.Ops;

/// <summary>The windows of a pooling over the last axes of a tensor, checked against its shape.</summary>
internal sealed class Windows
{
    private static readonly string[] layouts = ["[C, L] or [N, C, L]", "[C, H, W] or [N, C, H, W]", "[C, D, H, W] or [N, C, D, H, W]"];
    private readonly int[] inputShape;
    private readonly int[] outputShape;
    private readonly string description;

    private Windows(Tensor x, PoolAxis[] axes, double divisor, string description)
    {
        var shape = x.Shape;
        AreChannelsLast = x.Layout.IsChannelsLast && x.Rank == axes.Length + 2;
        var leading = shape.Length - axes.Length;
        inputShape = shape.ToArray();
        outputShape = [.. shape[..leading], .. axes.Select(axis => axis.Output)];
        Axes = axes.Length;
        Plan = new PoolPlan(
            axes.Length > 2 ? axes[^3] : PoolAxis.Unit, axes.Length > 1 ? axes[^2] : PoolAxis.Unit, axes[^1], divisor);
        Planes = 1;
        foreach (var size in shape[..leading])
        {
            Planes *= size;
        }

        this.description = description;
    }

    public PoolPlan Plan { get; }

    /// <summary>How many axes the windows have.</summary>
    public int Axes { get; }

    /// <summary>How many planes there are.</summary>
    public int Planes { get; }

    /// <summary>Whether the tensor lies with its channels last, and so do the result and gradients.</summary>
    public bool AreChannelsLast { get; }

    /// <summary>How many samples there are, each of so many channels, where channels lie last.</summary>
    public (int Samples, int Channels) Images => (inputShape[0], inputShape[1]);

    public ReadOnlySpan<int> InputShape => inputShape;

    public ReadOnlySpan<int> OutputShape => outputShape;

    /// <summary>Windows of one size that slide along the axes.</summary>
    public static Windows Sliding(
        string operation, Tensor x, int axes, PerAxis kernelSize, PerAxis stride, PerAxis padding, PerAxis dilation, bool ceilMode,
        bool includePadding = true, double divisor = 0)
    {
        CheckRank(operation, x, axes);
        var kernels = kernelSize.Resolve(operation, "kernelSize", axes, 1, 0);
        var strides = stride.Resolve(operation, nameof(stride), axes, 1, kernels);
        var paddings = padding.Resolve(operation, nameof(padding), axes, 0, 0);
        var dilations = dilation.Resolve(operation, nameof(dilation), axes, 1, 1);
        var outputs = new int[axes];
        var padded = new int[axes];
        for (var i = 0; i < axes; i++)
        {
            var size = x.Shape[x.Rank - axes + i];
            var reach = ((kernels[i] - 1L) * dilations[i]) + 1;
            if (paddings[i] > reach / 2)
            {
                throw Error.Range(operation, nameof(padding), padding.ToString(), FormattableString.Invariant(
                    $"at most half of what a window spans: {reach / 2} for a kernel of {kernels[i]}"));
            }

            var room = size + (2L * paddings[i]) - reach;

            // With ceilMode a window may be larger than the input, if by less than a stride.
            var last = ceilMode ? room + strides[i] - 1 : room;
            var output = last < 0 ? 0 : (last / strides[i]) + 1;

            // The last window must begin inside of the input or the padding before it.
            output -= ceilMode && output > 0 && (output - 1) * strides[i] >= size + (long)paddings[i] ? 1 : 0;
            if (output <= 0 || size == 0)
            {
                throw Error.Shape(operation, $"windows of {Error.Text(kernels)} with dilation {Error.Text(dilations)} and padding "
                    + $"{Error.Text(paddings)} do not fit into {Error.Text(x.Shape[^axes..])}.");
            }

            outputs[i] = (int)output;
            padded[i] = size;
        }

        // Before tables of these sizes are made.
        Layout.CheckedCount(operation, [.. x.Shape[..^axes], .. outputs]);
        var table = new PoolAxis[axes];
        for (var i = 0; i < axes; i++)
        {
            table[i] = PoolAxis.Sliding(padded[i], outputs[i], kernels[i], strides[i], paddings[i], dilations[i], includePadding);
            if (table[i].Counts.Contains(0))
            {
                throw Error.Shape(operation, $"a window of {Error.Text(kernels)} with dilation {Error.Text(dilations)} and padding {Error.Text(paddings)} "
                    + $"would see no element of {Error.Text(x.Shape[^axes..])}.");
            }
        }

        var text = $"kernel {Text(kernels)}, stride {Text(strides)}, padding {Text(paddings)}"
            + (dilations.All(d => d == 1) ? "" : $", dilation {Text(dilations)}");
        return new Windows(x, table, divisor, text);
    }

    /// <summary>A fixed number of windows that share the input out; −1 keeps an axis as it is.</summary>
    public static Windows Adaptive(string operation, Tensor x, int axes, PerAxis outputSize)
    {
        CheckRank(operation, x, axes);
        var outputs = outputSize.Resolve(operation, nameof(outputSize), axes, -1, 0);
        for (var i = 0; i < axes; i++)
        {
            var size = x.Shape[x.Rank - axes + i];
            outputs[i] = outputs[i] == -1 ? size : outputs[i];
            if (outputs[i] == 0)
            {
                throw Error.Range(operation, nameof(outputSize), outputSize.ToString(), "at least 1, or -1 to keep an axis, on every axis");
            }

            if (size == 0)
            {
                throw Error.Shape(operation, $"there is nothing to share out in {Error.Text(x.Shape[^axes..])}; no size may be 0.");
            }
        }

        Layout.CheckedCount(operation, [.. x.Shape[..^axes], .. outputs]);
        var table = new PoolAxis[axes];
        for (var i = 0; i < axes; i++)
        {
            table[i] = PoolAxis.Adaptive(x.Shape[x.Rank - axes + i], outputs[i]);
        }

        return new Windows(x, table, 0, $"output {Text(outputs)}");
    }

    /// <summary>Windows of <paramref name="size"/> neighbours around each element of the second-last of three axes, cut at the ends.</summary>
    public static Windows Neighbours(Tensor x, int size)
    {
        var middle = PoolAxis.Sliding(x.Shape[^2], x.Shape[^2], size, 1, size / 2, 1, true);
        return new Windows(x, [middle, PoolAxis.Sliding(x.Shape[^1], x.Shape[^1], 1, 1, 0, 1, true)], size, $"kernel {size}");
    }

    /// <summary>A result of the pooling.</summary>
    public ResultSpec Result(string operation, DType dtype) => new(InOrder(Layout.Contiguous(operation, outputShape)), dtype);

    /// <summary>A layout of the same order as the tensor's.</summary>
    public Layout InOrder(Layout layout) => AreChannelsLast ? layout.ChannelsLast() : layout.Dense();

    /// <summary>The elements without gaps in the same order as the tensor's.</summary>
    public Tensor InOrder(Tensor tensor) => AreChannelsLast ? tensor.ChannelsLast() : tensor.Dense();

    /// <summary>The parameters, for listings.</summary>
    public override string ToString() => description;

    /// <summary>Refuses what is no floating point number.</summary>
    public static void CheckType(string operation, Tensor x)
    {
        if (!x.DType.IsFloating())
        {
            throw Error.DType(operation, x.DType, "convert with To(DType.Float32) first.");
        }
    }

    private static void CheckRank(string operation, Tensor x, int axes)
    {
        if (x.Rank != axes + 1 && x.Rank != axes + 2)
        {
            throw Error.Shape(operation, $"x must be {layouts[axes - 1]}, not {Error.Text(x.Shape)}.");
        }
    }

    private static string Text(int[] values) => values.Distinct().Count() == 1 ? FormattableString.Invariant($"{values[0]}") : Error.Text(values);
}
