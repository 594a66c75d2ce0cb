using System.Numerics;
using System.Runtime.CompilerServices;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>a × b along an axis of size 3. Gradients: b × g and g × a.</summary>
    internal sealed class Cross(int axis) : Op
    {
        public override string Name => "cross";

        public override string Describe() => $"{Name} axis={axis}";

        protected internal override ResultSpec Infer(in Operands inputs) => Broadcasting.Infer(Name, inputs[0], inputs[1], needsReals: false);

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            var shape = output.Layout.Sizes;
            var a = new Tensor(inputs[0].Storage, inputs[0].Layout.TryExpand(shape)!, output.DType).Dense();
            var b = new Tensor(inputs[1].Storage, inputs[1].Layout.TryExpand(shape)!, output.DType).Dense();
            switch (output.DType)
            {
                case DType.Float32: Multiply<float>(a, b, output); break;
                case DType.Float64: Multiply<double>(a, b, output); break;
                case DType.Int32: Multiply<int>(a, b, output); break;
                default: Multiply<long>(a, b, output); break;
            }
        }

        protected internal override Saved Saves(int needs) =>
            ((needs & 1) != 0 ? Saved.Input1 : 0) | ((needs & 2) != 0 ? Saved.Input0 : 0);

        protected internal override void Differentiate(Adjoint adjoint)
        {
            if (adjoint.Needs(0))
            {
                adjoint.Add(0, new Cross(axis).Apply(adjoint.Input(1), adjoint.Gradient));
            }

            if (adjoint.Needs(1))
            {
                adjoint.Add(1, new Cross(axis).Apply(adjoint.Gradient, adjoint.Input(0)));
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Multiply<T>(Tensor a, Tensor b, Tensor output)
            where T : unmanaged, INumberBase<T>
        {
            // axis counts from the end, so that the rule holds for gradients of broadcast operands too.
            var inner = 1;
            foreach (var size in output.Shape[(output.Rank + axis + 1)..])
            {
                inner *= size;
            }

            var x = a.AsSpan<T>();
            var y = b.AsSpan<T>();
            var z = output.Storage.Span<T>();
            for (var start = 0; start < output.Count; start += 3 * inner)
            {
                for (int i = start, j = i + inner, k = j + inner; i < start + inner; i++, j++, k++)
                {
                    z[i] = (x[j] * y[k]) - (x[k] * y[j]);
                    z[j] = (x[k] * y[i]) - (x[i] * y[k]);
                    z[k] = (x[i] * y[j]) - (x[j] * y[i]);
                }
            }
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>The cross product of vectors of three elements along an axis; other axes broadcast.</summary>
        /// <param name="other">The right factor.</param>
        /// <param name="axis">The axis of size 3 of the broadcast shape; the last one unless named.</param>
        /// <exception cref="ShapeException">The axis has another size in one of them, or the shapes don't broadcast.</exception>
        /// <exception cref="DTypeException">The dtypes differ, or are bool.</exception>
        /// <exception cref="ArgumentOutOfRangeException">An axis that doesn't exist.</exception>
        public Tensor Cross(Tensor other, int axis = -1)
        {
            ArgumentNullException.ThrowIfNull(other);
            var rank = Math.Max(Rank, other.Rank);
            var fromEnd = Error.CheckAxis("cross", axis, rank) - rank;
            return HasThree(this) && HasThree(other)
                ? new Cross(fromEnd).Run(new Operands(this, other))
                : throw Error.Shape(
                    "cross", $"axis {axis} must have size 3 in both, not in shapes {Error.Text(Shape)} and {Error.Text(other.Shape)}.");

            bool HasThree(Tensor x) => x.Rank >= -fromEnd && x.Shape[^-fromEnd] == 3;
        }
    }
}
