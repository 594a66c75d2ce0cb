using Backprop.Optimizers;

namespace Backprop.Tests.Optimizers;

/// <summary>A step that can't be made changes nothing.</summary>
public class StepFailureTests
{
    [Theory]
    [MemberData(nameof(OptimizerTests.All), MemberType = typeof(OptimizerTests))]
    public void ARecycledParameterIsFoundBeforeAnythingChanges(string kind)
    {
        var (good, lost) = (Tensor.Ones([3]).RequireGradient(), Tensor.Ones([3]).RequireGradient());
        lost.Name = "lost";
        (good + lost).Sum().Backward();
        var optimizer = OptimizerTests.Create(kind, [good, lost], 0.1);
        lost.Storage.Recycle();
        Refused(optimizer, good, "'lost'");
    }

    [Theory]
    [MemberData(nameof(OptimizerTests.All), MemberType = typeof(OptimizerTests))]
    public void ARecycledGradientIsFoundBeforeAnythingChanges(string kind)
    {
        var (good, other) = (Tensor.Ones([3]).RequireGradient(), Tensor.Ones([3]).RequireGradient());
        good.Gradient = Tensor.Ones([3]);
        using (TensorScope.Begin())
        {
            other.Gradient = Tensor.Ones([3]);
            other.Gradient.Name = "slope";
        }

        Refused(OptimizerTests.Create(kind, [good, other], 0.1), good, "'slope'");
    }

    [Fact]
    public void AStepThatFailsInARuleDoesNotCount()
    {
        var p = Tensor.Ones([3]).RequireGradient();
        p.Gradient = Tensor.Ones([3]);
        var optimizer = new Failing([p]);
        Assert.Throws<NotSupportedException>(optimizer.Step);
        Assert.Equal(0, optimizer.States[0].Steps);
        Assert.Equal([1f, 1, 1], p.ToArray<float>());
    }

    [Fact]
    public void ARecycledParameterIsRefusedByAGroup()
    {
        var p = Tensor.Ones([3]).RequireGradient();
        p.Storage.Recycle();
        Assert.Throws<ObjectDisposedException>(() => new Sgd([p], 0.1));
    }

    private static void Refused(Optimizer optimizer, Tensor good, string name)
    {
        Assert.Contains(name, Assert.Throws<ObjectDisposedException>(optimizer.Step).Message);
        Assert.Equal([1f, 1, 1], good.ToArray<float>());
        Assert.All(optimizer.States, state => Assert.Equal(0, state.Steps));
        Assert.All(optimizer.States, state => Assert.Empty(state.Names));
    }

    private sealed class Failing(IEnumerable<Tensor> parameters) : Optimizer<ParameterGroup>(new ParameterGroup(parameters))
    {
        protected override IReadOnlyList<string> StateNames => [];

        protected override void Update(ParameterGroup group, ParameterState state)
        {
            Assert.Equal(1, state.Steps);
            throw new NotSupportedException();
        }
    }
}
