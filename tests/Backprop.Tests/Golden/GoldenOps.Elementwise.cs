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
        table.One("erfc", c => c.Input.Erfc());
        table.One("erfinv", c => c.Input.ErfInv());
        table.One("lgamma", c => c.Input.LogGamma());
        table.One("digamma", c => c.Input.Digamma());
        table.One("floor", c => c.Input.Floor());
        table.One("ceil", c => c.Input.Ceiling());
        table.One("round", c => c.Input.Round());
        table.One("trunc", c => c.Input.Truncate());
        table.One("frac", c => c.Input.Frac());
        table.One("relu", c => c.Input.Relu());
        table.One("relu6", c => c.Input.Relu6());
        table.One("leaky_relu", c => c.Input.LeakyRelu(c.Arguments.Number("negative_slope", 0.01)));
        table.One("elu", c => c.Input.Elu(c.Arguments.Number("alpha", 1)));
        table.One("gelu", c => c.Arguments.Text("approximate", "none") == "tanh" ? c.Input.GeluTanh() : c.Input.Gelu());
        table.One("silu", c => c.Input.Silu());
        table.One("softplus", c => c.Input.Softplus(c.Arguments.Number("beta", 1), c.Arguments.Number("threshold", 20)));
        table.One("logsigmoid", c => c.Input.LogSigmoid());
        table.One("exp2", c => c.Input.Exp2());
        table.One("log2", c => c.Input.Log2());
        table.One("log10", c => c.Input.Log10());
        table.One("tan", c => c.Input.Tan());
        table.One("asin", c => c.Input.Asin());
        table.One("acos", c => c.Input.Acos());
        table.One("atan", c => c.Input.Atan());
        table.One("sinh", c => c.Input.Sinh());
        table.One("cosh", c => c.Input.Cosh());
        table.One("asinh", c => c.Input.Asinh());
        table.One("acosh", c => c.Input.Acosh());
        table.One("atanh", c => c.Input.Atanh());
        table.One("selu", c => c.Input.Selu());
        table.One("celu", c => c.Input.Celu(c.Arguments.Number("alpha", 1)));
        table.One("mish", c => c.Input.Mish());
        table.One("softsign", c => c.Input.Softsign());
        table.One("tanhshrink", c => c.Input.Tanhshrink());
        table.One("hardshrink", c => c.Input.Hardshrink(c.Arguments.Number("lambd", 0.5)));
        table.One("softshrink", c => c.Input.Softshrink(c.Arguments.Number("lambd", 0.5)));
        table.One("hardtanh", c => c.Input.Hardtanh(c.Arguments.Number("min_val", -1), c.Arguments.Number("max_val", 1)));
        table.One("hardswish", c => c.Input.Hardswish());
        table.One("hardsigmoid", c => c.Input.Hardsigmoid());
        table.One("logit", c => (c.Arguments.Has("eps") ? c.Input.Clamp(c.Arguments.Number("eps"), 1 - c.Arguments.Number("eps")) : c.Input).Logit());
        table.One("nan_to_num", c => c.Input.NanToNumber(
            c.Arguments.Number("nan", 0), c.Arguments.Number("posinf", double.MaxValue), c.Arguments.Number("neginf", double.MinValue)));
        table.One("threshold", c => c.Input.Threshold(c.Arguments.Number("threshold"), c.Arguments.Number("value")));

        table.One("add", c => c.Arguments.Has("alpha") ? c.Input + (c.Arguments.Number("alpha") * c.Other) : c.Input + c.Other);
        table.One("sub", c => c.Arguments.Has("alpha") ? c.Input - (c.Arguments.Number("alpha") * c.Other) : c.Input - c.Other);
        table.One("mul", c => c.Input * c.Other);
        table.One("div", c => c.Arguments.Text("rounding_mode") switch
        {
            "floor" => c.Input.FloorDivide(c.Other),
            "trunc" => c.Input.TruncateDivide(c.Other),
            _ => c.Input / c.Other,
        });
        table.One("maximum", c => c.Input.Maximum(c.Other));
        table.One("minimum", c => c.Input.Minimum(c.Other));
        table.One("atan2", c => c.Input.Atan2(c.Other));
        table.One("hypot", c => c.Input.Hypot(c.Other));
        table.One("logaddexp", c => c.Input.LogAddExp(c.Other));
        table.One("xlogy", c => c.Input.XLogY(c.Other));
        table.One("prelu", c => c.Input.PRelu(c["weight"]));
        table.One("fmod", c => c.Input.Fmod(c.TensorOrNumber("other")));
        table.One("remainder", c => c.Input.Remainder(c.TensorOrNumber("other")));
        table.One("pow", c => c.Optional("exponent") is { } exponent
            ? (c.Optional("input") ?? c.Arguments.Number("self")).Pow(exponent)
            : c.Input.Pow(c.Arguments.Number("exponent")));
        table.One("clamp", Clamp);
        table.One("where", c => Tensor.Where(c["condition"], c.Input, c.Other));
        table.One("lerp", c => c.Input.Lerp(c["end"], c.TensorOrNumber("weight")));
        table.One("addcmul", c => c.Input + (c.Arguments.Number("value", 1) * c["tensor1"] * c["tensor2"]));
        table.One("addcdiv", c => c.Input + (c.Arguments.Number("value", 1) * c["tensor1"] / c["tensor2"]));
        table.One("glu", c => c.Input.Glu(c.Arguments.Integer("dim", -1)));
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
