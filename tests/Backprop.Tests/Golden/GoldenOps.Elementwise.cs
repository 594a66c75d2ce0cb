namespace Backprop.Tests.Golden;

internal static partial class GoldenOps
{
    private static void AddElementwise(OpTable table)
    {
        table.One("neg", c => -c.Input);
        table.One("abs", c => c.Input.Abs());
        table.One("sign", c => c.Input.Sign());
        table.One("square", c => c.Input.Square());
        table.One("exp", c => c.Input.Exp());
        table.One("expm1", c => c.Input.Expm1());
        table.One("log", c => c.Input.Log());
        table.One("log1p", c => c.Input.Log1p());
        table.One("sqrt", c => c.Input.Sqrt());
        table.One("rsqrt", c => c.Input.ReciprocalSqrt());
        table.One("reciprocal", c => c.Input.Reciprocal());
        table.One("sin", c => c.Input.Sin());
        table.One("cos", c => c.Input.Cos());
        table.One("tanh", c => c.Input.Tanh());
        table.One("sigmoid", c => c.Input.Sigmoid());
        table.One("erf", c => c.Input.Erf());
        table.One("floor", c => c.Input.Floor());
        table.One("ceil", c => c.Input.Ceiling());
        table.One("round", c => c.Input.Round());
        table.One("trunc", c => c.Input.Truncate());
        table.One("frac", c => c.Input - c.Input.Truncate());
        table.One("relu", c => c.Input.Relu());
        table.One("relu6", c => c.Input.Relu6());
        table.One("leaky_relu", c => c.Input.LeakyRelu(c.Arguments.Number("negative_slope", 0.01)));
        table.One("elu", c => c.Input.Elu(c.Arguments.Number("alpha", 1)));
        table.One("gelu", c => c.Arguments.Text("approximate", "none") == "tanh" ? c.Input.GeluTanh() : c.Input.Gelu());
        table.One("silu", c => c.Input.Silu());
        table.One("softplus", c => c.Input.Softplus(c.Arguments.Number("beta", 1), c.Arguments.Number("threshold", 20)));
        table.One("logsigmoid", c => c.Input.LogSigmoid());
        table.One("threshold", c => Tensor.Where(c.Input > c.Arguments.Number("threshold"), c.Input, c.Arguments.Number("value")));

        table.One("add", c => c.Arguments.Has("alpha") ? c.Input + (c.Arguments.Number("alpha") * c.Other) : c.Input + c.Other);
        table.One("sub", c => c.Arguments.Has("alpha") ? c.Input - (c.Arguments.Number("alpha") * c.Other) : c.Input - c.Other);
        table.One("mul", c => c.Input * c.Other);
        table.One("div", c => c.Arguments.Text("rounding_mode") switch
        {
            "floor" => (c.Input / c.Other).Floor(),
            "trunc" => (c.Input / c.Other).Truncate(),
            _ => c.Input / c.Other,
        });
        table.One("maximum", c => c.Input.Maximum(c.Other));
        table.One("minimum", c => c.Input.Minimum(c.Other));
        table.One("fmod", c => c.Input - ((c.Input / c.TensorOrNumber("other")).Truncate() * c.TensorOrNumber("other")));
        table.One("remainder", c => c.Input - ((c.Input / c.TensorOrNumber("other")).Floor() * c.TensorOrNumber("other")));
        table.One("pow", c => c.Optional("exponent") is { } exponent
            ? (c.Optional("input") ?? c.Arguments.Number("self")).Pow(exponent)
            : c.Input.Pow(c.Arguments.Number("exponent")));
        table.One("clamp", Clamp);
        table.One("where", c => Tensor.Where(c["condition"], c.Input, c.Other));
        table.One("lerp", c => c.Input + (c.TensorOrNumber("weight") * (c["end"] - c.Input)));
        table.One("addcmul", c => c.Input + (c.Arguments.Number("value", 1) * c["tensor1"] * c["tensor2"]));
        table.One("addcdiv", c => c.Input + (c.Arguments.Number("value", 1) * c["tensor1"] / c["tensor2"]));
        table.One("glu", c =>
        {
            var halves = c.Input.Split(c.Input.Shape[SizeIndex(c)] / 2, c.Axis);
            return halves[0] * halves[1].Sigmoid();
        });
    }

    private static Tensor Clamp(GoldenCall c)
    {
        var (low, high) = (c.Arguments.Number("min", double.NegativeInfinity), c.Arguments.Number("max", double.PositiveInfinity));
        if (c.Optional("min") is null && c.Optional("max") is null)
        {
            // Bounds in the wrong order are an error here; PyTorch lets the upper one win.
            return low <= high ? c.Input.Clamp(low, high) : c.Input.Maximum(low).Minimum(high);
        }

        var fromBelow = c.Optional("min") is { } min ? c.Input.Maximum(min) : c.Input;
        return c.Optional("max") is { } max ? fromBelow.Minimum(max) : fromBelow;
    }
}
