using Backprop.Ops;

namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>The p-norm of each window along the last axis: (Σ |x|ᵖ)^(1/p).</summary>
    /// <param name="p">The norm; positive and finite. The gradient at a window of zeros is 0.</param>
    /// <param name="kernelSize">Elements of a window; at least 1.</param>
    /// <param name="stride">From one window to the next; the kernel's size unless given.</param>
    /// <param name="ceilMode">Whether a last window that is not whole counts: by what it has. (PyTorch scales its sum up to a whole one's.)</param>
    /// <inheritdoc cref="AvgPool1d"/>
    public Tensor LpPool1d(double p, int kernelSize, int? stride = null, bool ceilMode = false) =>
        LpPool("lp_pool1d", 1, p, kernelSize, PerAxisOrNone(stride), ceilMode);

    /// <summary>The p-norm of each window along the last two axes: (Σ |x|ᵖ)^(1/p).</summary>
    /// <param name="p">The norm; positive and finite. The gradient at a window of zeros is 0.</param>
    /// <param name="kernelSize">Size of a window: one number, or one per axis; at least 1.</param>
    /// <param name="stride">From one window to the next; the kernel's size unless given.</param>
    /// <param name="ceilMode">Whether a last window that is not whole counts: by what it has. (PyTorch scales its sum up to a whole one's.)</param>
    /// <inheritdoc cref="AvgPool2d"/>
    public Tensor LpPool2d(double p, PerAxis kernelSize, PerAxis stride = default, bool ceilMode = false) =>
        LpPool("lp_pool2d", 2, p, kernelSize, stride, ceilMode);

    /// <summary>The p-norm of each window along the last three axes: (Σ |x|ᵖ)^(1/p).</summary>
    /// <param name="p">The norm; positive and finite. The gradient at a window of zeros is 0.</param>
    /// <param name="kernelSize">Size of a window: one number, or one per axis; at least 1.</param>
    /// <param name="stride">From one window to the next; the kernel's size unless given.</param>
    /// <param name="ceilMode">Whether a last window that is not whole counts: by what it has. (PyTorch scales its sum up to a whole one's.)</param>
    /// <inheritdoc cref="AvgPool2d"/>
    public Tensor LpPool3d(double p, PerAxis kernelSize, PerAxis stride = default, bool ceilMode = false) =>
        LpPool("lp_pool3d", 3, p, kernelSize, stride, ceilMode);

    private Tensor LpPool(string operation, int axes, double p, PerAxis kernelSize, PerAxis stride, bool ceilMode)
    {
        if (!(p > 0 && double.IsFinite(p)))
        {
            throw Error.Range(operation, nameof(p), p, "positive and finite");
        }

        Windows.CheckType(operation, this);

        // A sum is a mean divided by 1.
        var windows = Windows.Sliding(operation, this, axes, kernelSize, stride, 0, 1, ceilMode, divisor: 1);
        var sums = new MeanPool(windows).Run(new Operands(p == 2 ? Wide.Square() : Wide.Abs().Pow(p)));
        return Root(sums, p).To(DType);
    }

    /// <summary>x^(1/p), with the gradient 0 at 0.</summary>
    private static Tensor Root(Tensor x, double p)
    {
        if (p == 1)
        {
            return x;
        }

        var zero = x.Detach().EqualTo(0);
        var safe = Where(zero, 1, x);
        return Where(zero, 0, p == 2 ? safe.Sqrt() : safe.Pow(1 / p));
    }
}
