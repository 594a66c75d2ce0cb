namespace Backprop.Tests.Catalog;

/// <summary>What needs no place in the catalog, and why. What a reason names must exist, and an exemption that nothing needs fails.</summary>
internal static class Exemptions
{
    /// <summary>Operations that no sample can run.</summary>
    public static readonly IReadOnlyDictionary<string, string> Operations = new Dictionary<string, string>
    {
        ["checkpoint"] = "put on the tape by Checkpoint.Run: CheckpointTests",
        ["checkpoint_result"] = "put on the tape by Checkpoint.Run: CheckpointTests",
    };

    /// <summary>Public functions, or classes of them, that no sample calls.</summary>
    public static readonly IReadOnlyDictionary<string, string> Functions = new Dictionary<string, string>
    {
        ["Calculus"] = "functions of functions: CalculusTests",
        ["Checkpoint"] = "computes a segment twice: CheckpointTests",
        ["Elementwise"] = "applied with every rule: UnaryRuleTests, BinaryRuleTests",
        ["Gradient"] = "walks the tape: GradientOfTests",
        ["Initialize"] = "fills a tensor: InitializeTests",
        ["Safetensors.Load"] = "reads a file: SafetensorsTests",
        ["TensorBuilder"] = "what collection expressions call: CreationTests",
        ["Tensor.Arange"] = "creates: CreationTests",
        ["Tensor.Bernoulli"] = "creates: DropoutTests",
        ["Tensor.From"] = "creates: FromTests",
        ["Tensor.Full"] = "creates: CreationTests",
        ["Tensor.Linspace"] = "creates: CreationTests",
        ["Tensor.Multinomial"] = "creates: DrawTests",
        ["Tensor.Normal"] = "creates: CreationTests",
        ["Tensor.NormalLike"] = "creates: DrawTests",
        ["Tensor.OnesLike"] = "creates: CreationTests",
        ["Tensor.RandomIntegers"] = "creates: DrawTests",
        ["Tensor.Uniform"] = "creates: CreationTests",
        ["Tensor.UniformLike"] = "creates: DrawTests",
        ["Tensor.get_Gradient"] = "asks the tape: BackwardTests",
        ["Tensor.RetainGradient"] = "marks for the tape: LeafTests",
        ["Tensor.CopyFrom"] = "writes in place: ElementsTests",
        ["Tensor.Fill"] = "writes in place: ElementsTests",
        ["Tensor.SubtractInPlace"] = "writes in place: ElementsTests, InPlaceGuardTests",
        ["Tensor.MultiplyInPlace"] = "writes in place: ElementsTests, InPlaceGuardTests",
        ["Tensor.DivideInPlace"] = "writes in place: ElementsTests, InPlaceGuardTests",
    };

    /// <summary>What is refused under another name, which has error cases.</summary>
    public static readonly IReadOnlyDictionary<string, string> SpeakAs = new Dictionary<string, string>
    {
        ["adaptive_max_pool1d_with_indices"] = "adaptive_max_pool1d",
        ["adaptive_max_pool2d_with_indices"] = "adaptive_max_pool2d",
        ["adaptive_max_pool3d_with_indices"] = "adaptive_max_pool3d",
        ["full_like"] = "full",
        ["index_adjoint"] = "index",
        ["instance_norm_by_running"] = "instance_norm",
        ["max_pool1d_with_indices"] = "max_pool1d",
        ["max_pool3d_with_indices"] = "max_pool3d",
        ["rnn_relu"] = "rnn",
        ["singular_values"] = "svd",
        ["symmetric_eigenvalues"] = "symmetric_eigen",
    };

    /// <summary>Functions that nothing can be wrong with; for operations see <see cref="RefusalTests.Accepting"/>.</summary>
    public static readonly IReadOnlyDictionary<string, string> Accepting = new Dictionary<string, string>
    {
        ["contiguous"] = "takes any tensor as it is",
        ["detach"] = "takes any tensor as it is",
        ["is_finite"] = "takes any tensor as it is",
        ["is_infinity"] = "takes any tensor as it is",
        ["is_nan"] = "takes any tensor as it is",
        ["unique"] = "takes any tensor as it is",
    };
}
