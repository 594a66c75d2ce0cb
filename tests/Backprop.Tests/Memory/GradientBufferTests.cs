using Backprop.Memory;

namespace Backprop.Tests.Memory;

/// <summary>A walk gives the buffers of gradients back that nobody can come across any more, and no others.</summary>
[Collection(nameof(PoisonTests))]
public sealed class GradientBufferTests : IDisposable
{
    private const int Count = 40_000;
    private const int Bytes = Count * sizeof(float);

    public GradientBufferTests() => BufferPool.Poison = true;

    public void Dispose() => BufferPool.Poison = false;

    [Fact]
    public void ABufferComesBackOnceItIsUsed() => OnAFreshPool(() =>
    {
        var x = Tensor.Ones([Count]).RequireGradient();
        using var scope = TensorScope.Begin();
        var y = x;
        for (var i = 0; i < 8; i++)
        {
            y = y.Sin();
        }

        y.Sum().Backward();

        // The first of the gradients on the way from the sum to x is written over again and again.
        Assert.InRange(BufferPool.Current.FreeBytes, Bytes, 2L * Bytes);
    });

    [Fact]
    public void ABufferThatIsWrittenOverIsNeededByNobody() => OnAFreshPool(() =>
    {
        var x = Tensor.Linspace(-2, 2, Count).RequireGradient();
        var plain = Run();
        using (TensorScope.Begin())
        {
            Assert.Equal(plain, Run());
        }

        // a is used three times, so that gradients meet; c's goes to both of its inputs.
        float[] Run()
        {
            x.Gradient = null;
            var a = x.Sin();
            var b = a.Tanh().Exp();
            var c = a.Cos().Relu() + b.Sin();
            (c.Exp().Tanh() * a.Sigmoid()).Sum().Backward();
            return x.Gradient!.ToArray<float>();
        }
    });

    [Fact]
    public void WhereItIsRecordedNothingComesBack() => OnAFreshPool(() =>
    {
        var x = Tensor.Ones([Count]).RequireGradient();
        using var scope = TensorScope.Begin();
        var gradient = Gradient.Of(x.Sin().Sin().Sin().Sum(), x, record: true);
        Assert.Equal(0, BufferPool.Current.FreeBytes);
        Assert.False(float.IsNaN(Gradient.Of(gradient.Sum(), x)[0].Item<float>()));
    });

    [Fact]
    public void GradientsThatAreHandedOnStay()
    {
        var expected = Run(null);
        using var scope = TensorScope.Begin();
        Assert.Equal(expected, Run(scope));

        static float[] Run(TensorScope? scope)
        {
            Assert.Equal(scope is not null, TensorScope.Current is not null);
            var x = Tensor.Linspace(-2, 2, Count).RequireGradient();
            var a = x.Sin();
            var b = a.Reshape([Count / 4, 4]).Tanh().Flatten();
            var c = (a.Cos() + b) - a;
            var d = Tensor.Concatenate([c[..100], c[100..]], axis: 0).Exp();
            var e = (d + d.Sigmoid()).Sin() * a;
            e.Sum().Backward();
            return x.Gradient!.ToArray<float>();
        }
    }

    [Fact]
    public void RetainedGradientsStay()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Ones([Count]).RequireGradient();
        var y = x.Sin();
        var z = y.Square();
        y.RetainGradient();
        z.RetainGradient();
        (z * 3).Sum().Backward();
        Assert.All(z.Gradient!.ToArray<float>(), value => Assert.Equal(3f, value));
        Assert.All(y.Gradient!.ToArray<float>(), value => Assert.Equal(6 * MathF.Sin(1), value, 1e-5f));
    }

    [Fact]
    public void GradientsThatAreAskedForStay()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Ones([Count]).RequireGradient();
        var y = x.Sin();
        var z = y.Square();
        var gradients = Gradient.Of((z * 3).Exp().Sum(), [x, y, z]);
        Assert.Equal(3 * MathF.Exp(3 * MathF.Sin(1) * MathF.Sin(1)), gradients[2].ToArray<float>()[7], 1e-3f);
        Assert.All(gradients, gradient => Assert.DoesNotContain(float.NaN, gradient.ToArray<float>()));
    }

    [Fact]
    public void AnOperationOfTheUsersMayKeepItsGradient()
    {
        using var scope = TensorScope.Begin();
        var keeper = new Keeper();
        var x = Tensor.Ones([Count]).RequireGradient();
        keeper.Apply(x.Sin()).Square().Sin().Sum().Backward();
        var expected = MathF.Cos(MathF.Sin(1) * MathF.Sin(1)) * 2 * MathF.Sin(1);
        Assert.All(keeper.Kept!.ToArray<float>(), value => Assert.Equal(expected, value, 1e-5f));
    }

    [Fact]
    public void ATapeThatIsKeptCanBeWalkedAgain()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Ones([Count]).RequireGradient();
        var loss = x.Sin().Exp().Tanh().Sum();
        loss.Backward(keepTape: true);
        var first = x.Gradient!.ToArray<float>();
        x.Gradient = null;
        loss.Backward();
        Assert.Equal(first, x.Gradient!.ToArray<float>());
    }

    [Fact]
    public void CheckpointedSegmentsHaveTheSameGradients()
    {
        var expected = Run(inScope: false);
        Assert.Equal(expected, Run(inScope: true));

        static float[] Run(bool inScope)
        {
            using var scope = inScope ? TensorScope.Begin() : null;
            var x = Tensor.Linspace(-1, 1, Count).RequireGradient();
            var y = x.Sin();
            var parts = Checkpoint.Run(() => new[] { y.Exp().Tanh(), y.Cos().Square() });
            (parts[0].Sin() * parts[1].Cos()).Exp().Sum().Backward();
            return x.Gradient!.ToArray<float>();
        }
    }

    private static void OnAFreshPool(Action test)
    {
        Exception? trouble = null;
        var thread = new Thread(() => trouble = Record.Exception(test));
        thread.Start();
        thread.Join();
        Assert.Null(trouble);
    }

    private sealed class Keeper : Op
    {
        public Tensor? Kept { get; private set; }

        public override string Name => "keeper";

        protected internal override ResultSpec Infer(in Operands inputs) => ResultSpec.Like(inputs[0]);

        protected internal override void Compute(in Operands inputs, Tensor output) => output.CopyFrom(inputs[0].Detach());

        protected internal override void Differentiate(Adjoint adjoint)
        {
            Kept = adjoint.Gradient;
            adjoint.Add(0, adjoint.Gradient * 1);
        }
    }
}
