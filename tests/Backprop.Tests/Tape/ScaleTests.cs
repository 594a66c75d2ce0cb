namespace Backprop.Tests.Tapes;

/// <summary>Long, wide and concurrent tapes.</summary>
public class ScaleTests
{
    [Fact]
    public void AChainOf100000OperationsIsWalkedWithoutRecursion()
    {
        // On a small stack, where any recursion per operation would end the process.
        OnThread(256 * 1024, () =>
        {
            var x = Tensor.Scalar(1.0).RequireGradient();
            var y = x;
            for (var i = 0; i < 100_000; i++)
            {
                y = i % 2 == 0 ? y * 2 : y / 2;
            }

            Assert.Equal(1, Gradient.Of(y, x).Item());
            Assert.Equal(100_001, Tape.Of(y).Count);
            y.Backward();
            Assert.Equal(1, x.Gradient!.Item());
        });
    }

    [Fact]
    public void ASumOf10000TermsBuiltInAnyOrder()
    {
        var x = Tensor.Scalar(3.0).RequireGradient();
        var terms = Enumerable.Range(0, 10_000).Select(i => x * i).ToArray();
        var forwards = terms.Aggregate((sum, term) => sum + term);
        var backwards = terms.Reverse().Aggregate((sum, term) => sum + term);
        var joined = Tensor.Stack(terms).Sum();
        foreach (var y in new[] { forwards, backwards, joined })
        {
            Assert.Equal(49_995_000, Gradient.Of(y, x).Item());
        }
    }

    [Fact]
    public void TapesOnTwoThreadsDoNotMix()
    {
        var threads = 4;
        var failures = 0;
        var barrier = new Barrier(threads);
        var workers = Enumerable.Range(0, threads).Select(number => new Thread(() =>
        {
            try
            {
                barrier.SignalAndWait();
                for (var round = 0; round < 300; round++)
                {
                    var x = Tensor.From([number + 1.0, round]).RequireGradient();
                    var y = (x * x * (number + 2)).Sum() + x.Exp().Sum().Detach();
                    for (var i = 0; i < 10; i++)
                    {
                        y = y * 1 + 0;
                    }

                    y.Backward();
                    var gradient = x.Gradient!.ToArray<double>();
                    if (gradient[0] != 2 * (number + 1.0) * (number + 2) || gradient[1] != 2.0 * round * (number + 2))
                    {
                        Interlocked.Increment(ref failures);
                    }
                }
            }
            catch (Exception)
            {
                Interlocked.Increment(ref failures);
            }
        })).ToArray();
        Array.ForEach(workers, worker => worker.Start());
        Array.ForEach(workers, worker => worker.Join());
        Assert.Equal(0, failures);
    }

    [Fact]
    public void ATapeMayBeBuiltOnOneThreadAndWalkedOnAnother()
    {
        var x = Tensor.Scalar(3.0).RequireGradient();
        var y = x * x;
        OnThread(0, () => y.Backward());
        Assert.Equal(6, x.Gradient!.Item());
    }

    [Fact]
    public void TrainingTwiceFromOneSeedGivesTheSameBits()
    {
        var first = Train(seed: 3);
        Assert.Equal(first, Train(seed: 3));
        Assert.NotEqual(first, Train(seed: 4));

        static float[] Train(ulong seed)
        {
            var generator = new Generator(seed);
            var (x, t) = (Tensor.Normal([20, 6], generator: generator), Tensor.Normal([20, 3], generator: generator));
            var (w, v) = (Tensor.Normal([6, 16], generator: generator).RequireGradient(), Tensor.Normal([16, 3], generator: generator).RequireGradient());
            for (var step = 0; step < 30; step++)
            {
                (x.MatMul(w).Tanh().MatMul(v) - t).Square().Mean().Backward();
                using (Recording.Pause())
                {
                    w.SubtractInPlace(0.1 * w.Gradient!);
                    v.SubtractInPlace(0.1 * v.Gradient!);
                }

                w.ZeroGradient();
                v.ZeroGradient();
            }

            return [.. w.ToArray<float>(), .. v.ToArray<float>()];
        }
    }

    private static void OnThread(int stack, Action action)
    {
        Exception? error = null;
        var thread = new Thread(() => error = Record.Exception(action), stack);
        thread.Start();
        thread.Join();
        Assert.Null(error);
    }
}
