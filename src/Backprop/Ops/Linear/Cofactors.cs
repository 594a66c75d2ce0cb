using System.Runtime.CompilerServices;
using Backprop.Kernels;
using Backprop.Kernels.Decompositions;

namespace Backprop.Ops;

/// <summary>
/// C = ∂ det A / ∂A, the matrix of cofactors: det A · A⁻ᵀ where that exists. With A = U S Vᵀ, C = det(U) det(V) U D Vᵀ, where dᵢ is the product of
/// all singular values but sᵢ; so it is found for every matrix. Gradient: the second derivative of det.
/// </summary>
internal sealed class Cofactors : Op
{
    public static readonly Cofactors Instance = new();

    public override string Name => "cofactors";

    protected internal override ResultSpec Infer(in Operands inputs)
    {
        Matrices.CheckSquare(Name, inputs[0]);
        return ResultSpec.Like(inputs[0]);
    }

    protected internal override void Compute(in Operands inputs, Tensor output) => CofactorWork.Run(Name, inputs[0], null, output);

    internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => 20.0 * output.Count * output.Sizes[^1];

    protected internal override Saved Saves(int needs) => Saved.Input0;

    protected internal override void Differentiate(Adjoint adjoint) =>
        adjoint.Add(0, CofactorSlopes.Instance.Apply(adjoint.Input(0), adjoint.Gradient));
}

/// <summary>
/// The derivative of C = cofactors(A) in direction G, which is also its adjoint: det A (tr(Y G) Yᵀ − (Y G Y)ᵀ) with Y = A⁻¹ where that exists. In the
/// bases of the singular vectors, with H = Uᵀ G V and pᵢⱼ the product of all singular values but sᵢ and sⱼ, it is −pᵢⱼ Hⱼᵢ beside the diagonal and
/// Σⱼ pᵢⱼ Hⱼⱼ on it, for every matrix.
/// </summary>
internal sealed class CofactorSlopes : Op
{
    public static readonly CofactorSlopes Instance = new();

    public override string Name => "cofactor_slopes";

    protected internal override ResultSpec Infer(in Operands inputs)
    {
        var (a, g) = (inputs[0], inputs[1]);
        Matrices.CheckSquare(Name, a);
        if (!a.Shape.SequenceEqual(g.Shape))
        {
            throw Error.Shape(Name, $"the direction has shape {Error.Text(g.Shape)}, not the matrix's {Error.Text(a.Shape)}.");
        }

        return a.DType == g.DType ? ResultSpec.Like(a) : throw Error.DTypesDiffer(Name, a.DType, g.DType);
    }

    protected internal override void Compute(in Operands inputs, Tensor output) => CofactorWork.Run(Name, inputs[0], inputs[1], output);

    internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => 28.0 * output.Count * output.Sizes[^1];

    protected internal override Saved Saves(int needs) => Saved.Inputs;

    protected internal override void Differentiate(Adjoint adjoint)
    {
        var (a, g, h) = (adjoint.Input(0), adjoint.Input(1), adjoint.Gradient);
        adjoint.Add(1, Instance.Apply(a, h));
        if (!adjoint.Needs(0))
        {
            return;
        }

        // The third derivative of det, for regular matrices: Inverse refuses others. G and H are directions, so their traces go with Y = A⁻¹.
        var y = Inverse.Instance.Apply(a);
        var (yg, yh) = (y.MatMul(g), y.MatMul(h));
        var (tg, th) = (Scalar(yg.Trace()), Scalar(yh.Trace()));
        var (ygyh, gPart, hPart) = (yg.MatMul(yh), yg.MatMul(y), yh.MatMul(y));
        var sum = (((tg * th) - Scalar(ygyh.Trace())) * y) - (tg * hPart) - (th * gPart) + ygyh.MatMul(y) + yh.MatMul(gPart);
        adjoint.Add(0, (Scalar(Determinant.Instance.Apply(a)) * sum).Adjoint());
    }

    private static Tensor Scalar(Tensor x) => x.Unsqueeze(-1).Unsqueeze(-1);
}

/// <summary>Cofactors, or their derivative in a direction, of each matrix of a batch.</summary>
internal readonly unsafe struct CofactorWork(byte* source, byte* direction, byte* target, bool isSingle, nint n) : IMatrixWork
{
    /// <summary>Exponents of rows or columns beyond this are taken out first: with them, singular values may not reach the smallest.</summary>
    private const int UsualExponent = 100;

    public long Scratch => (5 * (long)n * n) + (5 * (long)n) + JacobiSvd.Scratch(n, n) + Lu.Scratch(n);

    public static void Run(string operation, Tensor a, Tensor? direction, Tensor output)
    {
        var n = output.Shape[^1];
        fixed (byte* source = a.Dense().Bytes(), along = direction is null ? default : direction.Dense().Bytes(), target = output.Bytes())
        {
            var work = new CofactorWork(source, along, target, output.DType == DType.Float32, n);
            Matrices.CheckIteration(operation, MatrixBatch.Run(work, Matrices.Count(output.Shape), 20.0 * n * n * n), output.Shape);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Run(nint index, double* scratch)
    {
        double* u = scratch, v = u + (n * n), c = v + (n * n), h = c + (n * n), t = h + (n * n), s = t + (n * n), pivots = s + n;
        double* rows = pivots + n, columns = rows + n, rest = columns + n;
        MatrixBatch.Load(source, isSingle, index * n * n, c, n * n);
        var exponent = Balance(c, rows, columns);
        var status = JacobiSvd.Decompose(c, false, 0, n, n, u, s, v, rest);
        if (status == TridiagonalEigen.NotFinite)
        {
            // As the determinant itself: NaN here, and the other matrices as they are.
            new Span<double>(h, (int)(n * n)).Fill(double.NaN);
            MatrixBatch.Store(h, target, isSingle, index * n * n, n * n);
            return 0;
        }

        if (status != 0)
        {
            return status;
        }

        var size = (int)n;
        var sign = Orientation(u, t, pivots, rest) * Orientation(v, t, pivots, rest);
        new Span<double>(c, size * size).Clear();
        if (direction == null)
        {
            for (nint i = 0; i < n; i++)
            {
                c[(i * n) + i] = sign * Product(s, i, i);
            }
        }
        else
        {
            // H = Uᵀ G V
            MatrixBatch.Load(direction, isSingle, index * n * n, t, n * n);
            Scale(t, rows, columns, 0);
            MatrixProduct.Multiply(size, size, size, u, size, true, t, size, false, c, size);
            MatrixProduct.Multiply(size, size, size, c, size, false, v, size, false, h, size);
            for (nint i = 0; i < n; i++)
            {
                double diagonal = 0;
                for (nint j = 0; j < n; j++)
                {
                    if (i != j)
                    {
                        var product = sign * Product(s, i, j);
                        c[(i * n) + j] = -product * h[(j * n) + i];
                        diagonal += product * h[(j * n) + j];
                    }
                }

                c[(i * n) + i] = diagonal;
            }
        }

        // U C Vᵀ
        MatrixProduct.Multiply(size, size, size, u, size, false, c, size, false, t, size);
        MatrixProduct.Multiply(size, size, size, t, size, false, v, size, true, h, size);
        Scale(h, rows, columns, exponent);
        MatrixBatch.Store(h, target, isSingle, index * n * n, n * n);
        return 0;
    }

    /// <summary>
    /// Where rows or columns have very different magnitudes, takes powers of two out of them: A = R B C, whose cofactors are det R det C R⁻¹ cofactors(B) C⁻¹.
    /// The exponents of R and C, and as the result that of det R det C.
    /// </summary>
    private long Balance(double* a, double* rows, double* columns)
    {
        new Span<double>(rows, (int)(2 * n)).Clear();
        var isUsual = true;
        for (nint i = 0; i < n * n; i++)
        {
            isUsual &= a[i] == 0 || !double.IsFinite(a[i]) || Math.Abs(Math.ILogB(a[i])) < UsualExponent;
        }

        if (isUsual)
        {
            return 0;
        }

        long exponent = 0;
        for (nint i = 0; i < n; i++)
        {
            rows[i] = Exponent(a + (i * n), 1);
            exponent += (long)rows[i];
        }

        Scale(a, rows, columns, 0);
        for (nint j = 0; j < n; j++)
        {
            columns[j] = Exponent(a + j, n);
            exponent += (long)columns[j];
        }

        for (nint i = 0; i < n * n; i++)
        {
            a[i] = Math.ScaleB(a[i], -(int)columns[i % n]);
        }

        return exponent;
    }

    /// <summary>The exponent of the largest of n magnitudes; 0 where there is none, or one that is not finite.</summary>
    private double Exponent(double* x, nint stride)
    {
        double largest = 0;
        for (nint i = 0; i < n; i++)
        {
            largest = Math.Max(largest, Math.Abs(x[i * stride]));
        }

        return largest == 0 || !double.IsFinite(largest) ? 0 : Math.ILogB(largest);
    }

    /// <summary>a[i, j] times 2^(exponent − rows[i] − columns[j]).</summary>
    private void Scale(double* a, double* rows, double* columns, long exponent)
    {
        for (nint i = 0; i < n * n; i++)
        {
            var power = exponent - (long)(rows[i / n] + columns[i % n]);
            if (power != 0)
            {
                a[i] = Math.ScaleB(a[i], (int)Math.Clamp(power, -5000, 5000));
            }
        }
    }

    /// <summary>The determinant of an orthogonal matrix: 1 or −1.</summary>
    private double Orientation(double* q, double* factors, double* pivots, double* rest)
    {
        new ReadOnlySpan<double>(q, (int)(n * n)).CopyTo(new Span<double>(factors, (int)(n * n)));
        Lu.Factor(factors, n, pivots, rest);
        return Lu.SignLog(factors, n, pivots).Sign;
    }

    private double Product(double* s, nint i, nint j)
    {
        // Intermediate products neither overflow nor vanish.
        double product = 1;
        long exponent = 0;
        for (nint k = 0; k < n; k++)
        {
            product *= k == i || k == j ? 1 : s[k];
            if (product is > 0 and (< 1e-150 or > 1e150))
            {
                var power = Math.ILogB(product);
                product = Math.ScaleB(product, -power);
                exponent += power;
            }
        }

        return Math.ScaleB(product, (int)Math.Clamp(exponent, -5000, 5000));
    }
}
