namespace Backprop.Ops;

/// <summary>Mean and variance that are kept from one training step to the next.</summary>
internal static class RunningStatistics
{
    public static void Check(string operation, Tensor x, Tensor? mean, Tensor? variance, bool isNeeded)
    {
        if (isNeeded && (mean is null || variance is null))
        {
            throw new ArgumentException(
                $"{operation}: without statistics of x, runningMean and runningVariance are needed.", mean is null ? "runningMean" : "runningVariance");
        }

        Check(operation, "running mean", x, mean);
        Check(operation, "running variance", x, variance);
    }

    /// <summary>Of float32 beside a 16-bit x: there, a tenth of what is left to go would soon be less than half a step.</summary>
    private static void Check(string operation, string name, Tensor x, Tensor? running)
    {
        if (running is not null && x.DType.IsSixteen() && running.DType == DType.Float32)
        {
            NormChecks.HasShape(operation, name, x, running, [x.Shape[1]]);
            return;
        }

        NormChecks.Companion(operation, name, x, running, [x.Shape[1]]);
    }

    /// <summary>running ← running + momentum · (now − running), in place and unrecorded; once, though a checkpoint comes by twice.</summary>
    public static void Move(Tensor? running, Tensor now, double momentum)
    {
        if (running is not null && !Checkpoint.IsRecomputing)
        {
            using (Recording.Pause())
            {
                var wide = running.To(DType.Float64);
                running.CopyFrom((wide + (momentum * (now - wide))).To(running.DType));
            }
        }
    }

    /// <summary>(x − mean) / √(variance + ε) · weight + bias with numbers that don't follow from x.</summary>
    public static Tensor Apply(string operation, Tensor x, Tensor mean, Tensor variance, Tensor? weight, Tensor? bias, double epsilon)
    {
        NormChecks.Companion(operation, "weight", x, weight, [x.Shape[1]]);
        NormChecks.Companion(operation, "bias", x, bias, [x.Shape[1]]);
        var scale = (variance.Wide + epsilon).ReciprocalSqrt();
        scale = weight is null ? scale : scale * weight.Wide;
        var shift = bias is null ? -(mean.Wide * scale) : bias.Wide - (mean.Wide * scale);
        return ChannelAffine.Instance.Run(new Operands(x, scale, shift));
    }
}
