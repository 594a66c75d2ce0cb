using Backprop;
using Backprop.Data;
using Backprop.Layers;

namespace MnistSample;

/// <summary>An image that was taken for something else.</summary>
/// <param name="Image">Its position among the images.</param>
/// <param name="Label">What it is.</param>
/// <param name="Answer">What the model says.</param>
/// <param name="Probability">How sure the model is of that.</param>
public readonly record struct Mistake(int Image, int Label, int Answer, float Probability);

/// <summary>What a model makes of images that it has not seen in training.</summary>
public sealed class Evaluation
{
    private const int BatchSize = 1000;

    private readonly int[,] confusion = new int[Recipe.Classes, Recipe.Classes];
    private readonly List<Mistake> mistakes = [];

    /// <summary>The mistakes, those that the model is surest of first.</summary>
    public IReadOnlyList<Mistake> Mistakes => mistakes;

    /// <summary>How many images there were.</summary>
    public int Count { get; private set; }

    public double Accuracy => Ratio(Count - mistakes.Count, Count);

    public static Evaluation Of(Module model, LabeledImages images)
    {
        var result = new Evaluation();
        model.Evaluate();
        using (Recording.Pause()) // no gradients here, so no tape
        {
            foreach (var (inputs, labels) in new DataLoader(new ImageDataset(images), BatchSize, reuseBuffers: true))
            {
                using var scope = TensorScope.Begin();
                var probabilities = model.Forward(inputs).Softmax(axis: 1);
                result.Add(probabilities.ArgMax(axis: 1).AsSpan<long>(), probabilities.Max(axis: 1).AsSpan<float>(), labels.AsSpan<long>());
            }
        }

        model.Train();
        result.mistakes.Sort((a, b) => (b.Probability, a.Image).CompareTo((a.Probability, b.Image)));
        return result;
    }

    /// <summary>How many images of a class were given an answer.</summary>
    public int Confusion(int label, int answer) => confusion[label, answer];

    /// <summary>How many images of a class there are.</summary>
    public int CountOf(int label) => Enumerable.Range(0, Recipe.Classes).Sum(answer => confusion[label, answer]);

    /// <summary>Of the images that were given this answer, the share for which it is right.</summary>
    public double Precision(int answer) => Ratio(confusion[answer, answer], Enumerable.Range(0, Recipe.Classes).Sum(label => confusion[label, answer]));

    /// <summary>Of the images of this class, the share that was recognised.</summary>
    public double Recall(int label) => Ratio(confusion[label, label], CountOf(label));

    /// <summary>The harmonic mean of precision and recall.</summary>
    public double F1(int label)
    {
        var (precision, recall) = (Precision(label), Recall(label));
        return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
    }

    private static double Ratio(int part, int whole) => whole > 0 ? (double)part / whole : 0;

    private void Add(ReadOnlySpan<long> answers, ReadOnlySpan<float> probabilities, ReadOnlySpan<long> labels)
    {
        for (var i = 0; i < labels.Length; i++, Count++)
        {
            var (label, answer) = ((int)labels[i], (int)answers[i]);
            confusion[label, answer]++;
            if (answer != label)
            {
                mistakes.Add(new Mistake(Count, label, answer, probabilities[i]));
            }
        }
    }
}
