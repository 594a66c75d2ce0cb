using System.Diagnostics;

namespace Backprop.Benchmarks.Suite;

/// <summary>A workload of the suite: its name, how many samples one step takes, and how to build it afresh.</summary>
/// <param name="Name">As the peer's suite calls it.</param>
/// <param name="Samples">Samples per step.</param>
/// <param name="Build">Makes model, data and optimizer, and returns the step. A step's result is the loss, or the output of an inference.</param>
public sealed record Workload(string Name, int Samples, Func<DType, Func<Tensor>> Build)
{
    /// <summary>Losses are compared before the first and after this many updates.</summary>
    public const int CheckedSteps = 20;

    private const double BlockSeconds = 0.02;
    private const int LeastBlocks = 5;
    private const int RestartSteps = 2000;

    /// <summary>The step as a user has it replayed: captured by the first call.</summary>
    public static Func<Tensor> Captured(Func<Tensor> step)
    {
        CapturedStep? captured = null;
        return () => captured is null ? (captured = CapturedStep.Capture(step)).Result : captured.Replay();
    }

    /// <summary>Runs steps; each value is the mean of what the step returned.</summary>
    public static double[] Losses(Func<Tensor> step, int count)
    {
        var losses = new double[count];
        for (var i = 0; i < count; i++)
        {
            using var scope = TensorScope.Begin();
            losses[i] = step().Detach().To(DType.Float64).Mean().Item();
        }

        return losses;
    }

    /// <summary>Times blocks of steps, as the page on the suite defines it.</summary>
    public Measurement Measure(DType dtype, double seconds, bool eager)
    {
        Func<Tensor> Start() => eager ? Build(dtype) : Captured(Build(dtype));
        var step = Start();
        var losses = Losses(step, CheckedSteps + 1);
        var count = Math.Clamp((int)Math.Round(BlockSeconds * 1e6 / BlockMicroseconds(step, 3)), 1, RestartSteps / 2);
        var blocks = new List<double>();
        var clock = Stopwatch.StartNew();
        var done = 0;
        while (blocks.Count < LeastBlocks || clock.Elapsed.TotalSeconds < seconds)
        {
            if (done + count > RestartSteps)
            {
                (step, done) = (Start(), 0);
                Losses(step, CheckedSteps + 1);
            }

            blocks.Add(BlockMicroseconds(step, count));
            done += count;
        }

        blocks.Sort();
        var middle = blocks.Count / 2;
        var median = blocks.Count % 2 == 1 ? blocks[middle] : (blocks[middle - 1] + blocks[middle]) / 2;
        return new Measurement(Name, median, blocks[0], Samples * 1e6 / median, losses[0], losses[CheckedSteps]);
    }

    private static double BlockMicroseconds(Func<Tensor> step, int count)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            using var scope = TensorScope.Begin();
            step();
        }

        return Stopwatch.GetElapsedTime(start).TotalMicroseconds / count;
    }
}

/// <summary>One row of the suite's result.</summary>
public sealed record Measurement(string Name, double MedianMicroseconds, double LeastMicroseconds, double SamplesPerSecond, double Loss0, double Loss20);
