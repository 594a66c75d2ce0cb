using Backprop.Tests.Data;

namespace Backprop.Tests.Files;

public class SafetensorsTests
{
    [Fact]
    public void TensorsComeBackAsTheyWere()
    {
        using var folder = new TemporaryFolder();
        Tensor matrix = [[1, 2, 3], [4, 5, 6]];
        var tensors = new Dictionary<string, Tensor>
        {
            ["weight"] = matrix,
            ["view"] = matrix.Transpose(),
            ["part"] = matrix[1],
            ["recorded"] = (matrix.Clone().RequireGradient() * 2).Transpose(),
            ["double"] = Tensor.Scalar(Math.PI),
            ["int"] = Tensor.From([int.MinValue, 7], 2),
            ["long"] = Tensor.From([long.MaxValue, -7], 2),
            ["bool"] = Tensor.From([true, false, true], 3),
            ["none"] = Tensor.Zeros([0, 3]),
            ["special"] = Tensor.From([float.NaN, float.NegativeInfinity, -0f, float.Epsilon], 4),
        };
        Safetensors.Save(folder["m"], tensors, new Dictionary<string, string> { ["epoch"] = "3" });
        var loaded = Safetensors.Load(folder["m"]);
        Assert.Equal(tensors.Keys.Order(), loaded.Keys.Order());
        foreach (var (name, tensor) in tensors)
        {
            Assert.Equal(tensor.DType, loaded[name].DType);
            Assert.Equal(tensor.Shape.ToArray(), loaded[name].Shape.ToArray());
        }

        Assert.Equal([1, 2, 3, 4, 5, 6], loaded["weight"].ToArray<float>());
        Assert.Equal([1, 4, 2, 5, 3, 6], loaded["view"].ToArray<float>());
        Assert.Equal([4, 5, 6], loaded["part"].ToArray<float>());
        Assert.Equal([2, 8, 4, 10, 6, 12], loaded["recorded"].ToArray<float>());
        Assert.Equal(Math.PI, loaded["double"].Item<double>());
        Assert.Equal([int.MinValue, 7], loaded["int"].ToArray<int>());
        Assert.Equal([long.MaxValue, -7], loaded["long"].ToArray<long>());
        Assert.Equal([true, false, true], loaded["bool"].ToArray<bool>());
        Assert.Equal(
            tensors["special"].ToArray<float>().Select(BitConverter.SingleToUInt32Bits),
            loaded["special"].ToArray<float>().Select(BitConverter.SingleToUInt32Bits));
        Assert.Equal("3", Safetensors.ReadMetadata(folder["m"])["epoch"]);
        Assert.All(loaded.Values, tensor => Assert.False(tensor.RequiresGradient));
    }

    [Fact]
    public void TheSameTensorsMakeTheSameFile()
    {
        using var folder = new TemporaryFolder();
        Tensor a = [1, 2];
        Tensor b = [3];
        Safetensors.Save(folder["1"], new Dictionary<string, Tensor> { ["a"] = a, ["b"] = b });
        Safetensors.Save(folder["2"], new Dictionary<string, Tensor> { ["b"] = b, ["a"] = a });
        Assert.Equal(File.ReadAllBytes(folder["1"]), File.ReadAllBytes(folder["2"]));
    }

    [Theory]
    [InlineData("U8", "00FF", DType.Int32, 0, 255)]
    [InlineData("I8", "80FF", DType.Int32, -128, -1)]
    [InlineData("U16", "0100FFFF", DType.Int32, 1, 65535)]
    [InlineData("I16", "0080FFFF", DType.Int32, -32768, -1)]
    [InlineData("U32", "01000000FFFFFFFF", DType.Int64, 1, 4294967295)]
    [InlineData("F16", "003E00C4", DType.Float16, 1.5, -4)]
    [InlineData("BF16", "C03F80C0", DType.BFloat16, 1.5, -4)]
    public void TypesWithoutADTypeAreWidened(string type, string bytes, DType dtype, double first, double second)
    {
        var tensor = Load(type, "[2]", Convert.FromHexString(bytes));
        Assert.Equal(dtype, tensor.DType);
        Assert.Equal([first, second], tensor.To(DType.Float64).ToArray<double>());
    }

    [Theory]
    [InlineData("U64", "[1]", "0100000000000000", "is U64, which no tensor can hold")]
    [InlineData("BOOL", "[2]", "0102", "is BOOL and holds the byte 2; legal are 0 and 1")]
    [InlineData("U8", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "01", "has 17 axes; a tensor has at most 16")]
    [InlineData("U8", "[0,4294967296]", "", "is larger than a tensor can be")]
    [InlineData("U8", "[65536,65536,0]", "", "is larger than a tensor can be")]
    public void WhatATensorCannotHoldIsRefused(string type, string shape, string bytes, string message)
    {
        var error = Assert.Throws<InvalidDataException>(() => Load(type, shape, Convert.FromHexString(bytes)));
        Assert.Contains("tensor 'x'", error.Message);
        Assert.Contains(message, error.Message);
    }

    [Theory]
    [InlineData("F32", "[0,500000000]", 500_000_000)]
    [InlineData("BOOL", "[0,2000000000]", 2_000_000_000)]
    [InlineData("U32", "[0,260000000]", 260_000_000)]
    public void TheLimitIsThatOfTheTensorsType(string type, string shape, int size)
    {
        Assert.Equal([0, size], Load(type, shape, []).Shape.ToArray());
        var error = Assert.Throws<InvalidDataException>(() => Load(type, shape.Replace("]", "0]"), []));
        Assert.Contains("is larger than a tensor can be", error.Message);
    }

    [Fact]
    public void WhatIsLoadedOutlivesAScope()
    {
        using var folder = new TemporaryFolder();
        Safetensors.Save(folder["m"], new Dictionary<string, Tensor> { ["x"] = Tensor.Ones([2]) });
        Tensor loaded;
        using (TensorScope.Begin())
        {
            loaded = Safetensors.Load(folder["m"])["x"];
        }

        Assert.Equal([1f, 1], loaded.ToArray<float>());
    }

    private static Tensor Load(string type, string shape, byte[] bytes)
    {
        using var folder = new TemporaryFolder();
        var header = $$$"""{"x":{"dtype":"{{{type}}}","shape":{{{shape}}},"data_offsets":[0,{{{bytes.Length}}}]}}""";
        File.WriteAllBytes(folder["m"], SafetensorsReaderTests.Content(header, bytes));
        return Safetensors.Load(folder["m"])["x"];
    }
}
