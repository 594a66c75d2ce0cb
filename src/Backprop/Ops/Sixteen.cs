using Backprop.Kernels;

namespace Backprop.Ops;

/// <summary>
/// 16-bit elements are for storage: an operation sees them as float32, and its result is rounded to the type of its inputs. Gradients travel in
/// float32 and are rounded when they arrive at a leaf.
/// </summary>
internal static class Sixteen
{
    public static bool Any(in Operands inputs)
    {
        for (var i = 0; i < inputs.Count; i++)
        {
            if (inputs[i].DType.IsSixteen())
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The inputs with float32 in place of 16 bits; not recorded.</summary>
    public static Operands Widen(in Operands inputs)
    {
        var wide = new Tensor[inputs.Count];
        for (var i = 0; i < wide.Length; i++)
        {
            inputs[i].CheckAlive();
            wide[i] = Widen(inputs[i]);
        }

        return new Operands(wide);
    }

    /// <summary>A float32 copy of 16-bit elements; other tensors as they are. Not recorded.</summary>
    public static Tensor Widen(Tensor from)
    {
        if (!from.DType.IsSixteen())
        {
            return from;
        }

        var to = Tensor.Allocate(from.Layout.DenseInOrder(), DType.Float32);
        Widen(from, to);
        return to;
    }

    /// <summary>Writes 16-bit elements to a float32 tensor of the same shape.</summary>
    public static void Widen(Tensor from, Tensor to)
    {
        if (from.DType == DType.Float16)
        {
            Launch.Run(default(WidenHalfRun), to, from);
        }
        else
        {
            Launch.Run(default(WidenBrainRun), to, from);
        }
    }

    /// <summary>Writes float32 elements, rounded, to a 16-bit tensor that they broadcast to.</summary>
    public static void Narrow(Tensor from, Tensor to)
    {
        if (to.DType == DType.Float16)
        {
            Launch.Run(default(NarrowHalfRun), to, from);
        }
        else
        {
            Launch.Run(default(NarrowBrainRun), to, from);
        }
    }

    /// <summary>to ← to + from, each sum rounded once.</summary>
    public static void Add(Tensor from, Tensor to)
    {
        var sum = Widen(to);
        Transfer.Add(Widen(from), sum);
        Narrow(sum, to);
    }
}
