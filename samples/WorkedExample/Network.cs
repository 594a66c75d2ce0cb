using Backprop;

namespace WorkedExample;

/// <summary>One layer of sigmoid units: z = W a + b, a = σ(z). Everything is float64.</summary>
public sealed class Layer(Tensor weight, Tensor bias)
{
    /// <summary>W, [units, inputs]: row i belongs to unit i.</summary>
    public Tensor Weight { get; } = weight.To(DType.Float64).RequireGradient();

    /// <summary>b, [units].</summary>
    public Tensor Bias { get; } = bias.To(DType.Float64).RequireGradient();

    /// <summary>z of the last forward pass, [units]. Its gradient is the layer's delta.</summary>
    public Tensor Z { get; private set; } = Tensor.Zeros([0]);

    /// <summary>a of the last forward pass, [units].</summary>
    public Tensor A { get; private set; } = Tensor.Zeros([0]);

    public Tensor Forward(Tensor input)
    {
        Z = (Weight.MatMul(input) + Bias).RetainGradient(); // without this, only leaves such as W and b keep their gradients
        A = Z.Sigmoid();
        return A;
    }
}

/// <summary>The network 2-3-3-1, with the weights that the example begins with.</summary>
public sealed class Network
{
    public const double LearningRate = 0.01;

    public Tensor Input { get; } = Tensor.From([1.0, 2.0]);

    public Tensor Target { get; } = Tensor.From([3.0]);

    public IReadOnlyList<Layer> Layers { get; } =
    [
        new(Tensor.From(new[,] { { 0.1, 0.2 }, { 0.3, 0.4 }, { 0.5, 0.6 } }), Tensor.From([0.1, 0.2, 0.3])),
        new(Tensor.From(new[,] { { 0.1, 0.2, 0.3 }, { 0.4, 0.5, 0.6 }, { 0.7, 0.8, 0.9 } }), Tensor.From([0.3, 0.4, 0.5])),
        new(Tensor.From(new[,] { { 0.6, 0.7, 0.8 } }), Tensor.From([0.6])),
    ];

    /// <summary>C = ½ Σ (y − a)², the cost of what the network says.</summary>
    public Tensor Cost()
    {
        var a = Layers.Aggregate(Input, (input, layer) => layer.Forward(input));
        return 0.5 * (Target - a).Square().Sum();
    }

    /// <summary>Gradient descent: every weight and bias goes a little against its slope.</summary>
    public void Step()
    {
        using (Recording.Pause())
        {
            foreach (var parameter in Layers.SelectMany(layer => new[] { layer.Weight, layer.Bias }))
            {
                parameter.SubtractInPlace(LearningRate * parameter.Gradient!);
            }
        }
    }
}
