namespace Backprop.Layers;

/// <summary>What the convolutions and the transposed ones share: weights, their first values, and the checks.</summary>
/// <remarks>
/// Parameters have PyTorch's names and shapes, so that states can be exchanged: <c>weight</c> [out, in / groups, kernel …], of a transposed convolution
/// [in, out / groups, kernel …], and <c>bias</c> [out]. Both start uniform in ±1/√fan, where the fan is the product of all sizes of the weight but the
/// first (He et al., 2015, with the gain of a leaky ReLU of slope √5).
/// </remarks>
public abstract class ConvolutionLayer : Module
{
    private readonly ConvolutionSettings settings;

    private protected ConvolutionLayer(in ConvolutionSettings settings)
    {
        this.settings = settings;
        var (name, axes) = (settings.Operation, settings.Axes);
        settings.Check();
        var kernel = settings.Kernel.Resolve(name, "kernelSize", axes, 1, 0);
        Strides = settings.Stride.Resolve(name, "stride", axes, 1, 1);
        Dilations = settings.Dilation.Resolve(name, "dilation", axes, 1, 1);
        Paddings = settings.Padding.IsSame
            ? Same(kernel)
            : Array.ConvertAll(settings.Padding.Numbers.Resolve(name, "padding", axes, 0, 0), amount => (amount, amount));
        var (first, second) = settings.Transposed ? (InChannels, OutChannels) : (OutChannels, InChannels);
        int[] shape = [first, second / Groups, .. kernel];
        var weight = Parameter(shape, settings.DType);
        var fan = weight.Count / first;
        Weight = Initialize.UniformByFan(weight, fan, settings.Generator);
        Bias = settings.Bias ? Initialize.UniformByFan(Parameter([OutChannels], settings.DType), fan, settings.Generator) : null;
    }

    /// <summary>[out, in / groups, kernel …], or [in, out / groups, kernel …] of a transposed convolution.</summary>
    public Tensor Weight { get; }

    /// <summary>[out]; null where there is none.</summary>
    public Tensor? Bias { get; }

    /// <summary>Channels of the input.</summary>
    public int InChannels => settings.InChannels;

    /// <summary>Channels of the result.</summary>
    public int OutChannels => settings.OutChannels;

    /// <summary>Into how many groups channels and outputs fall; an output sees the channels of its own group only.</summary>
    public int Groups => settings.Groups;

    /// <inheritdoc/>
    protected override string Settings
    {
        get
        {
            var text = FormattableString.Invariant($"{InChannels} → {OutChannels}, kernel {settings.Kernel}");
            text += settings.Stride == default || settings.Stride == 1 ? "" : $", stride {settings.Stride}";
            text += settings.Padding == default || settings.Padding == 0 ? "" : $", padding {settings.Padding}";
            text += settings.Mode == PaddingMode.Constant ? "" : $" ({settings.Mode})";
            text += settings.OutputPadding == default || settings.OutputPadding == 0 ? "" : $", output padding {settings.OutputPadding}";
            text += settings.Dilation == default || settings.Dilation == 1 ? "" : $", dilation {settings.Dilation}";
            text += Groups == 1 ? "" : FormattableString.Invariant($", {Groups} groups");
            return text + (Bias is null ? ", no bias" : "");
        }
    }

    private protected int[] Strides { get; }

    private protected int[] Dilations { get; }

    /// <summary>What lies before and after the input on every axis.</summary>
    private protected (int Before, int After)[] Paddings { get; }

    /// <summary>The result for an input that fits.</summary>
    private protected abstract Tensor Apply(Tensor x);

    /// <summary>The convolution of an input.</summary>
    /// <param name="x">[batch, in, …], or [in, …] for a single one.</param>
    /// <returns>[batch, out, …]; see the operation for the sizes.</returns>
    /// <exception cref="ShapeException">Another number of axes or channels, or the kernel doesn't fit into the padded input.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The input is smaller than what the padding mode takes from it.</exception>
    /// <exception cref="DTypeException">The dtype is not the weight's.</exception>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        CheckInput(x);
        try
        {
            return Apply(x);
        }
        catch (ShapeException exception)
        {
            throw Located(exception);
        }
    }

    /// <summary>The same error, which also says where the layer stands.</summary>
    private protected ShapeException Located(ShapeException exception) => new($"{exception.Message} In {Location}", exception);

    private protected void CheckInput(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        var (name, axes) = (settings.Operation, settings.Axes);
        if ((x.Rank != axes + 1 && x.Rank != axes + 2) || x.Shape[^(axes + 1)] != InChannels)
        {
            var sizes = axes switch { 1 => "length", 2 => "height, width", _ => "depth, height, width" };
            throw new ShapeException(
                $"{name}: the input {Error.Text(x.Shape)} must be [batch, {InChannels}, {sizes}], or [{InChannels}, {sizes}] without the batch, in {Location}");
        }

        if (x.DType != Weight.DType)
        {
            throw new DTypeException($"{Error.DTypesDiffer(name, x.DType, Weight.DType).Message} In {Location}");
        }
    }

    /// <summary>dilation · (kernel − 1) in all, an odd one behind.</summary>
    private (int Before, int After)[] Same(int[] kernel)
    {
        var result = new (int, int)[kernel.Length];
        for (var axis = 0; axis < kernel.Length; axis++)
        {
            if (Strides[axis] != 1)
            {
                throw Error.Range(settings.Operation, "stride", settings.Stride, "1 where the padding is same");
            }

            var total = (long)Dilations[axis] * (kernel[axis] - 1);
            result[axis] = total <= int.MaxValue
                ? ((int)(total / 2), (int)(total - (total / 2)))
                : throw Error.Range(settings.Operation, "dilation", settings.Dilation, "small enough for a padding below 2³¹");
        }

        return result;
    }
}

/// <summary>What every convolution is told.</summary>
internal readonly record struct ConvolutionSettings(string Operation, int Axes, int InChannels, int OutChannels, PerAxis Kernel)
{
    public PerAxis Stride { get; init; }

    public Padding Padding { get; init; }

    public PerAxis OutputPadding { get; init; }

    public PerAxis Dilation { get; init; }

    public int Groups { get; init; } = 1;

    public bool Bias { get; init; } = true;

    public PaddingMode Mode { get; init; }

    public bool Transposed { get; init; }

    public Generator? Generator { get; init; }

    public DType DType { get; init; }

    public void Check()
    {
        if (InChannels < 1)
        {
            throw Error.Range(Operation, "inChannels", InChannels, "at least 1");
        }

        if (OutChannels < 1)
        {
            throw Error.Range(Operation, "outChannels", OutChannels, "at least 1");
        }

        if (Groups < 1 || InChannels % Groups != 0 || OutChannels % Groups != 0)
        {
            throw Error.Range(Operation, "groups", Groups, FormattableString.Invariant(
                $"at least 1 and divide inChannels {InChannels} and outChannels {OutChannels}"));
        }

        if (Mode is < PaddingMode.Constant or > PaddingMode.Circular)
        {
            throw Error.Range(Operation, "paddingMode", Mode, "Constant, Reflect, Replicate or Circular");
        }

        if (!DType.IsFloating())
        {
            throw Error.DType(Operation, DType, "weights are floating point.");
        }
    }
}
