namespace Backprop.Tests.Catalog;

/// <summary>
/// No operation without refusals: every rule is tried on what it isn't made for, and every other operation has a place among the
/// <see cref="ErrorCases"/>.
/// </summary>
public sealed class RefusalTests
{
    /// <summary>Rules whose formula holds for integers.</summary>
    private static readonly string[] integerRules = ["abs", "ceiling", "floor", "frac", "negate", "relu", "relu6", "round", "sign", "square", "truncate"];

    private static readonly string[] integerPairs =
    [
        "absolute_error", "add", "floor_divide", "fmod", "maximum", "minimum", "multiply", "prelu", "remainder", "squared_error", "subtract", "truncate_divide",
    ];

    private static readonly Dictionary<string, string> accepting = new()
    {
        ["checkpoint"] = "put on the tape by Checkpoint.Run, which is tested in CheckpointTests",
        ["checkpoint_result"] = "put on the tape by Checkpoint.Run, which is tested in CheckpointTests",
        ["alias"] = "takes any tensor as it is",
        ["copy"] = "takes any tensor as it is",
        ["cast"] = "every dtype converts to every other",
        ["slice"] = "its bounds are checked by narrow, select and index, which have cases",
        ["place"] = "only the gradient of slice, which knows its bounds",
        ["max_pool"] = "its shapes and types are checked by max_pool2d and its siblings, which have cases",
        ["max_pool_positions"] = "its shapes and types are checked by max_pool2d and its siblings, which have cases",
        ["mean_pool"] = "its shapes and types are checked by avg_pool2d and its siblings, which have cases",
        ["norm_statistics"] = "only used by group_norm and batch_norm, which check what they are given",
        ["channel_affine"] = "only used by batch_norm and instance_norm, which check what they are given",
        ["scaled_gradient"] = "only used by embedding, which checks what it is given",
        ["mean_pool_adjoint"] = "only the gradient of mean_pool",
        ["embedding_shares"] = "speaks for embedding, which has cases",
        ["index_plan"] = "speaks for the operation that it works for, which has cases",
        ["axis_plan"] = "speaks for the operation that it works for, which has cases",
        ["mask_plan"] = "only of masks whose dtype and shape were checked",
        ["index_winners"] = "only the gradient of index_put, which has checked the positions",
        ["non_zero"] = "takes any tensor as it is",
        ["overlap_add"] = "only the gradient of sliding_windows, which has checked them",
        ["cofactors"] = "only the gradient of determinant, which has checked the shape",
    };

    /// <summary>Operations that nothing can be wrong with, and why.</summary>
    internal static IReadOnlyDictionary<string, string> Accepting => accepting;

    public static TheoryData<string> UnaryRules() => [.. RuleCatalog.Unary.Select(entry => entry.Rule.Name)];

    public static TheoryData<string> BinaryRules() => [.. RuleCatalog.Binary.Select(entry => entry.Rule.Name)];

    [Theory]
    [MemberData(nameof(UnaryRules))]
    public void RulesOfOneArgumentRefuseDTypes(string rule)
    {
        var entry = RuleCatalog.Unary.Single(e => e.Rule.Name == rule);
        var name = RuleCatalog.NameOf(entry.Rule);
        Refused<DTypeException>(name, [Tensor.From([true, false])], t => entry.Apply(t[0]), "bool", "To(DType.Float32)");
        if (integerRules.Contains(name))
        {
            Assert.Equal(DType.Int64, entry.Apply(Tensor.From([-3L, 0, 2])).DType);
        }
        else
        {
            Refused<DTypeException>(name, [Tensor.From([-3L, 0, 2])], t => entry.Apply(t[0]), "int64", "To(DType.Float32)");
        }
    }

    [Theory]
    [MemberData(nameof(BinaryRules))]
    public void RulesOfTwoArgumentsRefuseShapesAndDTypes(string rule)
    {
        var entry = RuleCatalog.Binary.Single(e => e.Rule.Name == rule);
        var name = RuleCatalog.NameOf(entry.Rule);
        Refused<ShapeException>(name, [Tensor.Ones([2, 3]), Tensor.Ones([4])], t => entry.Apply(t[0], t[1]), "[2, 3]", "[4]", "broadcast");
        Refused<DTypeException>(
            name, [Tensor.Ones([2]), Tensor.Ones([2], DType.Float64)], t => entry.Apply(t[0], t[1]), "float32", "float64", "To(DType.Float64) on the first");
        Refused<DTypeException>(name, [Tensor.From([true, false]), Tensor.From([true, true])], t => entry.Apply(t[0], t[1]), "bool", "To(DType.Float32)");
        Tensor[] integers = [Tensor.From([-3L, 5]), Tensor.From([1L, 2])];
        if (integerPairs.Contains(name))
        {
            Assert.Equal(DType.Int64, entry.Apply(integers[0], integers[1]).DType);
        }
        else
        {
            Refused<DTypeException>(name, integers, t => entry.Apply(t[0], t[1]), "int64", "To(DType.Float32)");
        }
    }

    [Fact]
    public void EveryOtherOperationHasAnErrorCase()
    {
        var covered = ErrorCases.All().Select(c => c.Operation).ToHashSet();
        var missing = OperationTypes.Names.Concat(OperationTypes.Comparisons).Except(covered).Except(accepting.Keys);
        Assert.True(!missing.Any(), $"operations without an error case: {string.Join(", ", missing)}");
        Assert.Empty(accepting.Keys.Intersect(covered));
        Assert.Empty(accepting.Keys.Except(OperationTypes.Names));
    }

    private static void Refused<TException>(string operation, Tensor[] operands, Action<Tensor[]> call, params string[] says)
        where TException : Exception
    {
        var before = operands.Select(operand => operand.ToString()).ToArray();
        var message = Assert.Throws<TException>(() => call(operands)).Message;
        Assert.StartsWith(operation + ":", message);
        Assert.All(says, words => Assert.Contains(words, message));
        Assert.Equal(before, operands.Select(operand => operand.ToString()));
    }
}
