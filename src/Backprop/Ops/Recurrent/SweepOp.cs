using Backprop.Kernels;
using Backprop.Kernels.Recurrent;

namespace Backprop.Ops;

/// <summary>
/// A recurrent layer in one direction, over all steps at once. Inputs: the input's share of the pre-activations [steps, batch, gates · size], the
/// state's weight [gates · size, size], the hidden state [batch, size], then those that there are of: cell state [batch, size], bias of the state's
/// share [gates · size], lengths [batch]. The result packs [steps + states, batch, size]: the steps' results, then the last states.
/// </summary>
/// <remarks>
/// Where a gradient will be wanted, the result's memory has room behind its elements for the activated gates: they live exactly as long as the
/// result that the node saves anyway, and have no part in its gradient.
/// </remarks>
internal abstract unsafe class SweepOp(UnitKind unit, int gates, int kept, bool hasCell, bool hasBias, bool hasLengths, bool reverse) : FusedOp
{
    private Layout? productsLayout;
    private Layout? panelsLayout;

    private int BiasIndex => hasCell ? 4 : 3;

    private int LengthsIndex => BiasIndex + (hasBias ? 1 : 0);

    private int States => hasCell ? 2 : 1;

    public override string Describe() => Name + (reverse ? "(reverse)" : "");

    internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output)
    {
        double size = output.Sizes[2];
        return (2.0 * size + 5) * gates * size * (output.Sizes[0] - States) * output.Sizes[1];
    }

    protected internal sealed override ResultSpec Infer(in Operands inputs)
    {
        var (steps, rows) = (inputs[0].Shape[0], inputs[0].Shape[1]);
        return new ResultSpec([checked(steps + States), rows, inputs[1].Shape[1]], inputs[0].DType);
    }

    internal sealed override void CheckElements(in Operands inputs)
    {
        if (hasLengths)
        {
            var steps = inputs[0].Shape[0];
            foreach (var length in inputs[LengthsIndex].Dense().AsSpan<long>())
            {
                if (length < 0 || length > steps)
                {
                    throw Error.Range(Name, "length", length, $"from 0 to {steps}, the number of steps");
                }
            }
        }
    }

    protected internal sealed override Tensor Definition(in Operands inputs)
    {
        var (x, weight, hidden) = (inputs[0], inputs[1].T, inputs[2]);
        var state = (Hidden: hidden, Cell: hasCell ? inputs[3] : null);
        var planes = new Tensor[x.Shape[0] + States];
        for (var i = 0; i < x.Shape[0]; i++)
        {
            var t = reverse ? x.Shape[0] - 1 - i : i;
            var share = state.Hidden.MatMul(weight);
            var next = Step(x.Select(0, t), hasBias ? share + inputs[BiasIndex] : share, state.Hidden, state.Cell);
            if (hasLengths)
            {
                var counts = (inputs[LengthsIndex] > Tensor.Scalar((long)t)).Unsqueeze(1);
                planes[t] = Tensor.Where(counts, next.Hidden, Tensor.Zeros([], x.DType));
                next = (Tensor.Where(counts, next.Hidden, state.Hidden), hasCell ? Tensor.Where(counts, next.Cell!, state.Cell!) : null);
            }
            else
            {
                planes[t] = next.Hidden;
            }

            state = next;
        }

        planes[x.Shape[0]] = state.Hidden;
        if (hasCell)
        {
            planes[^1] = state.Cell!;
        }

        return Tensor.Stack(planes);
    }

    /// <summary>One step of the definition, from both shares of the pre-activations [batch, gates · size] and the state.</summary>
    protected abstract (Tensor Hidden, Tensor? Cell) Step(Tensor input, Tensor state, Tensor hidden, Tensor? cell);

    /// <summary>Gate number <paramref name="index"/> of all.</summary>
    protected Tensor Gate(Tensor all, int index) => all.Narrow(1, index * (all.Shape[1] / gates), all.Shape[1] / gates);

    private protected sealed override Tensor Allocate(in Operands inputs, in ResultSpec spec)
    {
        return IsRecorded(inputs) && kept > 0 && !spec.DType.IsSixteen() ? AllocateWithRoom(inputs[0], inputs[1], spec) : base.Allocate(inputs, spec);
    }

    private Tensor AllocateWithRoom(Tensor inputs, Tensor weight, in ResultSpec spec)
    {
        var more = (long)inputs.Shape[0] * inputs.Shape[1] * weight.Shape[1] * kept;
        if (spec.Layout.Count + more > int.MaxValue)
        {
            throw Error.Shape(Name, $"{inputs.Shape[0]} steps of {inputs.Shape[1]} sequences with states of {weight.Shape[1]} are more than one operation "
                + "can keep for its gradient; cut the sequences or the batch.");
        }

        return new Tensor(Memory.Buffers.Allocate((int)(spec.Layout.Count + more), spec.DType), spec.Layout, spec.DType);
    }

    protected internal sealed override void Compute(in Operands inputs, Tensor output)
    {
        var parts = new Parts(
            inputs[0].Dense(), inputs[1].Dense(), inputs[2].Dense(), hasCell ? inputs[3].Dense() : null, hasBias ? inputs[BiasIndex].Dense() : null,
            hasLengths ? inputs[LengthsIndex].Dense() : null, output);
        if (output.DType == DType.Float32)
        {
            Forward<float>(parts);
        }
        else
        {
            Forward<double>(parts);
        }
    }

    protected internal sealed override void ComputeGradients(Adjoint adjoint)
    {
        var parts = new Parts(
            adjoint.Input(0).Dense(), adjoint.Input(1).Dense(), adjoint.Input(2).Dense(), hasCell ? adjoint.Input(3).Dense() : null,
            hasBias ? adjoint.Input(BiasIndex).Dense() : null, hasLengths ? adjoint.Input(LengthsIndex).Dense() : null, adjoint.Output);
        if (adjoint.Gradient.DType == DType.Float32)
        {
            Backward<float>(adjoint, parts);
        }
        else
        {
            Backward<double>(adjoint, parts);
        }
    }

    private void Forward<T>(in Parts parts)
        where T : unmanaged
    {
        var products = Tensor.Allocate(Kept(ref productsLayout, parts.Inputs.Shape[1..]), parts.Inputs.DType);
        var panels = Panels<T>(parts);
        fixed (byte* px = parts.Inputs.Bytes(), pw = parts.Weight.Bytes(), ph = parts.Hidden.Bytes(), pc = Bytes(parts.Cell), pb = Bytes(parts.Bias),
            pl = Bytes(parts.Lengths), py = parts.Packed.Bytes(), ps = products.Bytes(), pp = Bytes(panels))
        {
            var plan = Plan<T>(parts, px, pw, ph, pc, pb, pl, py);
            plan.Panels = (T*)pp;
            plan.Products = (T*)ps;
            Sweep.Forward(unit, plan);
        }
    }

    internal sealed override void DifferentiatePerSample(SampleAdjoint adjoint)
    {
        // Reversed sequences begin at ends of their own, and what is recorded needs the definition.
        if (Recording.IsOn || adjoint.Axis is not { Axis: 1 } axis || (hasLengths && reverse))
        {
            base.DifferentiatePerSample(adjoint);
            return;
        }

        var parts = new Parts(
            adjoint.Input(0).Dense(), adjoint.Input(1).Dense(), adjoint.Input(2).Dense(), hasCell ? adjoint.Input(3).Dense() : null,
            hasBias ? adjoint.Input(BiasIndex).Dense() : null, hasLengths ? adjoint.Input(LengthsIndex).Dense() : null, adjoint.Output);
        var found = parts.Inputs.DType == DType.Float32
            ? Gradients<float>(ref parts, adjoint.Gradient, adjoint.Needs(2)) : Gradients<double>(ref parts, adjoint.Gradient, adjoint.Needs(2));
        adjoint.AddIfNeeded(0, found.Inputs, axis);
        adjoint.AddIfNeeded(2, found.Hidden, axis.At(0));
        if (hasCell)
        {
            adjoint.AddIfNeeded(3, found.Cell!, axis.At(0));
        }

        var gradients = BySample(found.State);
        if (adjoint.Needs(1))
        {
            var steps = parts.Inputs.Shape[0];
            var first = parts.Hidden.Unsqueeze(0);
            var rest = parts.Packed.Narrow(0, reverse ? Math.Min(1, steps) : 0, Math.Max(steps - 1, 0));
            var before = steps == 0 ? rest : Tensor.Concatenate(reverse ? [rest, first] : [first, rest]);
            adjoint.AddWhole(1, gradients.Transpose().MatMul(BySample(before)));
        }

        if (hasBias && adjoint.Needs(BiasIndex))
        {
            adjoint.AddWhole(BiasIndex, gradients.Sum(1));
        }

        // [samples, steps, …] of [steps, rows, …].
        Tensor BySample(Tensor tensor)
        {
            var front = axis.ToFront(tensor);
            return front.Reshape(front.Shape[0], Layout.CheckedCount(Name, [front.Shape[1], front.Shape[2]]), front.Shape[3]);
        }
    }

    private void Backward<T>(Adjoint adjoint, Parts parts)
        where T : unmanaged
    {
        var found = Gradients<T>(ref parts, adjoint.Gradient, adjoint.Needs(2));
        fixed (byte* px = parts.Inputs.Bytes(), pw = parts.Weight.Bytes(), ph = parts.Hidden.Bytes(), pc = Bytes(parts.Cell), pb = Bytes(parts.Bias),
            pl = Bytes(parts.Lengths), py = parts.Packed.Bytes(), ds = found.State.Bytes())
        {
            var plan = Plan<T>(parts, px, pw, ph, pc, pb, pl, py);
            plan.StateGradient = (T*)ds;
            if (plan.Steps > 0 && adjoint.Needs(1))
            {
                var target = adjoint.Buffer(1, out var accumulate);
                var firsts = hasLengths && reverse ? Tensor.Allocate(Layout.Contiguous(Name, [plan.Rows, gates * plan.Size]), found.State.DType) : null;
                fixed (byte* pt = target.Bytes(), pf = Bytes(firsts))
                {
                    Sweep.WeightGradient(plan, (T*)pt, accumulate, (T*)pf);
                }
            }

            if (plan.Steps > 0 && hasBias && adjoint.Needs(BiasIndex))
            {
                var target = adjoint.Buffer(BiasIndex, out var accumulate);
                fixed (byte* pt = target.Bytes())
                {
                    Reductions.Sum((T*)ds, (T*)pt, 1, (nint)plan.Steps * plan.Rows, (nint)gates * plan.Size, accumulate);
                }
            }
        }

        if (found.Inputs.Shape[0] > 0)
        {
            adjoint.Give(0, found.Inputs);
        }

        adjoint.Give(2, found.Hidden);
        if (hasCell)
        {
            adjoint.Give(3, found.Cell!);
        }
    }

    /// <summary>The gradients of everything but the weight and the bias, which follow from that of the state's share in the pre-activations.</summary>
    private PartGradients Gradients<T>(ref Parts parts, Tensor gradient, bool wantsHidden)
        where T : unmanaged
    {
        if (kept > 0 && !HasRoom(parts.Packed))
        {
            // A result in 16 bits comes back widened, without what was behind it.
            parts = parts with { Packed = AllocateWithRoom(parts.Inputs, parts.Weight, ResultSpec.Like(parts.Packed)) };
            Forward<T>(parts);
        }

        var (dtype, wide, narrow) = (parts.Inputs.DType, parts.Inputs.Layout.Dense(), parts.Hidden.Layout.Dense());
        var g = gradient.Dense();
        var inputs = Tensor.Allocate(wide, dtype);
        var found = new PartGradients(
            inputs, unit == UnitKind.Gru ? Tensor.Allocate(wide, dtype) : inputs, Tensor.Allocate(narrow, dtype),
            hasCell ? Tensor.Allocate(narrow, dtype) : null);
        var panels = Panels<T>(parts);
        fixed (byte* px = parts.Inputs.Bytes(), pw = parts.Weight.Bytes(), ph = parts.Hidden.Bytes(), pc = Bytes(parts.Cell), pb = Bytes(parts.Bias),
            pl = Bytes(parts.Lengths), py = parts.Packed.Bytes(), pg = g.Bytes(), dx = found.Inputs.Bytes(), ds = found.State.Bytes(),
            dh = found.Hidden.Bytes(), dc = Bytes(found.Cell), pp = Bytes(panels))
        {
            var plan = Plan<T>(parts, px, pw, ph, pc, pb, pl, py);
            plan.Panels = (T*)pp;
            plan.Gradient = (T*)pg;
            plan.InputGradient = (T*)dx;
            plan.StateGradient = (T*)ds;
            plan.HiddenGradient = (T*)dh;
            plan.CellGradient = (T*)dc;
            plan.WantsHiddenGradient = wantsHidden;
            Sweep.Backward(unit, plan);
        }

        return found;
    }

    private SweepPlan<T> Plan<T>(in Parts parts, byte* x, byte* weight, byte* hidden, byte* cell, byte* bias, byte* lengths, byte* packed)
        where T : unmanaged
    {
        var shape = parts.Packed.Shape;
        return new SweepPlan<T>
        {
            Steps = shape[0] - States,
            Rows = shape[1],
            Size = shape[2],
            Gates = gates,
            Kept = kept,
            Reverse = reverse,
            Lengths = (long*)lengths,
            Inputs = (T*)x,
            Weight = (T*)weight,
            Bias = (T*)bias,
            Hidden = (T*)hidden,
            Cell = (T*)cell,
            Packed = (T*)packed,
            Keep = kept > 0 && HasRoom(parts.Packed) ? (T*)packed + parts.Packed.Count : null,
        };
    }

    /// <summary>Room for the weight as products take it best; null where that doesn't pay.</summary>
    private Tensor? Panels<T>(in Parts parts)
        where T : unmanaged
    {
        var shape = parts.Packed.Shape;
        var size = Sweep.PanelSize<T>(shape[0] - States, shape[1], gates, shape[2]);
        return size == 0 ? null : Tensor.Allocate(Kept(ref panelsLayout, [size]), parts.Inputs.DType);
    }

    /// <summary>A layout that is made once, for replays.</summary>
    private Layout Kept(ref Layout? layout, ReadOnlySpan<int> sizes) =>
        layout is not null && layout.HasShape(sizes) ? layout : layout = Layout.Contiguous(Name, sizes);

    /// <summary>Whether there is room behind the elements.</summary>
    private static bool HasRoom(Tensor packed) => packed.Storage.ByteLength > packed.Count * packed.DType.Size();

    private static Span<byte> Bytes(Tensor? tensor) => tensor is null ? [] : tensor.Bytes();

    private readonly record struct PartGradients(Tensor Inputs, Tensor State, Tensor Hidden, Tensor? Cell);

    private readonly record struct Parts(Tensor Inputs, Tensor Weight, Tensor Hidden, Tensor? Cell, Tensor? Bias, Tensor? Lengths, Tensor Packed);
}
