using Backprop;
using Backprop.Layers;
using Backprop.Optimizers;

// The exclusive or, which no single layer can learn: two inputs, three hidden units with tanh, two classes with softmax.
Tensor inputs = [[0, 0], [0, 1], [1, 0], [1, 1]];
var labels = Tensor.From<long>([0, 1, 1, 0]);

var generator = new Generator(seed: 1); // the same seed gives the same weights, so the same run
var model = new Sequential(
    new Linear(2, 3, generator: generator),
    new Tanh(),
    new Linear(3, 2, generator: generator));
var optimizer = new Adam(model.Parameters(), learningRate: 0.05);

for (var step = 0; step <= 500; step++)
{
    using var scope = TensorScope.Begin();
    var loss = Losses.CrossEntropy(model.Forward(inputs), labels); // softmax and −ln of the right class's probability in one
    optimizer.ZeroGradients();
    loss.Backward();
    optimizer.Step();
    if (step % 100 == 0)
    {
        Console.WriteLine($"step {step,3}   loss {loss.Item<float>():F5}");
    }
}

using (Recording.Pause())
{
    var probabilities = model.Forward(inputs).Softmax(axis: 1);
    var answers = probabilities.ArgMax(axis: 1);
    Console.WriteLine();
    Console.WriteLine("a  b   p(0)    p(1)    a xor b");
    for (var row = 0; row < 4; row++)
    {
        Console.WriteLine(
            $"{inputs[row, 0].Item<float>()}  {inputs[row, 1].Item<float>()}   {probabilities[row, 0].Item<float>():F4}  "
            + $"{probabilities[row, 1].Item<float>():F4}  {answers[row].Item<long>()}");
    }

    var right = answers.EqualTo(labels).To(DType.Int64).Sum().Item<long>();
    Console.WriteLine($"{right} of 4 right");
    return right == 4 ? 0 : 1;
}
