namespace Backprop.Ops;

/// <summary>Rows as they are, whose gradient is multiplied by a factor per row: on purpose not the derivative of the value.</summary>
internal sealed class ScaledGradient : ViewOp
{
    public static readonly ScaledGradient Instance = new();

    public override string Name => "scaled_gradient";

    internal override Layout View(Tensor input) => input.Layout;

    protected internal override Saved Saves(int needs) => Saved.Input1;

    protected internal override void Differentiate(Adjoint adjoint) => adjoint.Add(0, adjoint.Gradient * adjoint.Input(1));

    internal override void DifferentiatePerSample(SampleAdjoint adjoint) => adjoint.Broadcast();
}
