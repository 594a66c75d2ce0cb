using Backprop;
using Backprop.Layers;
using Backprop.Optimizers;

// The exclusive or, learnt by a program that knows nothing but the package.
Tensor inputs = [[0, 0], [0, 1], [1, 0], [1, 1]];
var labels = Tensor.From<long>([0, 1, 1, 0]);
var model = new Sequential(new Linear(2, 8, generator: new Generator(seed: 1)), new Tanh(), new Linear(8, 2, generator: new Generator(seed: 2)));
var optimizer = new Adam(model.Parameters(), learningRate: 0.05);

for (var step = 0; step < 500; step++)
{
    using var scope = TensorScope.Begin();
    var loss = Losses.CrossEntropy(model.Forward(inputs), labels);
    optimizer.ZeroGradients();
    loss.Backward();
    optimizer.Step();
}

var predictions = model.Forward(inputs).ArgMax(axis: 1);
var right = Enumerable.Range(0, 4).Count(row => predictions[row].Item<long>() == labels[row].Item<long>());
Console.WriteLine($"xor: {right} of 4 right");
return right == 4 ? 0 : 1;
