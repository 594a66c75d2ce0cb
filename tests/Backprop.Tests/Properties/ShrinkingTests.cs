namespace Backprop.Tests.Properties;

/// <summary>A property that fails says so with the smallest case, and the same one in every run.</summary>
public sealed class ShrinkingTests
{
    [Fact]
    public void AFailingCaseIsShrunk()
    {
        var (first, second) = (Smallest(), Smallest());
        Assert.Equal([1, 1], first[^1]);
        Assert.Equal(first, second);
    }

    /// <summary>The shapes that fail, in the order in which they were tried.</summary>
    private static List<int[]> Smallest()
    {
        var failed = new List<int[]>();
        Assert.ThrowsAny<Exception>(() => Properties.Hold(Generators.Shapes, shape =>
        {
            if (shape.Length > 1 && !shape.Contains(0))
            {
                failed.Add(shape);
                Assert.Fail("two axes");
            }
        }));
        return failed;
    }
}
