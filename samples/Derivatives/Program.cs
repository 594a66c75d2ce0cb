using Backprop;
using Backprop.Layers;
using Backprop.Optimizers;

// Derivatives as functions of functions: Newton's method with a Hessian, a fit with a Jacobian, and a network that solves a differential equation.
Console.OutputEncoding = System.Text.Encoding.UTF8;
Newton();
GaussNewton();
DifferentialEquation();

// The minimum of Rosenbrock's banana (1 − x)² + 100 (y − x²)², by steps of −H⁻¹ g. Gradient descent needs thousands of them.
static void Newton()
{
    Console.WriteLine("Newton's method on Rosenbrock's function");
    var x = Tensor.From([-1.2, 1.0]);
    for (var step = 0; ; step++)
    {
        var (value, gradient) = Calculus.ValueAndGradient(Rosenbrock, x);
        Console.WriteLine($"  step {step}   x {x}   value {value.Item<double>():0.0E+00}");
        if (gradient.Norm().Item<double>() < 1e-9)
        {
            Console.WriteLine();
            return;
        }

        x -= LinearAlgebra.Solve(Calculus.Hessian(Rosenbrock, x), gradient);
    }

    static Tensor Rosenbrock(Tensor x) => (1 - x[0]).Square() + (100 * (x[1] - x[0].Square()).Square());
}

// a exp(−b t) + c through measured points: every step solves the least squares problem that the Jacobian of the residuals gives.
static void GaussNewton()
{
    Console.WriteLine("A decay through 40 noisy points, by Gauss and Newton");
    var t = Tensor.Linspace(0, 4, 40, DType.Float64);
    var measured = (2.5 * (-1.3 * t).Exp()) + 0.5 + (0.02 * Tensor.Normal([40], dtype: DType.Float64, generator: new Generator(seed: 1)));
    var p = Tensor.From([1.0, 1.0, 0.0]);
    for (var step = 0; step < 8; step++)
    {
        var jacobian = Calculus.Jacobian(Residuals, p);                      // [40, 3]
        var normal = jacobian.Transpose().MatMul(jacobian);                  // JᵀJ
        p -= LinearAlgebra.Solve(normal, jacobian.Transpose().MatMul(Residuals(p)));
    }

    Console.WriteLine($"  amplitude, rate, offset: {p.ToString(decimals: 3)}   (made with 2.5, 1.3, 0.5)\n");

    Tensor Residuals(Tensor p) => (p[0] * (-p[1] * t).Exp()) + p[2] - measured;
}

// A network u(t) with u′ = −u and u(0) = 1. The loss has a derivative of the network in it, so its gradient is one of second order.
static void DifferentialEquation()
{
    Console.WriteLine("A network that solves u′ = −u, u(0) = 1");
    Generator.Default = new Generator(seed: 1);
    var network = new Sequential(new Linear(1, 16, dtype: DType.Float64), new Tanh(), new Linear(16, 1, dtype: DType.Float64));
    var optimizer = new Adam(network.Parameters(), learningRate: 0.01);
    var times = Tensor.Linspace(0, 2, 32, DType.Float64).Reshape([32, 1]);
    for (var step = 0; step <= 1000; step++)
    {
        using var scope = TensorScope.Begin();
        var slope = Calculus.Gradient(t => U(t).Sum(), times);               // times don't mix, so the gradient of the sum is u′ at each
        var loss = (slope + U(times)).Square().Mean();
        optimizer.ZeroGradients();
        loss.Backward();
        optimizer.Step();
        if (step % 250 == 0)
        {
            Console.WriteLine($"  step {step,4}   loss {loss.Item<double>():0.0E+00}");
        }
    }

    using (Recording.Pause())
    {
        var difference = (U(times) - (-times).Exp()).Abs().Max().Item<double>();
        Console.WriteLine($"largest difference from exp(−t): {difference:F5}");
    }

    Tensor U(Tensor t) => 1 + (t * network.Forward(t));
}
