using System.Text.Json;
using Backprop.Optimizers;

namespace Backprop.Tests.Golden;

/// <summary>Which optimizer each name of optimizers.jsonl stands for.</summary>
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
        ["RMSprop"] = groups => new RmsProp(groups.Select(g => Common(g.Arguments, new RmsPropGroup(g.Parameters)
        {
            Alpha = g.Arguments.Number("alpha", 0.99),
            Epsilon = g.Arguments.Number("eps", 1e-8),
            Momentum = g.Arguments.Number("momentum", 0),
            Centered = g.Arguments.Flag("centered"),
        }))),
        ["Adagrad"] = groups => new Adagrad(groups.Select(g => Common(g.Arguments, new AdagradGroup(g.Parameters)
        {
            LearningRateDecay = g.Arguments.Number("lr_decay", 0),
            InitialAccumulator = g.Arguments.Number("initial_accumulator_value", 0),
            Epsilon = g.Arguments.Number("eps", 1e-10),
        }))),
        ["Adadelta"] = groups => new Adadelta(groups.Select(g => Common(g.Arguments, new AdadeltaGroup(g.Parameters)
        {
            Rho = g.Arguments.Number("rho", 0.9),
            Epsilon = g.Arguments.Number("eps", 1e-6),
        }))),
        ["Adamax"] = groups => new Adamax(groups.Select(g => Moments(g.Arguments, new AdamaxGroup(g.Parameters)))),
        ["NAdam"] = groups => new NAdam(groups.Select(g => Moments(g.Arguments, new NAdamGroup(g.Parameters)
        {
            MomentumDecay = g.Arguments.Number("momentum_decay", 4e-3),
        }))),
        ["RAdam"] = groups => new RAdam(groups.Select(g => Moments(g.Arguments, new RAdamGroup(g.Parameters)))),
        ["Rprop"] = groups => new Rprop(groups.Select(g => Common(g.Arguments, new RpropGroup(g.Parameters)
        {
            Shrink = Item(g.Arguments, "etas", 0, 0.5),
            Grow = Item(g.Arguments, "etas", 1, 1.2),
            SmallestStep = Item(g.Arguments, "step_sizes", 0, 1e-6),
            LargestStep = Item(g.Arguments, "step_sizes", 1, 50),
        }))),
        ["ASGD"] = groups => new Asgd(groups.Select(g => Common(g.Arguments, new AsgdGroup(g.Parameters)
        {
            Lambda = g.Arguments.Number("lambd", 1e-4),
            Power = g.Arguments.Number("alpha", 0.75),
            Start = g.Arguments.Number("t0", 1e6),
        }))),
        ["LBFGS"] = groups => new Lbfgs(new LbfgsGroup(groups.Single().Parameters)
        {
            LearningRate = groups[0].Arguments.Number("lr"),
            MaxIterations = groups[0].Arguments.Integer("max_iter", 20),
            HistorySize = groups[0].Arguments.Integer("history_size", 100),
            LineSearch = groups[0].Arguments.Text("line_search_fn") == "strong_wolfe" ? LineSearch.StrongWolfe : LineSearch.None,
        }),
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
        var group = Moments(arguments, new AdamGroup(parameters) { AmsGrad = arguments.Flag("amsgrad"), Maximize = arguments.Flag("maximize") });
        group.WeightDecay = arguments.Number("weight_decay", weightDecay);
        return group;
    }

    private static TGroup Moments<TGroup>(GoldenArguments arguments, TGroup group)
        where TGroup : MomentGroup
    {
        group.Beta1 = Item(arguments, "betas", 0, 0.9);
        group.Beta2 = Item(arguments, "betas", 1, 0.999);
        group.Epsilon = arguments.Number("eps", 1e-8);
        return Common(arguments, group);
    }

    /// <summary>What every group has. A learning rate that is not given is an error of the file.</summary>
    private static TGroup Common<TGroup>(GoldenArguments arguments, TGroup group)
        where TGroup : ParameterGroup
    {
        group.LearningRate = arguments.Number("lr");
        group.WeightDecay = arguments.Number("weight_decay", 0);
        return group;
    }

    private static double Item(GoldenArguments arguments, string name, int index, double whenMissing) =>
        arguments.Has(name) ? arguments[name][index].GetDouble() : whenMissing;
}
