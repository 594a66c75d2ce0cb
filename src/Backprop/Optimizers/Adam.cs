namespace Backprop.Optimizers;

/// <summary>
/// Adam: each element's step is scaled by running means of its gradient and of its square.
/// <para>g ← g + λp;  m ← β₁m + (1 − β₁) g;  v ← β₂v + (1 − β₂) g²;</para>
/// <para>p ← p − lr / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε), for t = 1, 2, …; m and v begin at 0.</para>
/// </summary>
/// <remarks>
/// Kingma and Ba, Adam: A Method for Stochastic Optimization (2015). For weight decay that doesn't pass through the means, see <see cref="AdamW"/>.
/// </remarks>
public sealed class Adam : AdamBase
{
    /// <summary>Creates the optimizer with one group.</summary>
    /// <param name="parameters">Leaves that require a gradient.</param>
    /// <param name="learningRate">lr; finite, 0 or more.</param>
    /// <param name="beta1">β₁, at least 0 and below 1.</param>
    /// <param name="beta2">β₂, at least 0 and below 1.</param>
    /// <param name="epsilon">ε; finite, 0 or more.</param>
    /// <param name="weightDecay">λ; finite, 0 or more.</param>
    /// <param name="amsGrad">Whether the largest v so far takes the place of v (Reddi et al., On the Convergence of Adam and Beyond, 2018).</param>
    /// <param name="maximize">Whether to climb instead: g is replaced by −g.</param>
    /// <exception cref="ArgumentException">A parameter can't be trained, or there is none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is outside its range.</exception>
    public Adam(
        IEnumerable<Tensor> parameters,
        double learningRate = 1e-3,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double epsilon = 1e-8,
        double weightDecay = 0,
        bool amsGrad = false,
        bool maximize = false)
        : base(new AdamGroup(parameters)
        {
            LearningRate = learningRate,
            Beta1 = beta1,
            Beta2 = beta2,
            Epsilon = epsilon,
            WeightDecay = weightDecay,
            AmsGrad = amsGrad,
            Maximize = maximize,
        })
    {
    }

    /// <summary>Creates the optimizer with several groups.</summary>
    /// <param name="groups">At least one; no parameter may be in two.</param>
    /// <exception cref="ArgumentException">There is no group, or a parameter is in two.</exception>
    public Adam(params IEnumerable<AdamGroup> groups)
        : base(groups)
    {
    }

    private protected override bool Decoupled => false;
}
