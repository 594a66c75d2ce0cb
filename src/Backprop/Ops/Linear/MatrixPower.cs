using Backprop.Ops;

namespace Backprop;

public static partial class LinearAlgebra
{
    /// <summary>Square matrices multiplied with themselves: A · A · … · A, by repeated squaring.</summary>
    /// <param name="a">Square matrices [..., n, n].</param>
    /// <param name="exponent">How often; 0 gives identity matrices, a negative one the power of the inverse.</param>
    /// <exception cref="ShapeException">The matrices are not square.</exception>
    /// <exception cref="DTypeException">The dtype is not floating point.</exception>
    /// <exception cref="InvalidOperationException">The exponent is negative and a matrix singular.</exception>
    public static Tensor MatrixPower(Tensor a, int exponent)
    {
        ArgumentNullException.ThrowIfNull(a);
        Matrices.CheckSquare("matrix_power", a);
        if (exponent == 0)
        {
            // Constant, but a result like any other: of the input's shape, with a gradient of 0.
            return Tensor.Where(Tensor.Full([], 0, DType.Bool), a, Tensor.Eye(a.Shape[^1], dtype: a.DType));
        }

        var power = exponent < 0 ? Inverse(a.Wide) : a.Wide;
        Tensor? result = null;
        for (var rest = Math.Abs((long)exponent); ; power = power.MatMul(power))
        {
            if ((rest & 1) != 0)
            {
                result = result is null ? power : result.MatMul(power);
            }

            rest >>= 1;
            if (rest == 0)
            {
                return result!.To(a.DType).Apart(a);
            }
        }
    }
}
