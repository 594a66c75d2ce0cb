namespace Backprop.Kernels.Convolutions;

/// <summary>Where the arrays of a correlation lie; how it is computed is told by a plan, which knows the sizes only and is kept.</summary>
internal unsafe struct CorrelationArrays<T>
    where T : unmanaged
{
    public Images<T> Source;

    /// <summary>In the order that the plan names.</summary>
    public T* Weights;

    /// <summary>[groups · rows], or null.</summary>
    public T* Bias;

    public Images<T> Target;
}

/// <summary>Where the arrays of a weight gradient lie.</summary>
internal unsafe struct WeightArrays<T>
    where T : unmanaged
{
    public Images<T> Source;

    public Images<T> Gradient;

    public T* Target;

    /// <summary>The sums of the gradient, [groups · outputs], are added to this; null, or a plan that is turned.</summary>
    public T* Bias;
}

/// <summary>
/// How the convolution of one shape and its gradients are computed: which taps meet what, where everything lies in the copies that blocks make, and how
/// the work is cut. Each of the three is found when it is first needed, and never changes: any thread may use it.
/// </summary>
/// <param name="shape">The sizes.</param>
/// <param name="lanes">Elements of the processor's registers.</param>
internal sealed unsafe class ConvolutionPlans<T>(ConvolutionShape shape, int lanes)
    where T : unmanaged
{
    // Threads that come at the same time may each make a plan; they are alike.
    private ForwardPlan? forward;
    private InputPlan? input;
    private WeightPlan? weight;

    public ForwardPlan Forward => forward ??= new ForwardPlan(shape, lanes);

    public InputPlan InputGradient => input ??= new InputPlan(shape, lanes);

    public WeightPlan WeightGradient => weight ??= new WeightPlan(shape, lanes);

    /// <summary>The convolution: one of the two ways.</summary>
    internal sealed class ForwardPlan
    {
        public ForwardPlan(ConvolutionShape shape, int lanes)
        {
            var (tz, ty, tx) = (AxisTaps.Forward(shape, 0), AxisTaps.Forward(shape, 1), AxisTaps.Forward(shape, 2));
            if (tz.Taps.Length * ty.Taps.Length * tx.Taps.Length > 0
                && ChannelCorrelation<T>.Pays(shape.Outputs, shape.Inputs, shape.Taps, Reach.Of([tz]), Reach.Of([tx]), lanes))
            {
                Channels = ChannelCorrelation<T>.Forward(shape);
                return;
            }

            var field = new Field(tz, ty, tx, shape.Inputs, sizeof(T));
            Kernel = field.TapCount == shape.Taps ? null : Convolutions.Kernel(shape, tz, ty, tx);
            Positions = new Correlation<T>(shape.Batch, shape.Groups, shape.Outputs, field, tz, ty, tx);
        }

        public ChannelCorrelation<T>? Channels { get; }

        public Correlation<T>? Positions { get; }

        /// <summary>Which elements of a kernel are kept, or null where all of them are.</summary>
        public int[]? Kernel { get; }
    }

    /// <summary>The gradient of the images: all remainders of positions by the stride at once, or one after the other.</summary>
    internal sealed class InputPlan
    {
        public InputPlan(ConvolutionShape shape, int lanes)
        {
            var phasesZ = AxisTaps.Backward(shape, 0, out var completeZ);
            var phasesY = AxisTaps.Backward(shape, 1, out var completeY);
            var phasesX = AxisTaps.Backward(shape, 2, out var completeX);
            Complete = completeZ && completeY && completeX;
            if (phasesZ.Length * phasesY.Length * phasesX.Length > 0
                && ChannelCorrelation<T>.Pays(
                    shape.Inputs, shape.Outputs, shape.Taps / (shape.Stride[0] * shape.Stride[1] * shape.Stride[2]), Reach.Of(phasesZ), Reach.Of(phasesX),
                    lanes))
            {
                Channels = ChannelCorrelation<T>.Backward(shape, phasesZ, phasesY, phasesX, Complete);
                return;
            }

            List<(Correlation<T>, int[])> phases = [];
            foreach (var z in phasesZ)
            {
                foreach (var y in phasesY)
                {
                    foreach (var x in phasesX)
                    {
                        var field = new Field(z, y, x, shape.Outputs, sizeof(T));
                        phases.Add((new Correlation<T>(shape.Batch, shape.Groups, shape.Inputs, field, z, y, x), Convolutions.Kernel(shape, z, y, x)));
                    }
                }
            }

            Phases = [.. phases];
        }

        public ChannelCorrelation<T>? Channels { get; }

        /// <summary>Each remainder's correlation, and which elements of a kernel it has.</summary>
        public (Correlation<T> Plan, int[] Kernel)[] Phases { get; } = [];

        /// <summary>Whether every position belongs to a remainder.</summary>
        public bool Complete { get; }
    }

    /// <summary>The gradient of the weights: one of the two ways, or neither where nothing is summed.</summary>
    internal sealed class WeightPlan
    {
        public WeightPlan(ConvolutionShape shape, int lanes)
        {
            var (tz, ty, tx) = (AxisTaps.Forward(shape, 0), AxisTaps.Forward(shape, 1), AxisTaps.Forward(shape, 2));
            Kernel = Convolutions.Kernel(shape, tz, ty, tx);
            if (shape.Batch == 0 || shape.Groups * shape.Outputs * shape.Inputs == 0 || Kernel.Length == 0)
            {
                return;
            }

            if (ChannelWeights<T>.Pays(shape, tx, lanes))
            {
                Channels = new ChannelWeights<T>(shape, tz, ty, tx, lanes);
            }
            else
            {
                Positions = new WeightCorrelation<T>(shape, tz, ty, tx, Kernel.Length);
            }
        }

        public ChannelWeights<T>? Channels { get; }

        public WeightCorrelation<T>? Positions { get; }

        /// <summary>Whether the gradient of a bias, for which the same memory is read, comes at little cost.</summary>
        public bool HasBias => Channels is { IsTurned: true };

        /// <summary>Which elements of a kernel meet anything.</summary>
        public int[] Kernel { get; }
    }
}

/// <summary>The plans of a shape, of both element types.</summary>
/// <param name="shape">The sizes.</param>
internal sealed class ConvolutionPlans(ConvolutionShape shape)
{
    /// <summary>Shapes whose plans are kept for steps to come; a shape may be in four places.</summary>
    private const int Kept = 128;

    private const int Ways = 4;

    /// <summary>Numbers that the plans of a kept shape may hold, roughly: what is kept in all stays small.</summary>
    private const long MostNumbers = 16384;

    private static readonly ConvolutionPlans?[] kept = new ConvolutionPlans?[Kept];
    private static int oldest;

    private readonly int hash = shape.GetHashCode();

    public ConvolutionPlans<float> Single { get; } = new(shape, MatrixProduct.RegisterBytes / sizeof(float));

    public ConvolutionPlans<double> Double { get; } = new(shape, MatrixProduct.RegisterBytes / sizeof(double));

    private ConvolutionShape Shape => shape;

    /// <summary>
    /// The plans of a shape: those that are kept, or new ones. Safe to call from several threads: entries never change, they are only replaced.
    /// </summary>
    public static ConvolutionPlans Of(ConvolutionShape shape)
    {
        var hash = shape.GetHashCode();
        var first = (int)((uint)hash % (Kept / Ways)) * Ways;
        for (var way = first; way < first + Ways; way++)
        {
            if (Volatile.Read(ref kept[way]) is { } known && known.hash == hash && known.Shape.Equals(shape))
            {
                return known;
            }
        }

        var plans = new ConvolutionPlans(shape);
        if ((((long)shape.Inputs + shape.Outputs) * shape.Taps) + shape.InputSizes[1] + shape.OutputSizes[1] <= MostNumbers)
        {
            Volatile.Write(ref kept[first + (Interlocked.Increment(ref oldest) & (Ways - 1))], plans);
        }

        return plans;
    }
}
