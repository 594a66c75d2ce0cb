using Backprop.Kernels;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>Which elements of an axis, with which weights, make the elements of a longer or shorter one.</summary>
    internal static class Interpolation
    {
        /// <summary>The weights of a new axis.</summary>
        /// <param name="size">Elements there are.</param>
        /// <param name="count">Elements there shall be.</param>
        /// <param name="scale">count / size as it was asked for; the quotient itself where null.</param>
        /// <param name="mode">How.</param>
        /// <param name="alignCorners">Whether the first and last elements stay where they are.</param>
        public static SparseRows Rows(int size, int count, double? scale, InterpolationMode mode, bool alignCorners)
        {
            var ratio = alignCorners ? (count > 1 ? (size - 1.0) / (count - 1) : 0)
                : scale is { } given ? 1 / given
                : (double)size / count;
            var start = new int[count + 1];
            var (index, weight) = (new List<int>(), new List<double>());
            for (var row = 0; row < count; row++)
            {
                switch (mode)
                {
                    case InterpolationMode.Nearest:
                        Add(scale is null ? (long)row * size / count : Math.Floor(row * ratio), 1);
                        break;
                    case InterpolationMode.NearestExact:
                        Add(Math.Floor((row + 0.5) * ratio), 1);
                        break;
                    case InterpolationMode.Linear:
                        var position = alignCorners ? row * ratio : Math.Max(((row + 0.5) * ratio) - 0.5, 0);
                        var below = Math.Min(Math.Floor(position), size - 1);
                        var part = Math.Clamp(position - below, 0, 1);
                        Add(below, 1 - part);
                        Add(below + 1, part);
                        break;
                    case InterpolationMode.Cubic:
                        var centre = alignCorners ? row * ratio : ((row + 0.5) * ratio) - 0.5;
                        var floor = Math.Floor(centre);
                        for (var neighbour = -1; neighbour <= 2; neighbour++)
                        {
                            Add(floor + neighbour, Cubic(Math.Abs(centre - floor - neighbour)));
                        }

                        break;
                    default:
                        var (from, to) = ((long)row * size / count, (((row + 1L) * size) + count - 1) / count);
                        for (var i = from; i < to; i++)
                        {
                            Add(i, 1.0 / (to - from));
                        }

                        break;
                }

                start[row + 1] = index.Count;
            }

            return new SparseRows(size, start, [.. index], [.. weight]);

            void Add(double at, double factor)
            {
                index.Add((int)Math.Clamp(at, 0, size - 1));
                weight.Add(factor);
            }
        }

        /// <summary>The kernel of Keys (1981) with a = −3/4.</summary>
        private static double Cubic(double x)
        {
            const double A = -0.75;
            return x <= 1 ? ((((A + 2) * x) - (A + 3)) * x * x) + 1 : (((((A * x) - (5 * A)) * x) + (8 * A)) * x) - (4 * A);
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>Signals, images or volumes in another size: [batch, channels, …] to [batch, channels, new sizes].</summary>
        /// <param name="size">The new sizes: one number for all spatial axes, or one for each.</param>
        /// <param name="mode">How values between the given ones are found.</param>
        /// <param name="alignCorners">
        /// For linear and cubic: whether the first and last elements stay where they are, so that the distances between elements are scaled; else elements are
        /// areas, and the borders of the image stay.
        /// </param>
        /// <exception cref="ShapeException">The tensor has no spatial axis or more than three, or is empty along one.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A size is below 1, the number of sizes differs, or the mode doesn't align corners.</exception>
        /// <exception cref="DTypeException">The dtype is not floating point.</exception>
        public Tensor Interpolate(PerAxis size, InterpolationMode mode = InterpolationMode.Nearest, bool alignCorners = false)
        {
            var axes = CheckInterpolation("interpolate", mode, alignCorners);
            return Resized("interpolate", size.Resolve("interpolate", nameof(size), axes, 1, 0), [], mode, alignCorners);
        }

        /// <summary><see cref="Interpolate"/> to ⌊size · scale⌋ along every spatial axis.</summary>
        /// <param name="scale">By how much sizes grow; positive.</param>
        /// <param name="mode">How values between the given ones are found.</param>
        /// <param name="alignCorners">For linear and cubic: whether the first and last elements stay where they are.</param>
        /// <exception cref="ShapeException">The tensor has no spatial axis or more than three, or is empty along one.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The scale is not positive or leaves nothing, or the mode doesn't align corners.</exception>
        /// <exception cref="DTypeException">The dtype is not floating point.</exception>
        public Tensor InterpolateBy(double scale, InterpolationMode mode = InterpolationMode.Nearest, bool alignCorners = false) =>
            InterpolateBy([scale], mode, alignCorners);

        /// <summary><see cref="Interpolate"/> to ⌊size · scale⌋ with a scale for each spatial axis; one alone is for all.</summary>
        /// <inheritdoc cref="InterpolateBy(double, InterpolationMode, bool)"/>
        public Tensor InterpolateBy(ReadOnlySpan<double> scale, InterpolationMode mode = InterpolationMode.Nearest, bool alignCorners = false)
        {
            var axes = CheckInterpolation("interpolate_by", mode, alignCorners);
            if (scale.Length != 1 && scale.Length != axes)
            {
                throw Error.Range("interpolate_by", nameof(scale), $"{scale.Length} numbers", $"one number, or one for each of {axes} axes");
            }

            var (sizes, scales) = (new int[axes], new double[axes]);
            for (var axis = 0; axis < axes; axis++)
            {
                scales[axis] = scale[scale.Length == 1 ? 0 : axis];
                var size = Math.Floor(Shape[axis + 2] * scales[axis]);
                if (!(size >= 1 && size <= int.MaxValue))
                {
                    throw Error.Range("interpolate_by", nameof(scale), scales[axis], FormattableString.Invariant(
                        $"such that ⌊{Shape[axis + 2]} · scale⌋ is from 1 to {int.MaxValue}"));
                }

                sizes[axis] = (int)size;
            }

            return Resized("interpolate_by", sizes, scales, mode, alignCorners);
        }

        private int CheckInterpolation(string operation, InterpolationMode mode, bool alignCorners)
        {
            if (mode is < InterpolationMode.Nearest or > InterpolationMode.Area)
            {
                throw Error.Range(operation, nameof(mode), mode, "Nearest, NearestExact, Linear, Cubic or Area");
            }

            if (alignCorners && mode is not (InterpolationMode.Linear or InterpolationMode.Cubic))
            {
                throw Error.Range(operation, nameof(alignCorners), alignCorners, $"false for {mode}; only Linear and Cubic align corners");
            }

            if (Rank is < 3 or > 5)
            {
                throw Error.Shape(operation, $"shape {Error.Text(Shape)} must have 3 to 5 axes: [batch, channels, …].");
            }

            if (!DType.IsFloating())
            {
                throw Error.DType(operation, DType, "convert with To(DType.Float32) first.");
            }

            for (var axis = 2; axis < Rank; axis++)
            {
                if (Shape[axis] == 0)
                {
                    throw Error.Shape(operation, $"axis {axis} of shape {Error.Text(Shape)} is empty; there is nothing to take values from.");
                }
            }

            return Rank - 2;
        }

        private Tensor Resized(string operation, int[] sizes, double[] scales, InterpolationMode mode, bool alignCorners)
        {
            // Refused before anything is computed for axes that would fit by themselves.
            var count = Layout.CheckedCount(operation, [Shape[0], Shape[1], .. sizes]);
            var limit = Layout.MaxBytes / DType.Size();
            if (count > limit)
            {
                throw Error.Shape(operation, FormattableString.Invariant(
                    $"shape {Error.Text([Shape[0], Shape[1], .. sizes])} of {DType.Label()} has too many elements; the limit is {limit}."));
            }

            if (Count == 0)
            {
                return Reshape([Shape[0], Shape[1], .. sizes]);
            }

            // The axes that shrink come first, so that no tensor on the way is larger than both ends.
            var result = Wide;
            foreach (var axis in Enumerable.Range(0, sizes.Length).OrderBy(axis => (double)sizes[axis] / Shape[axis + 2]))
            {
                double? scale = scales.Length == 0 || mode == InterpolationMode.Area ? null : scales[axis];
                var rows = Interpolation.Rows(Shape[axis + 2], sizes[axis], scale, mode, alignCorners);
                result = new Resample(rows, axis + 2).Run(new Operands(result));
            }

            return result.To(DType);
        }
    }
}
