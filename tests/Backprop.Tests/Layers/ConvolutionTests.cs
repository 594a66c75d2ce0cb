using Backprop.Layers;

namespace Backprop.Tests.Layers;

public class ConvolutionTests
{
    public static TheoryData<string> All() => [.. Layers(1).Keys];

    [Fact]
    public void ParametersAreNamedAndShapedAsElsewhere()
    {
        Assert.Equal(["weight [6, 2, 3]", "bias [6]"], Parameters(new Conv1d(4, 6, 3, groups: 2)));
        Assert.Equal(["weight [6, 4, 3, 2]", "bias [6]"], Parameters(new Conv2d(4, 6, [3, 2])));
        Assert.Equal(["weight [5, 4, 3, 3, 3]"], Parameters(new Conv3d(4, 5, 3, bias: false)));
        Assert.Equal(["weight [4, 3, 3]", "bias [6]"], Parameters(new ConvTranspose1d(4, 6, 3, groups: 2)));
        Assert.Equal(["weight [4, 6, 3, 2]", "bias [6]"], Parameters(new ConvTranspose2d(4, 6, [3, 2])));
        Assert.Equal(["weight [4, 5, 2, 2, 2]"], Parameters(new ConvTranspose3d(4, 5, 2, bias: false)));
    }

    /// <summary>The fan is the product of all sizes of the weight but the first, for transposed convolutions too.</summary>
    [Fact]
    public void FirstValuesAreUniformByTheFan()
    {
        var generator = new Generator(5);
        Uniform(new Conv2d(8, 64, 3, groups: 2, generator: generator), 4 * 9);
        Uniform(new Conv1d(8, 64, 5, generator: generator), 8 * 5);
        Uniform(new ConvTranspose2d(16, 64, 3, groups: 2, generator: generator), 32 * 9);

        static void Uniform(ConvolutionLayer layer, int fan)
        {
            var bound = 1 / Math.Sqrt(fan);
            foreach (var parameter in layer.Parameters())
            {
                var values = Numbers.Of(parameter);
                Assert.All(values, value => Assert.InRange(value, -bound, bound));
                Assert.InRange(values.Max(), 0.9 * bound, bound);
                Assert.InRange(values.Min(), -bound, -0.9 * bound);
                var variance = values.Average(value => value * value);
                Assert.InRange(variance, 0.6 * bound * bound / 3, 1.4 * bound * bound / 3);
            }
        }
    }

    [Fact]
    public void LayersDoWhatTheFunctionsDo()
    {
        var x = Numbers.Normal(1, 2, 4, 7, 6);
        var conv = new Conv2d(4, 6, [3, 2], stride: [2, 1], padding: [1, 0], dilation: [1, 2], groups: 2, dtype: DType.Float64);
        Same(Tensor.Conv2d(x, conv.Weight, conv.Bias, [2, 1], Padding.Create([1, 0]), [1, 2], 2), conv.Forward(x));
        Same(conv.Forward(x)[1], conv.Forward(x[1]));
        var up = new ConvTranspose2d(4, 6, 3, stride: 2, padding: 1, outputPadding: [1, 0], groups: 2, dilation: 2, dtype: DType.Float64);
        Same(Tensor.ConvTranspose2d(x, up.Weight, up.Bias, 2, 1, [1, 0], 2, 2), up.Forward(x));

        var row = Numbers.Normal(2, 2, 4, 9);
        var conv1 = new Conv1d(4, 3, 3, stride: 2, padding: 1, dtype: DType.Float64);
        Same(Tensor.Conv1d(row, conv1.Weight, conv1.Bias, 2, 1), conv1.Forward(row));
        var up1 = new ConvTranspose1d(4, 3, 3, stride: 2, outputPadding: 1, dtype: DType.Float64);
        Same(Tensor.ConvTranspose1d(row, up1.Weight, up1.Bias, 2, outputPadding: 1), up1.Forward(row));

        var block = Numbers.Normal(3, 1, 2, 4, 3, 5);
        var conv3 = new Conv3d(2, 3, [2, 1, 3], padding: 1, dtype: DType.Float64);
        Same(Tensor.Conv3d(block, conv3.Weight, conv3.Bias, padding: 1), conv3.Forward(block));
        var up3 = new ConvTranspose3d(2, 3, 2, stride: [2, 1, 3], dtype: DType.Float64);
        Same(Tensor.ConvTranspose3d(block, up3.Weight, up3.Bias, [2, 1, 3]), up3.Forward(block));
    }

    [Theory]
    [InlineData(PaddingMode.Constant)]
    [InlineData(PaddingMode.Reflect)]
    [InlineData(PaddingMode.Replicate)]
    [InlineData(PaddingMode.Circular)]
    public void AnyPaddingIsThatOfPad(PaddingMode mode)
    {
        var x = Numbers.Normal(1, 2, 3, 6, 5);
        var by = new Conv2d(3, 2, 3, stride: 2, padding: [2, 1], paddingMode: mode, dtype: DType.Float64);
        Same(Tensor.Conv2d(x.Pad([(2, 2), (1, 1)], mode), by.Weight, by.Bias, 2), by.Forward(x));

        // An odd one goes behind.
        var same = new Conv2d(3, 2, [4, 3], padding: Padding.Same, dilation: [1, 2], paddingMode: mode, dtype: DType.Float64);
        Same(Tensor.Conv2d(x.Pad([(1, 2), (2, 2)], mode), same.Weight, same.Bias, dilation: [1, 2]), same.Forward(x));
        Assert.Equal([2, 2, 6, 5], same.Forward(x).Shape.ToArray());
    }

    [Fact]
    public void ATransposedConvolutionGivesTheSizeAskedFor()
    {
        var down = new Conv2d(2, 3, 3, stride: 2, padding: 1);
        var up = new ConvTranspose2d(3, 2, 3, stride: 2, padding: 1);
        foreach (var size in new[] { 7, 8 })
        {
            var x = Tensor.Ones([1, 2, size, 8]);
            Assert.Equal([1, 2, size, 8], up.Forward(down.Forward(x), [size, 8]).Shape.ToArray());
        }

        Assert.Equal([2, 8, 7], up.Forward(Tensor.Ones([3, 4, 4]), [8, 7]).Shape.ToArray());
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => up.Forward(Tensor.Ones([1, 3, 4, 4]), [8, 9]));
        Assert.Contains("conv_transpose2d: outputSize is 9; it must be from 7 to 8 on axis 3", error.Message);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void TrainingLessensTheLoss(string name)
    {
        // What another layer of the kind makes of the input can be learned.
        var ((layer, x), (teacher, _)) = (Layers(1)[name](), Layers(2)[name]());
        Tensor target;
        using (Recording.Pause())
        {
            target = teacher.Forward(x);
        }

        var losses = new List<double>();
        for (var step = 0; step < 40; step++)
        {
            using var scope = TensorScope.Begin();
            var loss = (layer.Forward(x) - target).Square().Mean();
            losses.Add(loss.Item());
            layer.ZeroGradients();
            loss.Backward();
            using (Recording.Pause())
            {
                foreach (var parameter in layer.Parameters())
                {
                    parameter.SubtractInPlace(0.1 * parameter.Gradient!);
                }
            }
        }

        Assert.True(losses[^1] < 0.5 * losses[0], $"{losses[0]} → {losses[^1]}");
        Assert.All(losses.Zip(losses.Skip(1)), pair => Assert.True(pair.Second <= pair.First));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void StatesAreExchanged(string name)
    {
        var ((from, x), (to, _)) = (Layers(1)[name](), Layers(2)[name]());
        var y = Numbers.Of(from.Forward(x));
        Assert.NotEqual(y, Numbers.Of(to.Forward(x)));
        to.LoadStateDictionary(from.StateDictionary());
        Assert.Equal(y, Numbers.Of(to.Forward(x)));

        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.safetensors");
        try
        {
            from.Save(path);
            var third = Layers(3)[name]().Layer;
            third.Load(path);
            Assert.Equal(y, Numbers.Of(third.Forward(x)));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void ArgumentsAreChecked()
    {
        Refused("conv2d: inChannels is 0; it must be at least 1", () => new Conv2d(0, 1, 3));
        Refused("conv1d: outChannels is -2", () => new Conv1d(1, -2, 3));
        Refused("conv2d: groups is 2; it must be at least 1 and divide inChannels 3 and outChannels 4", () => new Conv2d(3, 4, 3, groups: 2));
        Refused("conv2d: groups is 0", () => new Conv2d(3, 4, 3, groups: 0));
        Refused("conv_transpose3d: groups is 3", () => new ConvTranspose3d(3, 4, 3, groups: 3));
        Refused("conv2d: kernelSize is 0; it must be at least 1", () => new Conv2d(3, 4, 0));
        Refused("conv2d: kernelSize is [1, 2, 3]", () => new Conv2d(3, 4, [1, 2, 3]));
        Refused("conv3d: stride is [1, 0, 1]", () => new Conv3d(3, 4, 1, stride: [1, 0, 1]));
        Refused("conv2d: dilation is 0", () => new Conv2d(3, 4, 1, dilation: 0));
        Refused("conv2d: padding is -1; it must be at least 0", () => new Conv2d(3, 4, 1, padding: -1));
        Refused("conv2d: stride is 2; it must be 1 where the padding is same", () => new Conv2d(3, 4, 3, stride: 2, padding: Padding.Same));
        Refused("conv2d: paddingMode is 9", () => new Conv2d(3, 4, 3, paddingMode: (PaddingMode)9));
        Refused("conv_transpose2d: outputPadding is 2; it must be less than the stride 2", () => new ConvTranspose2d(3, 4, 3, stride: 2, outputPadding: 2));
        Assert.Contains("conv2d: int32", Assert.Throws<DTypeException>(() => new Conv2d(3, 4, 3, dtype: DType.Int32)).Message);

        static void Refused(string words, Func<Module> create) => Assert.Contains(words, Assert.Throws<ArgumentOutOfRangeException>(create).Message);
    }

    [Fact]
    public void InputsAreCheckedAndErrorsSayWhere()
    {
        var model = new Sequential(new Conv2d(3, 4, 3));
        model.Parameters();
        Assert.Throws<ArgumentNullException>(() => new Conv2d(3, 4, 3).Forward(null!));
        Says("conv2d: the input [1, 4, 8, 8] must be [batch, 3, height, width], or [3, height, width] without the batch", Tensor.Zeros([1, 4, 8, 8]));
        Says("conv2d: the input [3, 8] must be", Tensor.Zeros([3, 8]));
        Says("conv2d: the kernel does not fit into axis 3 of the input [1, 3, 8, 2]", Tensor.Zeros([1, 3, 8, 2]));
        var error = Assert.Throws<DTypeException>(() => model.Forward(Tensor.Zeros([1, 3, 8, 8], DType.Float64)));
        Assert.StartsWith("conv2d: dtypes differ: float64 and float32", error.Message);
        Assert.EndsWith("In Sequential.0 (Conv2d 3 → 4, kernel 3)", error.Message);
        var reflected = new Conv1d(1, 1, 3, padding: 4, paddingMode: PaddingMode.Reflect);
        Assert.Throws<ArgumentOutOfRangeException>(() => reflected.Forward(Tensor.Zeros([1, 1, 4])));
        Assert.Throws<ShapeException>(() => new ConvTranspose1d(1, 1, 3, padding: 3).Forward(Tensor.Zeros([1, 1, 3])));

        void Says(string words, Tensor x)
        {
            var message = Assert.Throws<ShapeException>(() => model.Forward(x)).Message;
            Assert.StartsWith(words, message);
            Assert.EndsWith("n Sequential.0 (Conv2d 3 → 4, kernel 3)", message);
        }
    }

    [Fact]
    public void TextShowsTheSettings()
    {
        Assert.Equal("Conv2d(3 → 16, kernel 3)", new Conv2d(3, 16, 3).ToString());
        Assert.Equal("Conv2d(4 → 16, kernel [3, 2], padding same, dilation [1, 2], 2 groups, no bias)",
            new Conv2d(4, 16, [3, 2], padding: Padding.Same, dilation: [1, 2], groups: 2, bias: false).ToString());
        Assert.Equal("Conv1d(4 → 2, kernel 3, stride 2, padding 1 (Circular))", new Conv1d(4, 2, 3, 2, 1, paddingMode: PaddingMode.Circular).ToString());
        Assert.Equal("ConvTranspose2d(4 → 2, kernel 4, stride 2, padding 1, output padding [1, 0])",
            new ConvTranspose2d(4, 2, 4, stride: 2, padding: 1, outputPadding: [1, 0]).ToString());
    }

    [Theory]
    [InlineData(DType.Float16)]
    [InlineData(DType.BFloat16)]
    public void SixteenBitsWork(DType dtype)
    {
        var layer = new Conv2d(2, 3, 3, padding: 1, generator: new Generator(1), dtype: dtype);
        var y = layer.Forward(Tensor.Ones([1, 2, 4, 4], dtype));
        Assert.Equal(dtype, y.DType);
        y.Sum().Backward();
        Numbers.Close([16, 16, 16], layer.Bias!.Gradient!);
    }

    private static Dictionary<string, Func<(ConvolutionLayer Layer, Tensor X)>> Layers(ulong seed)
    {
        var generator = new Generator(seed);
        Tensor X(params ReadOnlySpan<int> shape) => Tensor.Normal(shape, generator: new Generator(9));
        return new()
        {
            ["Conv1d"] = () => (new Conv1d(2, 3, 3, padding: Padding.Same, generator: generator), X(4, 2, 6)),
            ["Conv2d"] = () => (new Conv2d(2, 4, 3, stride: 2, padding: 1, groups: 2, generator: generator), X(4, 2, 6, 5)),
            ["Conv3d"] = () => (new Conv3d(2, 3, 2, paddingMode: PaddingMode.Replicate, padding: 1, generator: generator), X(2, 2, 3, 3, 3)),
            ["ConvTranspose1d"] = () => (new ConvTranspose1d(2, 3, 3, stride: 2, generator: generator), X(4, 2, 6)),
            ["ConvTranspose2d"] = () => (new ConvTranspose2d(2, 4, 3, groups: 2, outputPadding: 1, stride: 2, generator: generator), X(4, 2, 3, 4)),
            ["ConvTranspose3d"] = () => (new ConvTranspose3d(2, 3, 2, bias: false, generator: generator), X(2, 2, 3, 3, 3)),
        };
    }

    private static string[] Parameters(Module module) =>
        [.. module.NamedParameters().Select(entry => $"{entry.Name} [{string.Join(", ", entry.Parameter.Shape.ToArray())}]")];

    private static void Same(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        Numbers.Close(Numbers.Of(expected), actual);
    }
}
