using System.Diagnostics;
using Backprop;
using Backprop.Data;
using Backprop.Layers;
using Backprop.Optimizers;

namespace MnistSample;

/// <summary>How an epoch goes, or went.</summary>
/// <param name="Seen">Images seen so far.</param>
/// <param name="Loss">Their mean loss, each at the time it was seen.</param>
/// <param name="Accuracy">Which share of them was recognised at that time.</param>
/// <param name="Seconds">The time it took.</param>
public readonly record struct Progress(int Seen, double Loss, double Accuracy, double Seconds)
{
    public double ImagesPerSecond => Seen / Seconds;
}

/// <summary>Trains a model, epoch by epoch.</summary>
public sealed class Trainer
{
    private readonly Module model;
    private readonly Optimizer optimizer;
    private readonly DataLoader loader;

    public Trainer(Recipe recipe, Module model, LabeledImages images, ulong seed)
    {
        this.model = model;
        optimizer = recipe.Optimizer(model.Parameters());
        loader = new DataLoader(new ImageDataset(images), recipe.BatchSize, shuffle: true, seed, reuseBuffers: true);
    }

    /// <summary>Goes once through all images in a new order, or until it is told to stop.</summary>
    public Progress RunEpoch(Action<Progress> report, CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        var (seen, right, lossSum) = (0, 0, 0.0);
        foreach (var (images, labels) in loader)
        {
            using var scope = TensorScope.Begin(); // every buffer below is recycled
            var logits = model.Forward(images);
            var loss = Losses.CrossEntropy(logits, labels);
            optimizer.ZeroGradients();
            loss.Backward();
            optimizer.Step();

            seen += labels.Count;
            right += CountEqual(logits.ArgMax(axis: 1), labels);
            lossSum += loss.Item<float>() * (double)labels.Count;
            report(Now());
            if (stop.IsCancellationRequested)
            {
                break;
            }
        }

        return Now();

        Progress Now() => new(seen, lossSum / seen, (double)right / seen, clock.Elapsed.TotalSeconds);
    }

    private static int CountEqual(Tensor answers, Tensor labels)
    {
        var expected = labels.AsSpan<long>();
        var count = 0;
        foreach (var answer in answers.AsSpan<long>())
        {
            count += answer == expected[0] ? 1 : 0;
            expected = expected[1..];
        }

        return count;
    }
}
