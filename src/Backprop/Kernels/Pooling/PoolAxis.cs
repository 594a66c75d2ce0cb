namespace Backprop.Kernels;

/// <summary>Where the windows of a pooling lie along one axis, cut to what is inside of the input.</summary>
internal sealed class PoolAxis
{
    private PoolAxis(int input, int output, int step)
    {
        (Input, Output, Step) = (input, output, step);
        First = new int[output];
        Counts = new int[output];
        Sizes = new int[output];
    }

    /// <summary>Size of the input.</summary>
    public int Input { get; }

    /// <summary>Number of windows.</summary>
    public int Output { get; }

    /// <summary>From one element of a window to the next.</summary>
    public int Step { get; }

    /// <summary>From one window to the next; 0 where that varies.</summary>
    public int Stride { get; private init; }

    /// <summary>Where window 0 begins, which may be in the padding; windows o of the interior begin at Origin + o · Stride.</summary>
    public int Origin { get; private init; }

    /// <summary>Elements of a whole window; 0 where that varies.</summary>
    public int Kernel { get; private init; }

    /// <summary>The first window that is whole.</summary>
    public int InteriorFrom { get; private set; }

    /// <summary>One past the last window that is whole.</summary>
    public int InteriorTo { get; private set; }

    /// <summary>The first element of each window.</summary>
    public int[] First { get; }

    /// <summary>How many elements each window has.</summary>
    public int[] Counts { get; }

    /// <summary>How many elements count where a mean is taken.</summary>
    public int[] Sizes { get; }

    /// <summary>An axis of size 1 under a window of size 1.</summary>
    public static PoolAxis Unit { get; } = Sliding(1, 1, 1, 1, 0, 1, true);

    /// <summary>Windows of one size at regular distances.</summary>
    /// <param name="input">Size of the input.</param>
    /// <param name="output">Number of windows.</param>
    /// <param name="kernel">Elements of a window.</param>
    /// <param name="stride">From one window to the next.</param>
    /// <param name="padding">Where the first one begins, counted to the left.</param>
    /// <param name="dilation">From one element of a window to the next.</param>
    /// <param name="includePadding">Whether the padding counts where a mean is taken; what lies beyond it never does.</param>
    public static PoolAxis Sliding(int input, int output, int kernel, int stride, int padding, int dilation, bool includePadding)
    {
        var axis = new PoolAxis(input, output, dilation)
        {
            Stride = stride,
            Origin = -padding,
            Kernel = kernel,
            InteriorFrom = output,
            InteriorTo = output,
        };
        for (var o = 0; o < output; o++)
        {
            var begin = ((long)o * stride) - padding;
            var skipped = begin < 0 ? (-begin + dilation - 1) / dilation : 0;
            var first = begin + (skipped * dilation);
            var left = Math.Max(kernel - skipped, 0);
            var inside = first < input ? (input - 1 - first) / dilation + 1 : 0;
            var count = Math.Min(left, inside);
            axis.First[o] = (int)Math.Min(first, input);
            axis.Counts[o] = (int)count;
            axis.Sizes[o] = (int)(includePadding ? Math.Min(begin + kernel, (long)input + padding) - begin : count);
            var whole = count == kernel;
            axis.InteriorFrom = whole ? Math.Min(axis.InteriorFrom, o) : axis.InteriorFrom;
            if (!whole && o > axis.InteriorFrom)
            {
                axis.InteriorTo = Math.Min(axis.InteriorTo, o);
            }
        }

        return axis;
    }

    /// <summary>Windows that share the input out as evenly as they can: window o goes from ⌊o · in / out⌋ up to ⌈(o + 1) in / out⌉.</summary>
    public static PoolAxis Adaptive(int input, int output)
    {
        var axis = new PoolAxis(input, output, 1);
        for (var o = 0; o < output; o++)
        {
            var begin = (long)o * input / output;
            var end = (((long)o + 1) * input + output - 1) / output;
            axis.First[o] = (int)begin;
            axis.Counts[o] = axis.Sizes[o] = (int)(end - begin);
        }

        return axis;
    }
}

/// <summary>The windows of a pooling over planes of [depth, height, width]; fewer axes have size 1 in front.</summary>
internal sealed class PoolPlan(PoolAxis depth, PoolAxis height, PoolAxis width, double divisor = 0)
{
    public PoolAxis Depth => depth;

    public PoolAxis Height => height;

    public PoolAxis Width => width;

    /// <summary>What sums are divided by; 0 for the size of the window.</summary>
    public double Divisor => divisor;

    /// <summary>Elements of a plane of the input.</summary>
    public nint InputCount => (nint)depth.Input * height.Input * width.Input;

    /// <summary>Elements of a plane of the result.</summary>
    public nint OutputCount => (nint)depth.Output * height.Output * width.Output;

    /// <summary>How many elements all windows of a plane have together.</summary>
    public double Taps => Sum(depth.Counts) * Sum(height.Counts) * Sum(width.Counts);

    /// <summary>Planes of one unit of work; a matter of the shape alone.</summary>
    public nint PlanesPerUnit => Math.Max(1, 16384 / Math.Max(1, InputCount + OutputCount));

    private static double Sum(int[] counts)
    {
        var sum = 0.0;
        foreach (var count in counts)
        {
            sum += count;
        }

        return sum;
    }
}
