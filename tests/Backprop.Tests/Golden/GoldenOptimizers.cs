using System.Text.Json;
using Backprop.Optimizers;

namespace Backprop.Tests.Golden;

/// <summary>Which optimizer each name of optimizers.jsonl stands for. What is not here is listed in <see cref="GoldenCoverage.NotYet"/>.</summary>
internal static class GoldenOptimizers
{
    private static readonly Dictionary<string, Func<(GoldenArguments Arguments, Tensor[] Parameters)[], Optimizer>> Table = new()
    {
        ["SGD"] = groups => new Sgd(groups.Select(g => new SgdGroup(g.Parameters)
        {
            LearningRate = g.Arguments.Number("lr", 1e-3),
            Momentum = g.Arguments.Number("momentum", 0),
            Dampening = g.Arguments.Number("dampening", 0),
            WeightDecay = g.Arguments.Number("weight_decay", 0),
            Nesterov = g.Arguments.Flag("nesterov"),
            Maximize = g.Arguments.Flag("maximize"),
        })),
        ["Adam"] = groups => new Adam(groups.Select(g => AdamGroup(g.Arguments, g.Parameters, weightDecay: 0))),
        ["AdamW"] = groups => new AdamW(groups.Select(g => AdamGroup(g.Arguments, g.Parameters, weightDecay: 0.01))),
    };

    public static bool Has(string op) => Table.ContainsKey(op);

    /// <summary>The optimizer of a case for the two parameters; with groups, each has its own settings.</summary>
    public static Optimizer Create(GoldenCase golden, Tensor a, Tensor b)
    {
        var arguments = golden.Arguments;
        return Table[golden.Op](arguments.Has("groups")
            ? [.. arguments["groups"].EnumerateArray().Select(group => (new GoldenArguments(group), Named(group, a, b)))]
            : [(arguments, [a, b])]);
    }

    private static Tensor[] Named(JsonElement group, Tensor a, Tensor b) => [group.GetProperty("params").GetString() == "a" ? a : b];

    private static AdamGroup AdamGroup(GoldenArguments arguments, Tensor[] parameters, double weightDecay)
    {
        var group = new AdamGroup(parameters)
        {
            LearningRate = arguments.Number("lr", 1e-3),
            Epsilon = arguments.Number("eps", 1e-8),
            WeightDecay = arguments.Number("weight_decay", weightDecay),
            AmsGrad = arguments.Flag("amsgrad"),
            Maximize = arguments.Flag("maximize"),
        };
        if (arguments.Has("betas"))
        {
            group.Beta1 = arguments["betas"][0].GetDouble();
            group.Beta2 = arguments["betas"][1].GetDouble();
        }

        return group;
    }
}
