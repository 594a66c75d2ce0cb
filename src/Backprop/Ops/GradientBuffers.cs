namespace Backprop.Ops;

/// <summary>What gradient rules share that add to parts of an input's gradient.</summary>
internal static class GradientBuffers
{
    /// <summary>The contiguous buffer of an input's gradient to add to; zeros where nothing was added yet. Only while not recording.</summary>
    public static Tensor ZeroedBuffer(this Adjoint adjoint, int index)
    {
        var buffer = adjoint.Buffer(index, out var accumulate);
        if (!accumulate)
        {
            buffer.Clear();
        }

        return buffer;
    }
}
