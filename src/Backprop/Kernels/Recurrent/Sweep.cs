using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Backprop.Kernels.Products;

namespace Backprop.Kernels.Recurrent;

/// <summary>Runs a recurrent layer forward and backward: at each step one product for all rows, then the unit's pointwise part.</summary>
/// <remarks>
/// A sequence that is shorter than the batch keeps its state, and has zeros for results, at the steps beyond its length. The last planes of
/// <see cref="SweepPlan{T}.Packed"/> hold the running state, so that in the end they are the last one.
/// </remarks>
internal static unsafe class Sweep
{
    /// <summary>Elements of the state in a block of work.</summary>
    private const int BlockElements = 4096;

    /// <summary>Up to these, dot products need no panels.</summary>
    private const int LeastPackedRows = 8;

    /// <summary>Rows in all steps from which packing the weight pays.</summary>
    private const int LeastPackedUses = 128;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<T>(UnitKind unit, in SweepPlan<T> plan)
        where T : unmanaged => Dispatch(unit, plan, backward: false);

    /// <summary>
    /// Writes the gradients of <see cref="SweepPlan{T}.Inputs"/> and of the state's share of the pre-activations for all steps, and those of the
    /// initial states.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<T>(UnitKind unit, in SweepPlan<T> plan)
        where T : unmanaged => Dispatch(unit, plan, backward: true);

    /// <summary>The gradient of the weight, after <see cref="Backward"/>: two products over all steps at once.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="gradient">[Gates · Size, Size].</param>
    /// <param name="accumulate">Whether to add to what is there.</param>
    /// <param name="firsts">Scratch [Rows, Gates · Size].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WeightGradient<T>(in SweepPlan<T> plan, T* gradient, bool accumulate, T* firsts)
        where T : unmanaged
    {
        var width = plan.Gates * plan.Size;
        var row = (nint)width * plan.Rows;

        // Every step saw the state that its neighbour left; what is zero on either side (padding, first steps) adds nothing.
        var gates = plan.Reverse ? plan.StateGradient : plan.StateGradient + row;
        var states = plan.Reverse ? plan.Packed + plan.Plane : plan.Packed;
        var rows = Math.Max(plan.Steps - 1, 0) * plan.Rows;
        MatrixProduct.Multiply(width, plan.Size, rows, gates, width, true, states, plan.Size, false, gradient, plan.Size, accumulate);
        if (plan.Steps == 0)
        {
            return;
        }

        gates = plan.Reverse ? plan.StateGradient + ((plan.Steps - 1) * row) : plan.StateGradient;
        if (plan.Reverse && plan.Lengths != null)
        {
            for (var i = 0; i < plan.Rows; i++)
            {
                var target = new Span<T>(firsts + ((nint)i * width), width);
                if (plan.Lengths[i] > 0)
                {
                    new Span<T>(plan.StateGradient + ((nint)(plan.Lengths[i] - 1) * row) + ((nint)i * width), width).CopyTo(target);
                }
                else
                {
                    target.Clear();
                }
            }

            gates = firsts;
        }

        MatrixProduct.Multiply(width, plan.Size, plan.Rows, gates, width, true, plan.Hidden, plan.Size, false, gradient, plan.Size, accumulate: true);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dispatch<T>(UnitKind unit, in SweepPlan<T> plan, bool backward)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            if (Vector512.IsHardwareAccelerated)
            {
                Choose<Lanes512<float>, float>(unit, Unsafe.As<SweepPlan<T>, SweepPlan<float>>(ref Unsafe.AsRef(in plan)), backward);
            }
            else
            {
                Choose<Lanes256<float>, float>(unit, Unsafe.As<SweepPlan<T>, SweepPlan<float>>(ref Unsafe.AsRef(in plan)), backward);
            }
        }
        else if (typeof(T) == typeof(double))
        {
            if (Vector512.IsHardwareAccelerated)
            {
                Choose<Lanes512<double>, double>(unit, Unsafe.As<SweepPlan<T>, SweepPlan<double>>(ref Unsafe.AsRef(in plan)), backward);
            }
            else
            {
                Choose<Lanes256<double>, double>(unit, Unsafe.As<SweepPlan<T>, SweepPlan<double>>(ref Unsafe.AsRef(in plan)), backward);
            }
        }
        else
        {
            throw new NotSupportedException($"A recurrent layer of {typeof(T)}.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Choose<N, T>(UnitKind unit, in SweepPlan<T> plan, bool backward)
        where N : struct, ILanes<N, T>, IReal<N>
        where T : unmanaged
    {
        switch (unit)
        {
            case UnitKind.Tanh:
                Run<SimpleUnit<TanhSquash, N, T>, T>(plan, backward);
                break;
            case UnitKind.Relu:
                Run<SimpleUnit<ReluSquash, N, T>, T>(plan, backward);
                break;
            case UnitKind.Lstm:
                Run<LstmUnit<N, T>, T>(plan, backward);
                break;
            default:
                Run<GruUnit<N, T>, T>(plan, backward);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TUnit, T>(in SweepPlan<T> plan, bool backward)
        where TUnit : struct, IUnit<T>
        where T : unmanaged
    {
        if (backward)
        {
            RunBackward<TUnit, T>(plan);
        }
        else
        {
            RunForward<TUnit, T>(plan);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunForward<TUnit, T>(in SweepPlan<T> plan)
        where TUnit : struct, IUnit<T>
        where T : unmanaged
    {
        var width = plan.Gates * plan.Size;
        var hidden = plan.Packed + (plan.Steps * plan.Plane);
        Copy(plan.Hidden, hidden, plan.Plane);
        if (plan.Cell != null)
        {
            Copy(plan.Cell, hidden + plan.Plane, plan.Plane);
        }

        var (rows, blocks, nanoseconds) = Split(plan);
        if (plan.Panels != null)
        {
            PackedProduct.Pack(width, plan.Size, plan.Weight, plan.Size, true, plan.Panels);
        }

        for (var i = 0; i < plan.Steps; i++)
        {
            if (plan.Panels != null)
            {
                PackedProduct.Multiply(plan.Rows, width, plan.Size, hidden, plan.Size, plan.Panels, plan.Products, width, false, plan.Bias);
            }
            else
            {
                MatrixProduct.Multiply(
                    plan.Rows, width, plan.Size, hidden, plan.Size, false, plan.Weight, plan.Size, true, plan.Products, width, bias: plan.Bias);
            }

            Workers.Run(new ForwardBody<TUnit, T>(plan, plan.Reverse ? plan.Steps - 1 - i : i, rows), blocks, nanoseconds);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunBackward<TUnit, T>(in SweepPlan<T> plan)
        where TUnit : struct, IUnit<T>
        where T : unmanaged
    {
        var width = plan.Gates * plan.Size;
        var last = plan.Gradient + (plan.Steps * plan.Plane);
        Copy(last, plan.HiddenGradient, plan.Plane);
        if (plan.Cell != null)
        {
            Copy(last + plan.Plane, plan.CellGradient, plan.Plane);
        }

        var (rows, blocks, nanoseconds) = Split(plan);
        if (plan.Panels != null)
        {
            PackedProduct.Pack(plan.Size, width, plan.Weight, plan.Size, false, plan.Panels);
        }

        for (var i = plan.Steps - 1; i >= 0; i--)
        {
            var t = plan.Reverse ? plan.Steps - 1 - i : i;
            Workers.Run(new BackwardBody<TUnit, T>(plan, t, rows), blocks, nanoseconds);
            if (i > 0 || plan.WantsHiddenGradient)
            {
                // Adds to what the unit left there: the gradient's way past the products.
                var gates = plan.StateGradient + ((nint)t * plan.Rows * width);
                if (plan.Panels != null)
                {
                    PackedProduct.Multiply(plan.Rows, plan.Size, width, gates, width, plan.Panels, plan.HiddenGradient, plan.Size, true, null);
                }
                else
                {
                    MatrixProduct.Multiply(
                        plan.Rows, plan.Size, width, gates, width, false, plan.Weight, plan.Size, false, plan.HiddenGradient, plan.Size,
                        accumulate: true);
                }
            }
        }
    }

    /// <summary>Room for the weight in panels, in elements; 0 where a product for each step is as well off without.</summary>
    public static int PanelSize<T>(int steps, int rows, int gates, int size)
        where T : unmanaged
    {
        var elements = Math.Max(PackedProduct.Size<T>(gates * size, size), PackedProduct.Size<T>(size, gates * size));
        return rows > LeastPackedRows && (long)steps * rows >= LeastPackedUses && elements <= int.MaxValue ? (int)elements : 0;
    }

    /// <summary>Rows of a block, number of blocks, and an estimate of all of them: a matter of the shape.</summary>
    private static (int Rows, int Blocks, double Nanoseconds) Split<T>(in SweepPlan<T> plan)
        where T : unmanaged
    {
        var rows = Math.Max(1, BlockElements / Math.Max(plan.Size, 1));
        return (rows, (plan.Rows + rows - 1) / rows, (double)plan.Plane * plan.Gates * 0.5);
    }

    private static void Copy<T>(T* source, T* destination, nint count)
        where T : unmanaged => new Span<T>(source, checked((int)count)).CopyTo(new Span<T>(destination, (int)count));

    private readonly struct ForwardBody<TUnit, T>(SweepPlan<T> plan, int t, int rowsPerBlock) : IBlockBody
        where TUnit : struct, IUnit<T>
        where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var (size, width) = (plan.Size, (nint)plan.Gates * plan.Size);
            var end = Math.Min(plan.Rows, (block + 1) * rowsPerBlock);
            var hidden = plan.Packed + (plan.Steps * plan.Plane);
            for (var row = block * rowsPerBlock; row < end; row++)
            {
                var at = ((nint)t * plan.Rows) + row;
                var output = plan.Packed + (at * size);
                if (!plan.Counts(t, row))
                {
                    new Span<T>(output, size).Clear();
                    continue;
                }

                UnitRow<T> numbers = default;
                numbers.Input = plan.Inputs + (at * width);
                numbers.State = plan.Products + (row * width);
                numbers.Kept = plan.Keep == null ? null : plan.Keep + (at * plan.Kept * size);
                numbers.Output = output;
                numbers.Hidden = hidden + ((nint)row * size);
                numbers.Cell = hidden + plan.Plane + ((nint)row * size);
                TUnit.Forward(numbers, size);
            }
        }
    }

    private readonly struct BackwardBody<TUnit, T>(SweepPlan<T> plan, int t, int rowsPerBlock) : IBlockBody
        where TUnit : struct, IUnit<T>
        where T : unmanaged
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var (size, width) = (plan.Size, (nint)plan.Gates * plan.Size);
            var end = Math.Min(plan.Rows, (block + 1) * rowsPerBlock);
            for (var row = block * rowsPerBlock; row < end; row++)
            {
                var at = ((nint)t * plan.Rows) + row;
                UnitRow<T> numbers = default;
                numbers.InputGradient = plan.InputGradient + (at * width);
                numbers.StateGradient = plan.StateGradient + (at * width);
                if (!plan.Counts(t, row))
                {
                    new Span<T>(numbers.InputGradient, (int)width).Clear();
                    new Span<T>(numbers.StateGradient, (int)width).Clear();
                    continue;
                }

                var before = at + (plan.Reverse ? plan.Rows : -plan.Rows);
                var first = plan.IsFirst(t, row);
                numbers.Kept = plan.Keep + (at * plan.Kept * size);
                numbers.Output = plan.Packed + (at * size);
                numbers.Hidden = plan.HiddenGradient + ((nint)row * size);
                numbers.Cell = plan.CellGradient + ((nint)row * size);
                numbers.Gradient = plan.Gradient + (at * size);
                numbers.OldHidden = first ? plan.Hidden + ((nint)row * size) : plan.Packed + (before * size);
                numbers.OldCell = first ? plan.Cell + ((nint)row * size) : plan.Keep + (((before * plan.Kept) + plan.Kept - 1) * size);
                TUnit.Backward(numbers, size);
            }
        }
    }
}
