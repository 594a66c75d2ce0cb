using Backprop;
using Backprop.Layers;
using Backprop.Optimizers;
using CustomOp;
using RmsNorm = CustomOp.RmsNorm; // not the layer of that name

// Three operations of our own, one of each kind; first each is checked, then a small network learns with all of them.
var generator = new Generator(seed: 1);
Check("swish", Elementwise.Apply<SwishRule>);
Check("cumulative_sum", CumulativeSum.Of);
Check("rms_norm", RmsNorm.Of);

// A ball is thrown upwards: from its speed v and the strength of gravity g, say its height at eight moments. The network need only
// find how far the ball moves from one moment to the next; the cumulative sum makes heights of that.
const int Throws = 256;
const int Moments = 8;
var throws = Tensor.Uniform([Throws, 2], 0.5, 1.5, generator: generator); // v and g
var (v, g) = (throws[.., ..1], throws[.., 1..]);
var time = Tensor.Linspace(0.25, 2, Moments);
var heights = (v * time) - (g * time.Square() / 2); // [256, 8]

var model = new Ballistics(generator);
var optimizer = new Adam(model.Parameters(), learningRate: 0.01);
for (var step = 0; step <= 500; step++)
{
    using var scope = TensorScope.Begin();
    var loss = Losses.MeanSquaredError(model.Forward(throws), heights);
    optimizer.ZeroGradients();
    loss.Backward();
    optimizer.Step();
    if (step % 100 == 0)
    {
        Console.WriteLine($"step {step,3}   loss {loss.Item<float>():F6}");
    }
}

using (Recording.Pause())
{
    var error = (model.Forward(throws) - heights).Abs().Mean().Item<float>();
    Console.WriteLine($"mean error of a height: {error:F4}");
}

// Derivatives of first and second order, against differences of values, in float64.
void Check(string name, Func<Tensor, Tensor> operation)
{
    var x = Tensor.Normal([3, 4], dtype: DType.Float64, generator: generator);
    GradientCheck.Verify(inputs => operation(inputs[0]), [x], order: 2);
    Console.WriteLine($"{name}: first and second derivatives are right");
}

internal sealed class Ballistics(Generator generator) : Module
{
    private readonly Linear hidden = new(2, 32, generator: generator);
    private readonly Linear moves = new(32, 8, generator: generator);

    public override Tensor Forward(Tensor x)
    {
        var h = Elementwise.Apply<SwishRule>(RmsNorm.Of(hidden.Forward(x)));
        return CumulativeSum.Of(moves.Forward(h));
    }
}
