using Backprop;
using Backprop.Layers;
using Backprop.Optimizers;

// A straight line through 100 noisy points of y = 2x: first with nothing but the tape, then with a layer and an optimizer.
const double LearningRate = 0.1;
const int Steps = 40;

var generator = new Generator(seed: 1);
var x = Tensor.Normal([100, 1], generator: generator);
var y = (2 * x) + Tensor.Normal([100, 1], deviation: 0.1, generator: generator);

// With the tape: the mean squared error of x·w, its slope in w, and a step against the slope.
var w = Tensor.Scalar(0f).RequireGradient();
for (var step = 1; step <= Steps; step++)
{
    var loss = ((x * w) - y).Square().Mean();
    var slope = Gradient.Of(loss, w); // like Backward, but returned instead of kept in w.Gradient
    using (Recording.Pause())
    {
        w.SubtractInPlace(LearningRate * slope);
    }

    if (step % 10 == 0)
    {
        Console.WriteLine($"step {step,2}   loss {loss.Item<float>():F5}   weight {w.Item<float>():F4}");
    }
}

Console.WriteLine($"by the tape:   weight {w.Item<float>():F4}");

// The same with a layer, which also has a bias, and the optimizer that makes such steps for any number of parameters.
var line = new Linear(1, 1, generator: generator);
var optimizer = new Sgd(line.Parameters(), LearningRate);
for (var step = 1; step <= Steps; step++)
{
    using var scope = TensorScope.Begin(); // recycles the buffers of this step
    var loss = Losses.MeanSquaredError(line.Forward(x), y);
    optimizer.ZeroGradients();
    loss.Backward();
    optimizer.Step();
}

Console.WriteLine($"by the layer:  weight {line.Weight.Item<float>():F4}   bias {line.Bias!.Item<float>():F4}");
