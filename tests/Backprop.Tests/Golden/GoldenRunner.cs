using System.Globalization;

namespace Backprop.Tests.Golden;

/// <summary>
/// Runs a case and compares everything the file states: the outputs; the gradients, by the fused kernels and by the recorded expressions; the
/// second-order results. Answers with the differences, none if all is well.
/// </summary>
internal sealed class GoldenRunner
{
    private const double Tolerance = 1e-9;
    private readonly GoldenCase golden;
    private readonly bool allowDeviations;
    private readonly List<string> differences = [];

    private GoldenRunner(GoldenCase golden, bool allowDeviations)
    {
        this.golden = golden;
        this.allowDeviations = allowDeviations;
    }

    private double GradientTolerance => GoldenDeviations.CoarseGradients.TryGetValue(golden.Op, out var coarse) ? coarse.Tolerance : Tolerance;

    /// <summary>The differences, each with where and what; at most one per tensor.</summary>
    public static IReadOnlyList<string> Differences(GoldenCase golden, bool allowDeviations = true)
    {
        var runner = new GoldenRunner(golden, allowDeviations);
        runner.Outputs();
        if (golden.Gradients.Count > 0)
        {
            runner.GradientsByBackward();
            runner.GradientsRecorded();
        }

        return runner.differences;
    }

    private void Outputs()
    {
        using var pause = Recording.Pause();
        var actual = GoldenOps.Call(golden.Op, new GoldenCall(golden));
        var expected = golden.Outputs;
        if (actual.Length != expected.Length)
        {
            differences.Add($"{actual.Length} outputs, not {expected.Length}");
            return;
        }

        for (var i = 0; i < expected.Length; i++)
        {
            var what = $"output {expected[i].Name}";
            if (actual[i].DType != expected[i].DType)
            {
                differences.Add($"{what} is of {actual[i].DType}, not {expected[i].DType}");
            }
            else
            {
                Compare(what, actual[i], expected[i].Shape, expected[i].Data, Tolerance);
            }
        }
    }

    /// <summary>A user's way: Backward from the outputs, one after the other, accumulating in the leaves.</summary>
    private void GradientsByBackward()
    {
        var call = new GoldenCall(golden);
        var outputs = GoldenOps.Call(golden.Op, call);
        foreach (var (output, seed) in Seeded(outputs))
        {
            output.Backward(seed, keepTape: true);
        }

        foreach (var (name, expected) in golden.Gradients)
        {
            Compare($"gradient of {name}", call[name].Gradient, call[name].Shape, expected, GradientTolerance);
        }
    }

    /// <summary>The functional way, recorded, and differentiated once more.</summary>
    private void GradientsRecorded()
    {
        var call = new GoldenCall(golden);
        var outputs = GoldenOps.Call(golden.Op, call);
        var names = golden.Gradients.Keys.ToArray();
        var inputs = names.Select(name => call[name]).ToArray();
        var seeds = golden.OutputGradients
            .Select((g, i) => g is null ? null : GoldenTensor.Dense(g, outputs[i].Shape, DType.Float64).RequireGradient())
            .ToArray();
        var gradients = GradientsOf(outputs, seeds, inputs);
        for (var i = 0; i < inputs.Length; i++)
        {
            Compare($"recorded gradient of {names[i]}", gradients[i], inputs[i].Shape, golden.Gradients[names[i]], GradientTolerance);
        }

        if (golden.Second is not { } second)
        {
            return;
        }

        var sum = Sum(names.Select((name, i) => gradients[i] is { RequiresGradient: true } g && second.Directions.TryGetValue(name, out var v)
            ? (g * GoldenTensor.Dense(v, g.Shape, DType.Float64)).Sum()
            : null));
        var again = Second(sum, inputs);
        for (var i = 0; i < inputs.Length; i++)
        {
            Compare($"second-order gradient of {names[i]}", again[i], inputs[i].Shape, second.Gradients[names[i]], Tolerance);
        }

        var seedGradients = Second(sum, [.. seeds.OfType<Tensor>()]);
        for (int i = 0, k = 0; i < seeds.Length; i++)
        {
            if (seeds[i] is { } seed)
            {
                var gradient = seedGradients[k++];
                if (second.OutputGradients[i] is { } expected)
                {
                    Compare($"second-order gradient of seed {i}", gradient, seed.Shape, expected, Tolerance);
                }
            }
        }
    }

    /// <summary>One output takes its seed; several are summed up, each times its seed.</summary>
    private static Tensor?[] GradientsOf(Tensor[] outputs, Tensor?[] seeds, Tensor[] inputs)
    {
        var recorded = Enumerable.Range(0, outputs.Length).Where(i => seeds[i] is not null && outputs[i].RequiresGradient).ToArray();
        return recorded.Length switch
        {
            0 => new Tensor?[inputs.Length],
            1 => Gradient.OrNull(outputs[recorded[0]], inputs, seeds[recorded[0]], record: true),
            _ => Gradient.OrNull(Sum(recorded.Select(i => (outputs[i] * seeds[i]!).Sum()))!, inputs, record: true),
        };
    }

    private static Tensor?[] Second(Tensor? sum, Tensor[] xs) =>
        sum is { RequiresGradient: true } ? Gradient.OrNull(sum, xs) : new Tensor?[xs.Length];

    private static Tensor? Sum(IEnumerable<Tensor?> terms) =>
        terms.Aggregate((Tensor?)null, (sum, term) => term is null ? sum : sum is null ? term : sum + term);

    private IEnumerable<(Tensor Output, Tensor Seed)> Seeded(Tensor[] outputs)
    {
        var seeds = golden.OutputGradients;
        for (var i = 0; i < outputs.Length; i++)
        {
            if (seeds[i] is { } seed && outputs[i].RequiresGradient)
            {
                yield return (outputs[i], GoldenTensor.Dense(seed, outputs[i].Shape, DType.Float64));
            }
        }
    }

    /// <summary>No tensor at all stands for zeros.</summary>
    private void Compare(string what, Tensor? actual, ReadOnlySpan<int> shape, double[] expected, double tolerance)
    {
        if (actual is null)
        {
            actual = Tensor.Zeros(shape, DType.Float64);
        }

        if (!actual.Shape.SequenceEqual(shape))
        {
            differences.Add($"{what} has shape [{string.Join(", ", actual.Shape.ToArray())}], not [{string.Join(", ", shape.ToArray())}]");
            return;
        }

        var values = Values(actual);
        for (var i = 0; i < expected.Length; i++)
        {
            if (!Agree(values[i], expected[i], tolerance) && !(allowDeviations && GoldenDeviations.Covers(golden, i)))
            {
                differences.Add(string.Create(CultureInfo.InvariantCulture, $"{what}: element {i} is {values[i]:R}, not {expected[i]:R}"));
                return;
            }
        }
    }

    private static bool Agree(double actual, double expected, double tolerance) =>
        actual.Equals(expected) || actual == expected || (double.IsFinite(expected) && Math.Abs(actual - expected) <= tolerance * (1 + Math.Abs(expected)));

    private static double[] Values(Tensor tensor) => tensor.DType switch
    {
        DType.Float64 => tensor.ToArray<double>(),
        DType.Float32 => Array.ConvertAll(tensor.ToArray<float>(), x => (double)x),
        DType.Int64 => Array.ConvertAll(tensor.ToArray<long>(), x => (double)x),
        DType.Int32 => Array.ConvertAll(tensor.ToArray<int>(), x => (double)x),
        _ => Array.ConvertAll(tensor.ToArray<bool>(), x => x ? 1.0 : 0),
    };
}
