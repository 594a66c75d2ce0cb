using Backprop;

// The minimum of y = x² − 2x + 1, found by walking downhill: the tape says how steep it is, and every step goes against the slope.
const double LearningRate = 0.1;
const double FlatEnough = 1e-6;

var x = Tensor.Scalar(5.0).RequireGradient(); // float64, because 5.0 is a double
for (var step = 0; ; step++)
{
    var y = (x * x) - (2 * x) + 1; // computed, and written on the tape
    x.ZeroGradient();              // gradients add up unless they are cleared
    y.Backward();                  // walks the tape back to x: dy/dx = 2x − 2

    var slope = x.Gradient!.Item<double>();
    var done = Math.Abs(slope) < FlatEnough;
    if (done || step % 10 == 0)
    {
        Console.WriteLine($"step {step,2}   x {x.Item<double>():F8}   y {y.Item<double>():0.00E+00}   gradient {slope:0.00E+00}");
    }

    if (done)
    {
        Console.WriteLine($"minimum at x = {x.Item<double>():F6}");
        return;
    }

    using (Recording.Pause()) // the step itself is no part of the function
    {
        x.SubtractInPlace(LearningRate * x.Gradient!);
    }
}
