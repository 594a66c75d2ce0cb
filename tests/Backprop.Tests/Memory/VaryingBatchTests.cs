using System.Runtime.ExceptionServices;
using Backprop.Layers;
using Backprop.Memory;
using Backprop.Optimizers;

namespace Backprop.Tests.Memory;

/// <summary>Batches of many different sizes, as they come at the end of an epoch or with sequences: what the pool holds stays bounded.</summary>
public class VaryingBatchTests
{
    private const int Largest = 200;

    [Fact]
    public void BatchesOfEverySizeInRandomOrderHoldLittleMoreThanTheLargestOne() => OnFreshThread(() =>
    {
        var training = new Training();
        for (var i = 0; i < 10; i++)
        {
            training.Step(Largest);
        }

        var alone = BufferPool.Current.FreeBytes;
        var sizes = Enumerable.Range(1, Largest).ToArray();
        var random = new Random(5);
        var most = new long[6];
        for (var epoch = 0; epoch < most.Length; epoch++)
        {
            random.Shuffle(sizes);
            foreach (var size in sizes)
            {
                training.Step(size);
                most[epoch] = Math.Max(most[epoch], BufferPool.Current.FreeBytes);
            }
        }

        Assert.True(alone > 200_000, $"the largest batch takes only {alone} bytes");
        Assert.All(most, bytes => Assert.InRange(bytes, alone, 3 * alone));
        Assert.Equal(most[2], most[^1]);
    });

    [Fact]
    public void OnceTheyWereThereSizesComeBackWithoutNewBuffers() => OnFreshThread(() =>
    {
        var training = new Training();
        var sizes = Enumerable.Range(1, Largest).ToArray();
        for (var epoch = 0; epoch < 4; epoch++)
        {
            foreach (var size in sizes)
            {
                training.Step(size);
            }
        }

        // The buffers of one step of the largest size alone are twenty times that; nodes, tensors and layouts are small objects.
        var perEpoch = Allocations.Of(() => Array.ForEach(sizes, training.Step), times: 1);
        Assert.InRange(perEpoch / sizes.Length, 0, 12_000);
    });

    [Fact]
    public void KindsOfStepsThatTakeTurnsKeepTheirBuffers() => OnFreshThread(() =>
    {
        var training = new Training();
        for (var turn = 0; turn < 4; turn++)
        {
            Turn();
        }

        Assert.InRange(Allocations.Of(Turn, times: 1) / 200, 0, 12_000);

        // A hundred steps of each: more than a window has scopes, but in far less than its time.
        void Turn()
        {
            for (var i = 0; i < 100; i++)
            {
                training.Step(Largest);
            }

            for (var i = 0; i < 100; i++)
            {
                training.Step(3);
            }
        }
    });

    [Fact]
    public void AnArrayServesInAClassBelowAndGoesBackToItsOwn()
    {
        var pool = new BufferPool { WindowMilliseconds = 0 };
        var large = pool.Rent(1000);
        pool.Return(large);
        Assert.Same(large, pool.Rent(600));
        Assert.NotSame(large, pool.Rent(1000));
        pool.Return(large);
        Assert.Same(large, pool.Rent(1000));
        pool.Return(large);
        var small = pool.Rent(400);
        Assert.NotSame(large, small);
        Assert.Equal(large.Length, pool.FreeBytes);
    }

    /// <summary>The pool belongs to the thread; a new one begins with nothing.</summary>
    private static void OnFreshThread(Action test)
    {
        Exception? error = null;
        var thread = new Thread(() => error = Record.Exception(test));
        thread.Start();
        thread.Join();
        if (error is not null)
        {
            ExceptionDispatchInfo.Throw(error);
        }
    }

    /// <summary>A small network under training.</summary>
    private sealed class Training
    {
        private readonly Sequential model;
        private readonly Sgd optimizer;
        private readonly Tensor x;
        private readonly Tensor labels;

        public Training()
        {
            var generator = new Generator(7);
            model = new Sequential(new Linear(64, 100, generator: generator), new Relu(), new Linear(100, 10, generator: generator));
            optimizer = new Sgd(model.Parameters(), learningRate: 0.01, momentum: 0.9);
            x = Tensor.Uniform([Largest, 64], generator: generator);
            labels = Tensor.RandomIntegers([Largest], 0, 10, generator: generator);
        }

        public void Step(int size)
        {
            using var scope = TensorScope.Begin();
            var loss = Losses.CrossEntropy(model.Forward(x[..size]), labels[..size]);
            optimizer.ZeroGradients();
            loss.Backward();
            optimizer.Step();
        }
    }
}
