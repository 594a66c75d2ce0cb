namespace Backprop.Ops;

/// <summary>y = x, the same elements: a tensor of its own on the tape.</summary>
internal sealed class Alias : ViewOp
{
    public static readonly Alias Instance = new();

    public override string Name => "alias";

    internal override Layout View(Tensor input) => input.Layout;

    protected internal override void Differentiate(Adjoint adjoint) => adjoint.Add(0, adjoint.Gradient);

    internal override void DifferentiatePerSample(SampleAdjoint adjoint) => adjoint.Broadcast();
}
