using Backprop.Layers;
using Backprop.Optimizers;

namespace Backprop.Tests.Layers;

/// <summary>Parameters that stop requiring a gradient stay parameters.</summary>
public sealed class FreezeTests
{
    [Fact]
    public void FrozenParametersAreConstantsThatAreStillSaved()
    {
        var (body, head) = (new Linear(3, 4), new Linear(4, 2));
        var model = new Sequential(body, new Tanh(), head);
        var optimizer = new Sgd(model.Parameters(), learningRate: 0.1);
        var x = Tensor.Ones([2, 3]);
        model.Forward(x).Sum().Backward();
        body.Freeze();

        Assert.Null(body.Weight.Gradient);
        Assert.True(body.Weight is { RequiresGradient: false, IsLeaf: true, IsFrozen: true });
        Assert.Equal(["0.weight", "0.bias", "2.weight", "2.bias"], model.NamedParameters().Select(entry => entry.Name));
        Assert.Equal(4, model.StateDictionary().Count);
        var before = body.Weight.ToArray<float>();
        var headBefore = head.Weight.ToArray<float>();
        optimizer.ZeroGradients();
        model.Forward(x).Sum().Backward();
        optimizer.Step();
        Assert.Null(body.Weight.Gradient);
        Assert.False(body.Forward(x).RequiresGradient);
        Assert.Equal(before, body.Weight.ToArray<float>());
        Assert.NotEqual(headBefore, head.Weight.ToArray<float>());
        Assert.Contains("requires no gradient", Assert.Throws<ArgumentException>(() => new Sgd(model.Parameters(), learningRate: 0.1)).Message);
        _ = new Sgd(model.Parameters().Where(p => p.RequiresGradient), learningRate: 0.1);

        body.Unfreeze();
        Assert.False(body.Weight.IsFrozen);
        optimizer.ZeroGradients();
        model.Forward(x).Sum().Backward();
        optimizer.Step();
        Assert.NotEqual(before, body.Weight.ToArray<float>());
    }

    [Fact]
    public void OnlyLeavesCanBeFrozen()
    {
        var x = Tensor.From([1.0, 2]).RequireGradient();
        var y = x * 2;
        Assert.Contains("Detach()", Assert.Throws<InvalidOperationException>(() => y.RequireGradient(false)).Message);
        Assert.Same(x, x.RequireGradient(false));
        Assert.Same(x, x.RequireGradient(false));
        Assert.False((x * 2).RequiresGradient);

        // What was recorded before is as it was.
        y.Sum().Backward();
        Assert.Null(x.Gradient);
        Assert.Equal([2.0, 2], x.RequireGradient().Gradient!.ToArray<double>());
        var constant = Tensor.From([1]).RequireGradient(false);
        Assert.False(constant.IsFrozen);
    }

    [Fact]
    public void ApplyVisitsInnerModulesFirst()
    {
        var inner = new Sequential(new Linear(2, 2), new Relu());
        var model = new Sequential(inner, new Tanh());
        var seen = new List<Module>();
        model.Apply(seen.Add);
        Assert.Equal(model.NamedModules().Count, seen.Count);
        Assert.True(seen.IndexOf(inner[0]) < seen.IndexOf(inner) && seen.IndexOf(inner) < seen.IndexOf(model));
        Assert.Same(model, seen[^1]);
    }
}
