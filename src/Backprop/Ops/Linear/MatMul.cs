using Backprop.Kernels;

namespace Backprop.Ops
{
    /// <summary>
    /// C = A B for matrices [m, k] × [k, n], or batches of them whose leading axes broadcast. Gradients: g Bᵀ and Aᵀ g.
    /// </summary>
    internal sealed unsafe class MatMul : Op
    {
        public static readonly MatMul Instance = new();

        public override string Name => "matmul";

        protected internal override ResultSpec Infer(in Operands inputs)
        {
            var (a, b) = (inputs[0], inputs[1]);
            if (a.DType != b.DType)
            {
                throw Error.DTypesDiffer(Name, a.DType, b.DType);
            }

            if (!a.DType.IsFloating())
            {
                throw Error.DType(Name, a.DType, "convert with To(DType.Float32) first.");
            }

            if (a.Shape[^1] != b.Shape[^2])
            {
                throw Inner(a.Shape, b.Shape);
            }

            int[] batch;
            try
            {
                batch = Layout.Broadcast(Name, a.Shape[..^2], b.Shape[..^2]);
            }
            catch (ShapeException)
            {
                throw Error.Shape(Name, $"the leading axes of {Error.Text(a.Shape)} and {Error.Text(b.Shape)} do not broadcast.");
            }

            return new ResultSpec([.. batch, a.Shape[^2], b.Shape[^1]], a.DType);
        }

        public static ShapeException Inner(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
        {
            var (left, right) = (a[^1], b.Length > 1 ? b[^2] : b[0]);
            var advice = a.Length > 1 && b.Length > 1 && a[^1] == b[^1] ? "; transpose the second one?" : "";
            return Error.Shape("matmul", $"inner dimensions differ: {Error.Text(a)} × {Error.Text(b)} ({left} ≠ {right}){advice}");
        }

        protected internal override void Compute(in Operands inputs, Tensor output)
        {
            if (!TryMultiply(inputs[0], false, inputs[1], false, output, accumulate: false))
            {
                Multiply(inputs[0], inputs[1], output, accumulate: false);
            }
        }

        internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) =>
            2.0 * output.Count * (inputs[0]?.Sizes[^1] ?? inputs[1]?.Sizes[^2] ?? double.NaN);

        protected internal override Saved Saves(int needs) =>
            ((needs & 1) != 0 ? Saved.Input1 : 0) | ((needs & 2) != 0 ? Saved.Input0 : 0);

        internal override bool HasGradientKernels => true;

        protected internal override void Differentiate(Adjoint adjoint)
        {
            var g = Ready(adjoint.Gradient);
            if (adjoint.Needs(0) && Ready(adjoint.Input(1)) is var b && !TryContribute(adjoint, 0, g, false, b, true))
            {
                Contribute(adjoint, 0, g, b.Transpose());
            }

            if (adjoint.Needs(1) && Ready(adjoint.Input(0)) is var a && !TryContribute(adjoint, 1, a, true, g, false))
            {
                Contribute(adjoint, 1, a.Transpose(), g);
            }
        }

        /// <summary>A matrix that repeats elements, copied where nothing is recorded, so that views of it need not be made.</summary>
        private static Tensor Ready(Tensor x)
        {
            var turned = false;
            return !Recording.IsOn && x.Rank == 2 && !Fits(x, ref turned, out _) ? x.Dense() : x;
        }

        internal override void DifferentiatePerSample(SampleAdjoint adjoint)
        {
            var g = adjoint.Gradient;
            if (adjoint.Axis is not { } axis || axis.Axis < g.Rank - 2)
            {
                adjoint.Broadcast();
                return;
            }

            // The samples are rows of a and of the result, or columns of b and of the result; the other factor is used as a whole.
            var isRow = axis.Axis == g.Rank - 2;
            var own = isRow ? 0 : 1;
            if (adjoint.Needs(own))
            {
                var along = axis.At(adjoint.ShapeOf(own).Length - (isRow ? 2 : 1));
                adjoint.Along(isRow ? [along, null] : [null, along]);
            }

            if (adjoint.Needs(1 - own))
            {
                var x = adjoint.Input(own);
                var batched = x.Reshape([.. Enumerable.Repeat(1, g.Rank - x.Rank), .. x.Shape]);
                var (samples, gradients) = (axis.ToFront(batched).Transpose(), axis.ToFront(g));
                adjoint.AddWhole(1 - own, isRow ? samples.MatMul(gradients) : gradients.MatMul(samples));
            }
        }

        /// <summary>c (+)= a · b for contiguous c whose leading axes are the broadcast ones of a and b.</summary>
        public static void Multiply(Tensor a, Tensor b, Tensor c, bool accumulate)
        {
            int m = c.Shape[^2], n = c.Shape[^1], k = a.Shape[^1];
            if (c.Count == 0)
            {
                return;
            }

            a = Arrange(a, out var lda, out var transposeA);
            b = Arrange(b, out var ldb, out var transposeB);
            var batch = c.Shape[..^2];
            var count = c.Count / (m * n);
            var layoutA = batch.IsEmpty ? a.Layout : a.Layout.TryExpand([.. batch, m, k])!;
            var layoutB = batch.IsEmpty ? b.Layout : b.Layout.TryExpand([.. batch, k, n])!;
            fixed (byte* pa = &a.Storage.First(), pb = &b.Storage.First(), pc = c.Bytes())
            {
                var size = c.DType.Size();
                if (Uniform(layoutA, batch, out var strideA) && Uniform(layoutB, batch, out var strideB))
                {
                    Call(c.DType, count, m, n, k, pa + ((long)layoutA.Offset * size), lda, transposeA, pb + ((long)layoutB.Offset * size), ldb, transposeB,
                        pc, strideA, strideB, m * n, accumulate);
                    return;
                }

                var counter = new int[batch.Length];
                for (var i = 0; i < count; i++)
                {
                    long offsetA = layoutA.Offset, offsetB = layoutB.Offset;
                    for (var axis = 0; axis < counter.Length; axis++)
                    {
                        offsetA += (long)counter[axis] * layoutA.Strides[axis];
                        offsetB += (long)counter[axis] * layoutB.Strides[axis];
                    }

                    Call(c.DType, 1, m, n, k, pa + (offsetA * size), lda, transposeA, pb + (offsetB * size), ldb, transposeB,
                        pc + ((long)i * m * n * size), 0, 0, 0, accumulate);
                    for (var axis = counter.Length - 1; axis >= 0 && ++counter[axis] == batch[axis]; axis--)
                    {
                        counter[axis] = 0;
                    }
                }
            }
        }

        /// <summary>c (+)= a · b for matrices whose elements lie so that kernels can take them, transposed or not: nothing is made on the way.</summary>
        private static bool TryMultiply(Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor c, bool accumulate)
        {
            if (a.Rank != 2 || b.Rank != 2 || c.Count == 0 || !Fits(a, ref transposeA, out var lda) || !Fits(b, ref transposeB, out var ldb))
            {
                return false;
            }

            int m = c.Shape[0], n = c.Shape[1], k = a.Count / m;
            fixed (byte* pa = &a.Storage.First(), pb = &b.Storage.First(), pc = c.Bytes())
            {
                var size = c.DType.Size();
                Call(c.DType, 1, m, n, k, pa + ((long)a.Layout.Offset * size), lda, transposeA, pb + ((long)b.Layout.Offset * size), ldb, transposeB,
                    pc, 0, 0, 0, accumulate);
                return true;
            }
        }

        private static bool TryContribute(Adjoint adjoint, int index, Tensor a, bool transposeA, Tensor b, bool transposeB)
        {
            var (turnedA, turnedB) = (transposeA, transposeB);
            if (Recording.IsOn || a.Rank != 2 || b.Rank != 2 || !Fits(a, ref turnedA, out _) || !Fits(b, ref turnedB, out _))
            {
                return false;
            }

            var buffer = adjoint.Buffer(index, out var accumulate);
            return buffer.Count == 0 || TryMultiply(a, transposeA, b, transposeB, buffer, accumulate);
        }

        /// <summary>Whether rows or columns are contiguous: as <see cref="Arrange"/> would take the matrix, or its transpose.</summary>
        private static bool Fits(Tensor x, ref bool transposed, out int leading)
        {
            int rows = x.Shape[0], columns = x.Shape[1], rowStride = x.Strides[0], columnStride = x.Strides[1];
            if (transposed)
            {
                (rows, columns, rowStride, columnStride) = (columns, rows, columnStride, rowStride);
            }

            return Fits(rows, columns, rowStride, columnStride, out transposed, out leading);
        }

        private static bool Fits(int rows, int columns, int rowStride, int columnStride, out bool transposed, out int leading)
        {
            transposed = false;
            leading = rows == 1 ? Math.Max(columns, 1) : rowStride;
            if ((columnStride == 1 || columns == 1) && (rowStride >= columns || rows == 1))
            {
                return true;
            }

            transposed = true;
            leading = columns == 1 ? Math.Max(rows, 1) : columnStride;
            return (rowStride == 1 || rows == 1) && (columnStride >= rows || columns == 1);
        }

        private static void Contribute(Adjoint adjoint, int index, Tensor a, Tensor b)
        {
            var target = adjoint.LayoutOf(index);
            var direct = !Recording.IsOn && target.Rank == adjoint.Gradient.Rank
                && target.Sizes[..^2].SequenceEqual(adjoint.Gradient.Shape[..^2]);
            if (direct)
            {
                var buffer = adjoint.Buffer(index, out var accumulate);
                Multiply(a, b, buffer, accumulate);
            }
            else
            {
                adjoint.Give(index, Instance.Apply(a, b));
            }
        }

        /// <summary>The matrices as kernels take them: rows or columns contiguous.</summary>
        private static Tensor Arrange(Tensor x, out int leading, out bool transposed)
        {
            if (Fits(x.Shape[^2], x.Shape[^1], x.Strides[^2], x.Strides[^1], out transposed, out leading))
            {
                return x;
            }

            transposed = false;
            leading = x.Shape[^1];
            var copy = Tensor.Allocate(x.Layout.Dense(), x.DType);
            copy.CopyElements(x);
            return copy;
        }

        /// <summary>Whether all leading axes are passed through in one stride.</summary>
        private static bool Uniform(Layout layout, ReadOnlySpan<int> batch, out nint stride)
        {
            stride = 0;
            nint expected = 0;
            var first = true;
            for (var axis = batch.Length - 1; axis >= 0; axis--)
            {
                if (batch[axis] == 1)
                {
                    continue;
                }

                // Strides may be negative, so no value of one can stand for "none yet".
                if (first)
                {
                    first = false;
                    stride = layout.Strides[axis];
                    expected = stride * batch[axis];
                }
                else if (layout.Strides[axis] != expected)
                {
                    return false;
                }
                else
                {
                    expected *= batch[axis];
                }
            }

            return true;
        }

        private static void Call(DType dtype, int batch, int m, int n, int k, byte* a, int lda, bool transposeA, byte* b, int ldb, bool transposeB,
            byte* c, nint strideA, nint strideB, nint strideC, bool accumulate)
        {
            if (dtype == DType.Float32)
            {
                MatrixProduct.MultiplyBatched(batch, m, n, k, (float*)a, lda, transposeA, (float*)b, ldb, transposeB, (float*)c, n,
                    strideA, strideB, strideC, accumulate);
            }
            else
            {
                MatrixProduct.MultiplyBatched(batch, m, n, k, (double*)a, lda, transposeA, (double*)b, ldb, transposeB, (double*)c, n,
                    strideA, strideB, strideC, accumulate);
            }
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// The matrix product. Vectors: [k] · [k] gives a scalar, [m, k] · [k] a vector [m], [k] · [k, n] a vector [n]. Leading axes
        /// are batches and broadcast.
        /// </summary>
        /// <exception cref="ShapeException">The inner dimensions differ, a scalar is multiplied, or the leading axes don't broadcast.</exception>
        /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
        public Tensor MatMul(Tensor other)
        {
            ArgumentNullException.ThrowIfNull(other);
            if (Rank == 0 || other.Rank == 0)
            {
                throw Error.Shape("matmul", $"a scalar is no matrix: {Error.Text(Shape)} × {Error.Text(other.Shape)}; use * to scale.");
            }

            if (Shape[^1] != other.Shape[other.Rank > 1 ? ^2 : ^1])
            {
                throw Ops.MatMul.Inner(Shape, other.Shape);
            }

            var a = Rank == 1 ? Unsqueeze(0) : this;
            var b = other.Rank == 1 ? other.Unsqueeze(1) : other;
            Tensor result;
            if (a.Rank > 2 && b.Rank == 2)
            {
                // One product over all rows of the batch.
                var rows = Layout.CheckedCount("matmul", a.Shape[..^1]);
                result = Ops.MatMul.Instance.Run(new Operands(a.Reshape(rows, a.Shape[^1]), b)).Reshape([.. a.Shape[..^1], b.Shape[^1]]);
            }
            else
            {
                result = Ops.MatMul.Instance.Run(new Operands(a, b));
            }

            result = Rank == 1 ? result.Squeeze(-2) : result;
            return other.Rank == 1 ? result.Squeeze(-1) : result;
        }
    }
}
