using Backprop.Kernels;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>The largest or smallest element over some axes, which go. Ties share the gradient equally.</summary>
    internal sealed unsafe class Extreme(Axes axes, bool largest) : Op
    {
        public override string Name => largest ? "max" : "min";

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            var x = inputs[0];
            if (x.DType == DType.Bool)
            {
                throw Error.DType(Name, x.DType, "convert with To(DType.Int64) first.");
            }

            var spec = new ResultSpec(axes.Without(x.Shape), x.DType);
            return axes.CountOf(x.Shape) > 0 || spec.Layout.Count == 0
                ? spec
                : throw Error.Shape(Name, $"there is no largest or smallest of no elements, in shape {Error.Text(x.Shape)}.");
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var x = axes.Distinct(inputs[0], out _);
            var result = axes.ResultFor(x, output);
            var (source, outer, reduce, inner) = axes.Arrange(x, inAnyOrder: true);
            fixed (byte* from = source.Bytes(), to = result.Bytes())
            {
                switch (source.DType)
                {
                    case DType.Float32: Fold((float*)from, (float*)to, outer, reduce, inner); break;
                    case DType.Float64: Fold((double*)from, (double*)to, outer, reduce, inner); break;
                    case DType.Int32: Fold((int*)from, (int*)to, outer, reduce, inner); break;
                    default: Fold((long*)from, (long*)to, outer, reduce, inner); break;
                }
            }

            if (!ReferenceEquals(result, output))
            {
                output.CopyElements(result);
            }
        }

        protected internal override Saved Saves(int needs) => Saved.Input0 | Saved.Output;

        protected internal override void Differentiate(Adjoint adjoint)
        {
            var x = adjoint.Input(0);
            adjoint.Add(0, adjoint.Gradient.Reshape(axes.Kept(x.Shape)) * Chosen(x, adjoint.Output));
        }

        internal override void DifferentiatePerSample(SampleAdjoint adjoint)
        {
            if (adjoint.Axis is { } axis)
            {
                adjoint.Along(axis.At(axes.Before(axis.Axis)));
                return;
            }

            var x = adjoint.Input(0);
            adjoint.AddWhole(0, adjoint.Gradient.Reshape([adjoint.Samples, .. axes.Kept(x.Shape)]) * Chosen(x, adjoint.Output));
        }

        /// <summary>The share of each element in the gradient. Which elements are extreme doesn't change with x, so this much is constant.</summary>
        private Tensor Chosen(Tensor x, Tensor output)
        {
            using (Recording.Pause())
            {
                // NaN equals NaN here.
                var y = output.Reshape(axes.Kept(x.Shape));
                var chosen = (x.EqualTo(y) | (x.IsNaN() & y.IsNaN())).To(x.DType);
                return chosen / axes.SumKept(chosen);
            }
        }

        private void Fold<T>(T* source, T* destination, nint outer, nint reduce, nint inner)
            where T : unmanaged
        {
            if (largest)
            {
                Reductions.Max(source, destination, outer, reduce, inner);
            }
            else
            {
                Reductions.Min(source, destination, outer, reduce, inner);
            }
        }
    }

    /// <summary>The position of the first largest or smallest element along an axis.</summary>
    internal sealed unsafe class ArgExtreme(Axes axes, bool largest) : Op
    {
        public override string Name => largest ? "arg_max" : "arg_min";

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            var x = inputs[0];
            if (x.DType == DType.Bool)
            {
                throw Error.DType(Name, x.DType, "convert with To(DType.Int64) first.");
            }

            var shape = axes.Without(x.Shape);
            return axes.CountOf(x.Shape) > 0 || shape.Contains(0)
                ? new ResultSpec(shape, DType.Int64)
                : throw Error.Shape(Name, $"there is no largest or smallest of no elements, in shape {Error.Text(x.Shape)}.");
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var x = axes.Distinct(inputs[0], out _);
            var result = axes.ResultFor(x, output);
            var (source, outer, reduce, inner) = axes.Arrange(x, inAnyOrder: false);
            fixed (byte* from = source.Bytes(), bytes = result.Bytes())
            {
                var to = (long*)bytes;
                switch (source.DType)
                {
                    case DType.Float32: Find((float*)from, to, outer, reduce, inner); break;
                    case DType.Float64: Find((double*)from, to, outer, reduce, inner); break;
                    case DType.Int32: Find((int*)from, to, outer, reduce, inner); break;
                    default: Find((long*)from, to, outer, reduce, inner); break;
                }
            }

            if (!ReferenceEquals(x, inputs[0]))
            {
                // The first of equals is where repeated axes are at 0.
                foreach (ref var position in result.Storage.Span<long>())
                {
                    position = axes.Position(position, x.Shape, inputs[0].Shape);
                }
            }

            if (!ReferenceEquals(result, output))
            {
                output.CopyElements(result);
            }
        }

        protected internal override Saved Saves(int needs) => Saved.None;

        protected internal override void Differentiate(Adjoint adjoint) =>
            throw new InvalidOperationException($"{Name}: a position has no gradient.");

        private void Find<T>(T* source, long* destination, nint outer, nint reduce, nint inner)
            where T : unmanaged
        {
            if (largest)
            {
                ArgReductions.ArgMax(source, destination, outer, reduce, inner);
            }
            else
            {
                ArgReductions.ArgMin(source, destination, outer, reduce, inner);
            }
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The largest element; NaN if any is NaN. Ties share the gradient equally.</summary>
        public Tensor Max() => Max([]);

        /// <summary>The largest elements along an axis.</summary>
        public Tensor Max(int axis, bool keepDimensions = false) => Max([axis], keepDimensions);

        /// <summary>The largest elements over several axes, or all if none are named.</summary>
        /// <exception cref="ShapeException">There are no elements to choose from.</exception>
        public Tensor Max(ReadOnlySpan<int> axes, bool keepDimensions = false) => ExtremeOver("max", axes, keepDimensions, largest: true);

        /// <summary>The smallest element; NaN if any is NaN. Ties share the gradient equally.</summary>
        public Tensor Min() => Min([]);

        /// <summary>The smallest elements along an axis.</summary>
        public Tensor Min(int axis, bool keepDimensions = false) => Min([axis], keepDimensions);

        /// <summary>The smallest elements over several axes, or all if none are named.</summary>
        /// <exception cref="ShapeException">There are no elements to choose from.</exception>
        public Tensor Min(ReadOnlySpan<int> axes, bool keepDimensions = false) => ExtremeOver("min", axes, keepDimensions, largest: false);

        /// <summary>The position of the largest of all elements in row-major order, int64; the first of equals.</summary>
        public Tensor ArgMax() => new ArgExtreme(Axes.Of("arg_max", this, []), true).Run(new Operands(this));

        /// <summary>The positions of the largest elements along an axis, int64; the first of equals.</summary>
        public Tensor ArgMax(int axis, bool keepDimensions = false) => ArgOver("arg_max", axis, keepDimensions, largest: true);

        /// <summary>The position of the smallest of all elements in row-major order, int64; the first of equals.</summary>
        public Tensor ArgMin() => new ArgExtreme(Axes.Of("arg_min", this, []), false).Run(new Operands(this));

        /// <summary>The positions of the smallest elements along an axis, int64; the first of equals.</summary>
        public Tensor ArgMin(int axis, bool keepDimensions = false) => ArgOver("arg_min", axis, keepDimensions, largest: false);

        private Tensor ExtremeOver(string operation, ReadOnlySpan<int> names, bool keepDimensions, bool largest)
        {
            var axes = Axes.Of(operation, this, names);
            var result = new Extreme(axes, largest).Run(new Operands(this));
            return keepDimensions ? result.Reshape(axes.Kept(Shape)) : result;
        }

        private Tensor ArgOver(string operation, int axis, bool keepDimensions, bool largest)
        {
            var axes = Axes.Of(operation, this, [axis]);
            var result = new ArgExtreme(axes, largest).Run(new Operands(this));
            return keepDimensions ? result.Reshape(axes.Kept(Shape)) : result;
        }
    }
}
