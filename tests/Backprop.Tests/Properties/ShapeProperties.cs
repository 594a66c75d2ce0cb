using Backprop.Tests.Core;

namespace Backprop.Tests.Properties;

/// <summary>Broadcasting, views and index expressions of any shape agree with definitions by loops, in value and gradient.</summary>
public sealed class ShapeProperties
{
    [Fact]
    public void BroadcastingRepeatsAxesOfSizeOne() => Properties.Hold(Generators.BroadcastPairs, pair =>
    {
        var random = new Random(1);
        var (a, b) = (Naive.Random(random, pair.A), Naive.Random(random, pair.B));
        var (x, y) = (a.ToView(random).RequireGradient(), b.ToView(random).RequireGradient());
        var product = x * y;
        a.Zip(b, (p, q) => p * q).AssertSame(product);
        a.Zip(b, (p, q) => p + q).AssertSame(x + y);
        a.Zip(b, Math.Max).AssertSame(x.Maximum(y));
        a.Zip(b, (p, q) => p < q ? 1 : 0).AssertSame((x < y).To(DType.Int64));

        // The gradient of a repeated element is the sum over its repetitions.
        var weights = Naive.Random(random, product.Shape.ToArray());
        var gradients = Gradient.Of((product * weights.ToTensor()).Sum(), [x, y]);
        SumTo(a.Shape, weights.Zip(b, (w, q) => w * q)).AssertSame(gradients[0]);
        SumTo(b.Shape, weights.Zip(a, (w, p) => w * p)).AssertSame(gradients[1]);
    });

    [Fact]
    public void ChainsOfViewsShowTheElementsTheySay() => Properties.Hold(Generators.ViewChains, chain =>
    {
        var x = Naive.Random(new Random(2), chain.Shape);
        var (expected, actual) = chain.Run(x, x.ToTensor());
        expected.AssertSame(actual);
        expected.AssertSame(actual.Contiguous());
    });

    [Fact]
    public void GradientsOfViewsGoBackWhereTheElementsCameFrom() => Properties.Hold(Generators.ViewChains, chain =>
    {
        var random = new Random(3);
        var next = 0;
        var positions = new Naive(chain.Shape, _ => next++);
        var leaf = positions.ToTensor().RequireGradient();
        var (sources, view) = chain.Run(positions, leaf);
        var weights = Naive.Random(random, sources.Shape);
        var expected = new Naive(chain.Shape, _ => 0);
        for (var i = 0; i < sources.Values.Length; i++)
        {
            expected.Values[(int)sources.Values[i]] += weights.Values[i];
        }

        var sum = (view * weights.ToTensor()).Sum();
        expected.AssertSame(Gradient.Of(sum, leaf, record: true));
        sum.Backward();
        expected.AssertSame(leaf.Gradient!);
    });

    [Fact]
    public void IndexExpressionsReadByDefinition() => Properties.Hold(Generators.IndexCases, expression =>
    {
        var x = Naive.Random(new Random(4), expression.Shape);
        NaiveIndexing.Read(x, expression.Items).AssertSame(x.ToView(new Random(5))[NaiveIndexing.ToIndex(expression.Items)]);
    });

    [Fact]
    public void IndexExpressionsWriteByDefinition() => Properties.Hold(Generators.IndexCases, expression =>
    {
        var random = new Random(6);
        var x = Naive.Random(random, expression.Shape);
        var values = Naive.Random(random, NaiveIndexing.Sources(x.Shape, expression.Items).Shape);
        var index = NaiveIndexing.ToIndex(expression.Items);
        foreach (var accumulate in new[] { false, true })
        {
            var expected = NaiveIndexing.Write(x, expression.Items, values, accumulate);
            expected.AssertSame(x.ToView(random).IndexPut(index, values.ToTensor(), accumulate));
            expected.AssertSame(x.ToView(random).Clone().IndexPutInPlace(index, values.ToTensor(), accumulate));
        }
    });

    /// <summary>What a read chose, written back to the same place, changes nothing.</summary>
    [Fact]
    public void WritingBackWhatWasReadChangesNothing() => Properties.Hold(Generators.IndexCases, expression =>
    {
        var x = Naive.Random(new Random(7), expression.Shape);
        var (tensor, index) = (x.ToTensor(), NaiveIndexing.ToIndex(expression.Items));
        tensor[index] = tensor[index];
        x.AssertSame(tensor);
    });

    private static Naive SumTo(int[] shape, Naive x)
    {
        var wide = new Naive([.. Enumerable.Repeat(1, x.Shape.Length - shape.Length), .. shape], _ => 0);
        int[] axes = [.. Enumerable.Range(0, x.Shape.Length).Where(axis => wide.Shape[axis] == 1)];
        return x.Reduce(axes, keep: true, values => values.Sum()).Reshape(shape);
    }
}
