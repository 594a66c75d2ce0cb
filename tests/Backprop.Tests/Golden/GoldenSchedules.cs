using Backprop.Optimizers;

namespace Backprop.Tests.Golden;

/// <summary>Which schedule each name of schedulers.jsonl stands for.</summary>
internal static class GoldenSchedules
{
    private static readonly Dictionary<string, Func<GoldenArguments, Schedule>> Table = new()
    {
        ["StepLR"] = a => new StepSchedule(a.Integer("step_size"), a.Number("gamma")),
        ["MultiStepLR"] = a => new MultiStepSchedule(a.Integers("milestones"), a.Number("gamma")),
        ["ConstantLR"] = a => new ConstantSchedule(a.Number("factor"), a.Integer("total_iters")),
        ["LinearLR"] = a => new LinearSchedule(a.Number("start_factor"), a.Number("end_factor"), a.Integer("total_iters")),
        ["ExponentialLR"] = a => new ExponentialSchedule(a.Number("gamma")),
        ["PolynomialLR"] = a => new PolynomialSchedule(a.Integer("total_iters"), a.Number("power")),
        ["CosineAnnealingLR"] = a => new CosineAnnealingSchedule(a.Integer("T_max"), a.Number("eta_min")),
        ["CosineAnnealingWarmRestarts"] = a => new CosineWarmRestartsSchedule(a.Integer("T_0"), a.Integer("T_mult"), a.Number("eta_min")),
        ["OneCycleLR"] = a => new OneCycleSchedule(
            a.Number("max_lr"),
            a.Integer("total_steps"),
            a.Number("pct_start"),
            a.Text("anneal_strategy") == "cos" ? Annealing.Cosine : Annealing.Linear,
            a.Number("div_factor"),
            a.Number("final_div_factor"),
            a.Flag("three_phase"),
            a.Flag("cycle_momentum"),
            a.Number("base_momentum", 0.85),
            a.Number("max_momentum", 0.95)),
        ["CyclicLR"] = a => new CyclicSchedule(
            a.Number("base_lr"),
            a.Number("max_lr"),
            a.Integer("step_size_up"),
            a.Has("step_size_down") ? a.Integer("step_size_down") : null,
            a.Text("mode") switch { "triangular" => CycleShape.Triangular, "triangular2" => CycleShape.Halving, _ => CycleShape.Exponential },
            a.Number("gamma"),
            a.Flag("cycle_momentum"),
            a.Number("base_momentum", 0.8),
            a.Number("max_momentum", 0.9)),
        ["LambdaLR"] = a => new LambdaSchedule(Formula(a.Text("lambda"))),
        ["MultiplicativeLR"] = a => new MultiplicativeSchedule(Formula(a.Text("lambda"))),
        ["ReduceLROnPlateau"] = a => new PlateauSchedule(
            a.Number("factor"),
            a.Integer("patience"),
            a.Number("threshold"),
            a.Text("threshold_mode") == "rel" ? PlateauThreshold.Relative : PlateauThreshold.Absolute,
            a.Text("mode") == "max",
            a.Integer("cooldown"),
            a.Number("min_lr")),
    };

    public static bool Has(string op) => Table.ContainsKey(op);

    public static Schedule Create(GoldenCase golden) => Table[golden.Op](golden.Arguments);

    private static Func<int, double> Formula(string text) => text switch
    {
        "0.95^t" => t => Math.Pow(0.95, t),
        "1/sqrt(1+t)" => t => 1 / Math.Sqrt(1 + t),
        "1/(1+0.1*t)" => t => 1 / (1 + (0.1 * t)),
        _ => throw new InvalidOperationException($"no formula for {text}"),
    };
}
