using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>The same elements with the axes in another order. The gradient is permuted back.</summary>
    internal sealed class Permute(int[] axes) : ViewOp
    {
        public override string Name => "permute";

        internal override bool PassesOn => true;

        internal override Layout View(Tensor input) => input.Layout.Permute(axes);

        protected internal override void Differentiate(Adjoint adjoint)
        {
            adjoint.Add(0, adjoint.Gradient.Permute(Inverse()));
        }

        internal override void DifferentiatePerSample(SampleAdjoint adjoint)
        {
            if (adjoint.Axis is { } axis)
            {
                adjoint.Along(axis.At(axes[axis.Axis]));
            }
            else
            {
                adjoint.AddWhole(0, adjoint.Gradient.Permute([0, .. Inverse().Select(axis => axis + 1)]));
            }
        }

        private int[] Inverse()
        {
            var inverse = new int[axes.Length];
            for (var i = 0; i < axes.Length; i++)
            {
                inverse[axes[i]] = i;
            }

            return inverse;
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>A view with the axes in another order: axis i of the result is axis <paramref name="axes"/>[i] of this tensor.</summary>
        /// <exception cref="ShapeException">The axes are not a permutation.</exception>
        public Tensor Permute(params ReadOnlySpan<int> axes)
        {
            if (axes.Length != Rank)
            {
                throw Error.Shape("permute", $"{axes.Length} axes {Error.Text(axes)} for shape {Error.Text(Shape)} of rank {Rank}.");
            }

            var order = new int[Rank];
            var seen = 0;
            for (var i = 0; i < Rank; i++)
            {
                order[i] = Error.CheckAxis("permute", axes[i], Rank);
                seen |= 1 << order[i];
            }

            if (seen != (1 << Rank) - 1)
            {
                throw Error.Shape("permute", $"axes {Error.Text(axes)} are not a permutation of 0 … {Rank - 1}.");
            }

            return new Permute(order).Run(new Operands(this));
        }

        /// <summary>A view with two axes exchanged; the last two if none are given.</summary>
        public Tensor Transpose(int first = -2, int second = -1)
        {
            first = Error.CheckAxis("transpose", first, Rank);
            second = Error.CheckAxis("transpose", second, Rank);
            var axes = new int[Rank];
            for (var i = 0; i < Rank; i++)
            {
                axes[i] = i == first ? second : i == second ? first : i;
            }

            return new Permute(axes).Run(new Operands(this));
        }

        /// <summary>The transposed matrix, a view.</summary>
        /// <exception cref="ShapeException">The tensor is not a matrix.</exception>
        public Tensor T => Rank == 2 ? Transpose() : throw Error.Shape(
            "transpose", $"T is for matrices; shape {Error.Text(Shape)} has rank {Rank}. Use Transpose(first, second) or Permute(…).");
    }
}
