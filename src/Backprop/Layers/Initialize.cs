namespace Backprop.Layers;

/// <summary>Which side of a weight keeps its variance: see <see cref="Initialize.KaimingUniform"/>.</summary>
public enum FanMode
{
    /// <summary>The inputs of a unit: activations keep their variance on the way forward.</summary>
    In,

    /// <summary>The outputs that an input feeds: gradients keep their variance on the way back.</summary>
    Out,
}

/// <summary>
/// First values for parameters. Every method changes a tensor in place, unrecorded, and returns it; the same generator state gives the same values.
/// </summary>
/// <remarks>
/// Fans are counted from the shape [out, in, …]: fan-in is in times the product of the further sizes, fan-out is out times that product.
/// Gains for common activations are in <see cref="Gain"/>.
/// </remarks>
/// <example><code>
/// var layer = new Linear(784, 200);
/// Initialize.KaimingNormal(layer.Weight, generator: new Generator(seed: 7));
/// </code></example>
public static class Initialize
{
    /// <summary>One value everywhere.</summary>
    public static Tensor Constant(Tensor tensor, double value)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using (Recording.Pause())
        {
            return tensor.Fill(value);
        }
    }

    /// <summary>Uniform in [low, high).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is empty or not finite.</exception>
    /// <exception cref="DTypeException">The tensor is not floating point.</exception>
    public static Tensor Uniform(Tensor tensor, double low = 0, double high = 1, Generator? generator = null)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using (Recording.Pause())
        {
            return tensor.CopyFrom(Tensor.Uniform(tensor.Shape, low, high, tensor.DType, generator));
        }
    }

    /// <summary>Normally distributed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The deviation is negative, or a parameter is not finite.</exception>
    /// <exception cref="DTypeException">The tensor is not floating point.</exception>
    public static Tensor Normal(Tensor tensor, double mean = 0, double deviation = 1, Generator? generator = null)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        using (Recording.Pause())
        {
            return tensor.CopyFrom(Tensor.Normal(tensor.Shape, mean, deviation, tensor.DType, generator));
        }
    }

    /// <summary>Uniform in ±1/√fan: PyTorch's default for the weight and the bias of linear layers and convolutions.</summary>
    /// <param name="tensor">A weight or a bias.</param>
    /// <param name="fan">The number of inputs of a unit; at least 1.</param>
    /// <param name="generator">Where the numbers come from; <see cref="Generator.Default"/> if not given.</param>
    /// <exception cref="ArgumentOutOfRangeException">The fan is below 1.</exception>
    public static Tensor UniformByFan(Tensor tensor, int fan, Generator? generator = null)
    {
        if (fan < 1)
        {
            throw Error.Range("uniform_by_fan", nameof(fan), fan, "at least 1");
        }

        var bound = 1 / Math.Sqrt(fan);
        return Uniform(tensor, -bound, bound, generator);
    }

    /// <summary>Uniform in ±gain · √(6 / (fan-in + fan-out)) (Glorot and Bengio, 2010).</summary>
    /// <param name="tensor">A weight of two axes or more.</param>
    /// <param name="gain">The factor that the activation calls for.</param>
    /// <param name="generator">Where the numbers come from; <see cref="Generator.Default"/> if not given.</param>
    /// <exception cref="ShapeException">The tensor has fewer than two axes.</exception>
    public static Tensor XavierUniform(Tensor tensor, double gain = 1, Generator? generator = null)
    {
        var (fanIn, fanOut) = Fans("xavier_uniform", tensor);
        var bound = gain * Math.Sqrt(6 / Math.Max(fanIn + fanOut, 1));
        return Uniform(tensor, -bound, bound, generator);
    }

    /// <summary>Normal with mean 0 and deviation gain · √(2 / (fan-in + fan-out)) (Glorot and Bengio, 2010).</summary>
    /// <inheritdoc cref="XavierUniform"/>
    public static Tensor XavierNormal(Tensor tensor, double gain = 1, Generator? generator = null)
    {
        var (fanIn, fanOut) = Fans("xavier_normal", tensor);
        return Normal(tensor, 0, gain * Math.Sqrt(2 / Math.Max(fanIn + fanOut, 1)), generator);
    }

    /// <summary>Uniform in ±gain · √(3 / fan) (He et al., 2015).</summary>
    /// <param name="tensor">A weight of two axes or more.</param>
    /// <param name="mode">Which fan counts.</param>
    /// <param name="gain">The factor that the activation calls for.</param>
    /// <param name="generator">Where the numbers come from; <see cref="Generator.Default"/> if not given.</param>
    /// <exception cref="ShapeException">The tensor has fewer than two axes.</exception>
    public static Tensor KaimingUniform(Tensor tensor, FanMode mode = FanMode.In, double gain = Gain.Relu, Generator? generator = null)
    {
        var bound = gain * Math.Sqrt(3 / Fan("kaiming_uniform", tensor, mode));
        return Uniform(tensor, -bound, bound, generator);
    }

    /// <summary>Normal with mean 0 and deviation gain / √fan (He et al., 2015).</summary>
    /// <inheritdoc cref="KaimingUniform"/>
    public static Tensor KaimingNormal(Tensor tensor, FanMode mode = FanMode.In, double gain = Gain.Relu, Generator? generator = null) =>
        Normal(tensor, 0, gain / Math.Sqrt(Fan("kaiming_normal", tensor, mode)), generator);

    private static double Fan(string operation, Tensor tensor, FanMode mode)
    {
        var (fanIn, fanOut) = Fans(operation, tensor);
        return Math.Max(mode switch
        {
            FanMode.In => fanIn,
            FanMode.Out => fanOut,
            _ => throw Error.Range(operation, nameof(mode), mode, "FanMode.In or FanMode.Out"),
        }, 1);
    }

    private static (double In, double Out) Fans(string operation, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (tensor.Rank < 2)
        {
            throw Error.Shape(operation, $"fans need a shape [out, in, …], not {Error.Text(tensor.Shape)}.");
        }

        var field = 1.0;
        foreach (var size in tensor.Shape[2..])
        {
            field *= size;
        }

        return (tensor.Shape[1] * field, tensor.Shape[0] * field);
    }
}
