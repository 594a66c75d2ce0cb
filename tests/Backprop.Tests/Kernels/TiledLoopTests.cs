namespace Backprop.Tests.Kernels;

/// <summary>Elementwise operations on operands that lie along another axis than the last, of sizes around those of registers and tiles.</summary>
public class TiledLoopTests
{
    public static TheoryData<int, int> Sizes
    {
        get
        {
            var data = new TheoryData<int, int>();
            foreach (var rows in new[] { 4, 7, 16, 33, 130 })
            {
                foreach (var columns in new[] { 2, 5, 8, 17, 64, 67, 200 })
                {
                    data.Add(rows, columns);
                }
            }

            data.Add(2000, 3);
            data.Add(3, 2000);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void CopiesTurn(int rows, int columns)
    {
        foreach (var dtype in new[] { DType.Float32, DType.Float64, DType.Int32, DType.Int64, DType.BFloat16, DType.Float16, DType.Bool })
        {
            var x = Whole(rows * columns, dtype).Reshape(rows, columns);
            var expected = Turned(x.To(DType.Float64).ToArray<double>(), rows, columns);
            Assert.Equal(expected, x.Transpose().Contiguous().To(DType.Float64).ToArray<double>());

            // Into a turned tensor.
            var target = Tensor.Zeros([columns, rows], dtype);
            target.Transpose().CopyFrom(x);
            Assert.Equal(expected, target.To(DType.Float64).ToArray<double>());

            // In a part of a larger tensor, the rest of which stays as it is.
            var frame = Tensor.Zeros([columns + 2, rows + 2], dtype);
            frame[1..^1, 1..^1].CopyFrom(x.Transpose());
            Assert.Equal(expected.Sum(), frame.To(DType.Float64).ToArray<double>().Sum());
            Assert.Equal(expected, frame[1..^1, 1..^1].To(DType.Float64).ToArray<double>());
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void OperandsTurn(int rows, int columns)
    {
        foreach (var dtype in new[] { DType.Float32, DType.Float64, DType.Int32, DType.Int64 })
        {
            var x = Whole(rows * columns, dtype).Reshape(rows, columns);
            var y = Whole(rows * columns, dtype).Reshape(columns, rows) * 3;
            var row = Whole(rows, dtype);
            var column = Whole(columns, dtype).Reshape(columns, 1);
            var turned = Turned(x.To(DType.Float64).ToArray<double>(), rows, columns);
            var plain = y.To(DType.Float64).ToArray<double>();
            Check((i, j, at) => turned[at] + plain[at], x.Transpose() + y);
            Check((i, j, at) => turned[at] + turned[at], x.Transpose() + x.Transpose());
            Check((i, j, at) => turned[at] - (j % 97), x.Transpose() - row);
            Check((i, j, at) => (i % 97) - turned[at], column - x.Transpose());
            Check((i, j, at) => turned[at] > plain[at] ? 1 : 0, x.Transpose() > y);
            Check((i, j, at) => turned[at], x.Transpose().To(DType.Float64));

            // The result lies along the other axis, and is read too.
            var sum = x.Clone();
            sum.Transpose().AddInPlace(y);
            Check((i, j, at) => turned[at] + plain[at], sum.Transpose());
        }

        void Check(Func<int, int, int, double> expected, Tensor actual) => Assert.Equal(
            Enumerable.Range(0, rows * columns).Select(at => expected(at / rows, at % rows, at)), actual.Contiguous().To(DType.Float64).ToArray<double>());
    }

    [Fact]
    public void AxesOfEveryOrderAreCopied()
    {
        int[] shape = [5, 6, 7, 9];
        var x = Tensor.Arange(5 * 6 * 7 * 9).Reshape(shape);
        foreach (var order in Orders([0, 1, 2, 3]))
        {
            var y = x.Permute(order).Contiguous();
            var at = 0;
            var values = y.ToArray<float>();
            var index = new int[4];
            for (index[0] = 0; index[0] < shape[order[0]]; index[0]++)
            {
                for (index[1] = 0; index[1] < shape[order[1]]; index[1]++)
                {
                    for (index[2] = 0; index[2] < shape[order[2]]; index[2]++)
                    {
                        for (index[3] = 0; index[3] < shape[order[3]]; index[3]++)
                        {
                            var source = 0;
                            for (var axis = 0; axis < 4; axis++)
                            {
                                source = (source * shape[axis]) + index[Array.IndexOf(order, axis)];
                            }

                            Assert.Equal(source, values[at++]);
                        }
                    }
                }
            }
        }
    }

    private static Tensor Whole(int count, DType dtype) =>
        Tensor.From(Enumerable.Range(0, count).Select(i => (double)(i % 97)).ToArray()).To(dtype);

    private static double[] Turned(double[] values, int rows, int columns) =>
        [.. Enumerable.Range(0, values.Length).Select(at => values[(at % rows * columns) + (at / rows)])];

    private static IEnumerable<int[]> Orders(int[] rest) => rest.Length == 0
        ? [[]]
        : rest.SelectMany(first => Orders([.. rest.Where(other => other != first)]).Select(others => (int[])[first, .. others]));
}
