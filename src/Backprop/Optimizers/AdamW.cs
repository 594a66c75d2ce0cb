namespace Backprop.Optimizers;

/// <summary>
/// Adam with decoupled weight decay: p ← p − lr λ p, then the step of <see cref="Adam"/> without decay.
/// </summary>
/// <remarks>Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019).</remarks>
public sealed class AdamW : AdamBase
{
    private const double Decay = 0.01;

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
    public AdamW(
        IEnumerable<Tensor> parameters,
        double learningRate = 1e-3,
        double beta1 = 0.9,
        double beta2 = 0.999,
        double epsilon = 1e-8,
        double weightDecay = Decay,
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
    public AdamW(params IEnumerable<AdamGroup> groups)
        : base(groups)
    {
    }

    private protected override bool Decoupled => true;

    private protected override double DefaultWeightDecay => Decay;
}
