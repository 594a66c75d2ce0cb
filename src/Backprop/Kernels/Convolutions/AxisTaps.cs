namespace Backprop.Kernels.Convolutions;

/// <summary>
/// One axis of a correlation: position j of <see cref="Count"/> reads the source at j · <see cref="Step"/> + <see cref="Shifts"/>[t] for every tap t,
/// and is
/// written to the target at <see cref="First"/> + j · <see cref="TargetStep"/>. Taps that only ever meet padding are left out.
/// </summary>
internal sealed class AxisTaps
{
    private AxisTaps(int count, int step, int size, int first, int targetStep, int targetSize, List<(int Tap, int Shift)> taps)
    {
        (Count, Step, Size, First, TargetStep, TargetSize) = (count, step, size, first, targetStep, targetSize);
        Taps = [.. taps.Select(tap => tap.Tap)];
        Shifts = [.. taps.Select(tap => tap.Shift)];
        Lowest = Shifts.Length == 0 ? 0 : Shifts.Min();
        Extent = Shifts.Length == 0 ? 0 : Shifts.Max() - Lowest;
        Phases = [.. Shifts.Select(shift => (shift - Lowest) % step).Distinct().Order()];
    }

    public int Count { get; }

    public int Step { get; }

    /// <summary>The source's size.</summary>
    public int Size { get; }

    public int First { get; }

    public int TargetStep { get; }

    public int TargetSize { get; }

    /// <summary>Which positions of the kernel the taps are.</summary>
    public int[] Taps { get; }

    public int[] Shifts { get; }

    /// <summary>The smallest shift.</summary>
    public int Lowest { get; }

    /// <summary>How far the largest shift is from the smallest.</summary>
    public int Extent { get; }

    /// <summary>The remainders of (shift − lowest) by the step that occur: only these columns of the source are ever read.</summary>
    public int[] Phases { get; }

    /// <summary>An axis of the convolution itself.</summary>
    public static AxisTaps Forward(ConvolutionShape shape, int axis)
    {
        var (count, step, size) = (shape.OutputSizes[axis], shape.Stride[axis], shape.InputSizes[axis]);
        var taps = new List<(int, int)>();
        for (var tap = 0; tap < shape.Kernel[axis]; tap++)
        {
            Keep(taps, tap, ((long)tap * shape.Dilation[axis]) - shape.Padding[axis], count, step, size);
        }

        return new AxisTaps(count, step, size, 0, 1, count, taps);
    }

    /// <summary>
    /// An axis of the gradient of x, apart for each remainder of x's positions by the stride, since these are reached by different taps; remainders
    /// that no tap reaches are left out, and <paramref name="complete"/> tells whether there are none.
    /// </summary>
    public static AxisTaps[] Backward(ConvolutionShape shape, int axis, out bool complete)
    {
        var (step, size, length) = (shape.Stride[axis], shape.OutputSizes[axis], shape.InputSizes[axis]);
        var phases = new SortedDictionary<int, List<(int, int)>>();
        for (var tap = 0; tap < shape.Kernel[axis]; tap++)
        {
            var distance = ((long)tap * shape.Dilation[axis]) - shape.Padding[axis];
            var first = (int)(((distance % step) + step) % step);
            if (first < length)
            {
                var taps = phases.TryGetValue(first, out var known) ? known : [];
                Keep(taps, tap, (first - distance) / step, Positions(length, first, step), 1, size);
                if (taps.Count > 0)
                {
                    phases[first] = taps;
                }
            }
        }

        complete = phases.Count == Math.Min(step, length);
        return [.. phases.Select(phase => new AxisTaps(Positions(length, phase.Key, step), 1, size, phase.Key, step, length, phase.Value))];
    }

    /// <summary>The same with its taps in the order of their shifts: what they read lies in the order of memory then.</summary>
    public AxisTaps Ascending() => new(Count, Step, Size, First, TargetStep, TargetSize, [.. Taps.Zip(Shifts).OrderBy(tap => tap.Second)]);

    private static int Positions(int length, int first, int step) => (int)(((long)length - first + step - 1) / step);

    private static void Keep(List<(int, int)> taps, int tap, long shift, int count, int step, int size)
    {
        var first = shift >= 0 ? 0 : (-shift + step - 1) / step;
        if (first < count && (first * step) + shift < size)
        {
            taps.Add((tap, (int)shift));
        }
    }
}
