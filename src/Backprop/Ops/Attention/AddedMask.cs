using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Ops
{
    /// <summary>Masks that are added to the scores, told from truth values that were written as numbers.</summary>
    internal static class AddedMask
    {
        /// <summary>Larger masks are not looked at: reading them would show in the time of the attention.</summary>
        public const int MostElements = 1 << 22;

        /// <summary>Whether all elements are 0 or 1, and one is 1.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public static bool IsTruth<T>(ReadOnlySpan<T> values)
            where T : unmanaged, INumber<T>
        {
            var some = false;
            foreach (var value in values)
            {
                if (value == T.One)
                {
                    some = true;
                }
                else if (value != T.Zero)
                {
                    return false;
                }
            }

            return some;
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// Refuses a mask of attention in numbers that are all 0 or 1, and not all 0: truth values, which would be added to the scores and hide next to
        /// nothing. What requires a gradient is learned, and passes; so does what has more than 2²² elements, unread.
        /// </summary>
        /// <exception cref="DTypeException">It is such a mask.</exception>
        internal static void CheckAddedMask(string operation, Tensor mask, string location = "")
        {
            if (!mask.DType.IsFloating() || mask.RequiresGradient || mask.Count > Ops.AddedMask.MostElements)
            {
                return;
            }

            Capture.Repeat(() => CheckAddedMaskNow(operation, mask, location));
        }

        private static void CheckAddedMaskNow(string operation, Tensor mask, string location)
        {
            // What is repeated along an axis is read once.
            var once = mask.Detach();
            for (var axis = 0; axis < mask.Rank; axis++)
            {
                once = mask.Strides[axis] == 0 && mask.Shape[axis] > 1 ? once.Narrow(axis, 0, 1) : once;
            }

            once = once.DType.IsSixteen() ? once.To(DType.Float32).Dense() : once.Dense();
            if (once.DType == DType.Float32 ? Ops.AddedMask.IsTruth(once.AsSpan<float>()) : Ops.AddedMask.IsTruth(once.AsSpan<double>()))
            {
                throw new DTypeException(
                    $"{operation}: the mask, {mask.Describe()}, holds only 0 and 1, which would be added to the scores. Give truth values, mask > 0, true "
                    + $"where a query may attend; a mask that is added holds 0 and large negative numbers{(location.Length == 0 ? "" : $", in {location}")}.");
            }
        }
    }
}
