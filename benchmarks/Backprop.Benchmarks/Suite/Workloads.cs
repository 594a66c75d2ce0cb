using Backprop.Layers;
using Backprop.Optimizers;

namespace Backprop.Benchmarks.Suite;

/// <summary>The workloads, written as a user of the library writes them.</summary>
public static class Workloads
{
    private const ulong ParameterSeed = 1;
    private const ulong DataSeed = 2;

    /// <summary>Every workload, in the suite's order.</summary>
    public static IReadOnlyList<Workload> All { get; } =
    [
        new("linreg", 100, LinearRegression),
        new("xor", 4, Xor),
        new("mlp_keras", 32, dtype =>
        {
            var model = Perceptron(dtype, () => new Relu(), 784, 128, 10);
            return Classifier(model, new Adam(model.Parameters(), learningRate: 1e-3), data => data.Unit(dtype, 32, 784), 32);
        }),
        new("mlp_torch", 64, dtype =>
        {
            var model = Perceptron(dtype, () => new Relu(), 784, 200, 10);
            return Classifier(model, new Sgd(model.Parameters(), learningRate: 0.01, momentum: 0.9), data => data.Unit(dtype, 64, 784), 64);
        }),
        new("mlp_wide", 256, dtype =>
        {
            var model = Perceptron(dtype, () => new Relu(), 784, 1024, 1024, 10);
            return Classifier(model, new Adam(model.Parameters(), learningRate: 1e-3), data => data.Unit(dtype, 256, 784), 256);
        }),
        new("lenet", 64, dtype =>
        {
            var model = Parameters.Draw(Networks.LeNet(dtype));
            return Classifier(model, new Adam(model.Parameters(), learningRate: 1e-3), data => data.Unit(dtype, 64, 1, 28, 28), 64);
        }),
        new("resnet20", 32, dtype =>
        {
            var model = Parameters.Draw(new ResNet20(dtype));
            var optimizer = new Sgd(model.Parameters(), learningRate: 0.1, momentum: 0.9, weightDecay: 1e-4);
            return Classifier(model, optimizer, data => data.Signed(dtype, 1, 32, 3, 32, 32), 32);
        }),
        new("lstm", 32, TagSequences),
        new("gpt", 8, GenerateText),
        new("recsys", 1024, Recommend),
        new("gradpen", 64, GradientPenalty),
        new("infer_mlp_1", 1, dtype => Inference(1, dtype)),
        new("infer_mlp_256", 256, dtype => Inference(256, dtype)),
    ];

    private static Func<Tensor> LinearRegression(DType dtype)
    {
        var (parameters, data) = (new Draws(ParameterSeed), new Draws(DataSeed));
        var w = parameters.Signed(dtype, 1, 1).RequireGradient();
        var b = parameters.Signed(dtype, 1, 1).RequireGradient();
        var x = data.Signed(dtype, 1, 100);
        var target = (3 * x) + 0.5 + (0.1 * data.Signed(dtype, 1, 100));
        return TrainingStep(() => Losses.MeanSquaredError((w * x) + b, target), new Sgd([w, b], learningRate: 0.1));
    }

    private static Func<Tensor> Xor(DType dtype)
    {
        var model = Perceptron(dtype, () => new Tanh(), 2, 3, 2);
        Tensor x = [[0, 0], [0, 1], [1, 0], [1, 1]];
        var inputs = x.To(dtype);
        var labels = Tensor.From([0L, 1, 1, 0]);
        return TrainingStep(() => Losses.CrossEntropy(model.Forward(inputs), labels), new Sgd(model.Parameters(), learningRate: 0.1));
    }

    private static Func<Tensor> TagSequences(DType dtype)
    {
        var model = Parameters.Draw(new SequenceTagger(dtype));
        var data = new Draws(DataSeed);
        var x = data.Signed(dtype, 1, 64, 32, 64);
        var labels = data.Integers(64, 64, 32).Flatten();
        return TrainingStep(
            () => Losses.CrossEntropy(model.Forward(x).Flatten(0, 1), labels),
            new Adam(model.Parameters(), learningRate: 1e-3));
    }

    private static Func<Tensor> GenerateText(DType dtype)
    {
        var model = Parameters.Draw(new Gpt(dtype));
        var text = new Draws(DataSeed).Integers(256, 8, 129);
        var (tokens, targets) = (text[.., ..128].Contiguous(), text[.., 1..].Contiguous().Flatten());
        return TrainingStep(
            () => Losses.CrossEntropy(model.Forward(tokens).Flatten(0, 1), targets),
            new AdamW(model.Parameters(), learningRate: 3e-4, weightDecay: 0.01));
    }

    private static Func<Tensor> Recommend(DType dtype)
    {
        var model = Parameters.Draw(new Recommender(dtype));
        var data = new Draws(DataSeed);
        var (users, items) = (data.Integers(10000, 1024), data.Integers(10000, 1024));
        var labels = data.Integers(2, 1024, 1).To(dtype);
        var x = Tensor.Stack([users, items], axis: 1);
        return TrainingStep(
            () => Losses.BinaryCrossEntropyWithLogits(model.Forward(x), labels),
            new Adam(model.Parameters(), learningRate: 1e-3));
    }

    private static Func<Tensor> GradientPenalty(DType dtype)
    {
        var model = Perceptron(dtype, () => new Tanh(), 64, 128, 128, 1);
        var parameters = model.Parameters();
        var optimizer = new Adam(parameters, learningRate: 1e-4);
        var x = new Draws(DataSeed).Signed(dtype, 1, 64, 64).RequireGradient();
        return () =>
        {
            var output = model.Forward(x);
            var slope = Gradient.Of(output.Sum(), x, record: true);
            var norms = slope.Square().Sum(1).Sqrt();
            var loss = output.Mean() + (10 * (norms - 1).Square().Mean());
            optimizer.ZeroGradients();
            loss.Backward(inputs: parameters);
            optimizer.Step();
            return loss;
        };
    }

    private static Func<Tensor> Inference(int batch, DType dtype)
    {
        var model = Perceptron(dtype, () => new Relu(), 784, 128, 10);
        var x = new Draws(DataSeed).Unit(dtype, batch, 784);
        return () =>
        {
            using var pause = Recording.Pause();
            return model.Forward(x);
        };
    }

    /// <summary>Cross entropy against ten classes; the labels are drawn after the inputs.</summary>
    private static Func<Tensor> Classifier(Module model, Optimizer optimizer, Func<Draws, Tensor> inputs, int batch)
    {
        var data = new Draws(DataSeed);
        var (x, labels) = (inputs(data), data.Integers(10, batch));
        return TrainingStep(() => Losses.CrossEntropy(model.Forward(x), labels), optimizer);
    }

    private static Func<Tensor> TrainingStep(Func<Tensor> forward, Optimizer optimizer) => () =>
    {
        var loss = forward();
        optimizer.ZeroGradients();
        loss.Backward();
        optimizer.Step();
        return loss;
    };

    /// <summary>Linear layers with an activation in between.</summary>
    private static Sequential Perceptron(DType dtype, Func<Module> activation, params int[] widths)
    {
        var layers = new List<Module>();
        for (var i = 1; i < widths.Length; i++)
        {
            if (i > 1)
            {
                layers.Add(activation());
            }

            layers.Add(new Linear(widths[i - 1], widths[i], dtype: dtype));
        }

        return Parameters.Draw(new Sequential([.. layers]));
    }
}
