using System.Security.Cryptography;
using Backprop.Data;

namespace Backprop.Tests.Data;

public class SyntheticDigitsTests
{
    [Fact]
    public void TheSameSeedGivesTheSameImagesEverywhere()
    {
        var digits = SyntheticDigits.Generate(300, seed: 7);
        Assert.Equal(
            "1c5af49dd9fc65cd657bfe8cd7a6bce0d48f278dc3d6a5f54a5ccefb7efe9e61",
            Convert.ToHexStringLower(SHA256.HashData([.. digits.Labels, .. digits.Pixels])));
        Assert.NotEqual(digits.Pixels.ToArray(), SyntheticDigits.Generate(300, seed: 8).Pixels.ToArray());
    }

    [Fact]
    public void ClassesAreBalancedAndShuffled()
    {
        var labels = SyntheticDigits.Generate(1003, seed: 1).Labels.ToArray();
        var counts = Enumerable.Range(0, 10).Select(digit => labels.Count(label => label == digit)).ToArray();
        Assert.Equal(1003, counts.Sum());
        Assert.InRange(counts.Min(), 100, 100);
        Assert.InRange(counts.Max(), 101, 101);
        var steps = labels.Zip(labels.Skip(1), (a, b) => a == b).Count(same => same);
        Assert.InRange(steps, 60, 150); // one in ten by chance
    }

    [Fact]
    public void ImagesLookLikeTheOnesOfMnist()
    {
        var digits = SyntheticDigits.Generate(500, seed: 3);
        Assert.Equal((500, 28, 28), (digits.Count, digits.Rows, digits.Columns));
        for (var i = 0; i < digits.Count; i++)
        {
            var image = digits.Image(i);
            var (mass, x, y, lit, border) = (0.0, 0.0, 0.0, 0, 0);
            for (var p = 0; p < image.Length; p++)
            {
                var bright = image[p] > 60;
                lit += bright ? 1 : 0;
                border += bright && (p % 28 is 0 or 27 || p / 28 is 0 or 27) ? 1 : 0;
                var weight = bright ? image[p] : 0;
                (mass, x, y) = (mass + weight, x + (weight * (p % 28)), y + (weight * (p / 28)));
            }

            Assert.InRange(lit, 15, 330);
            Assert.InRange(border, 0, 12); // the digit stays inside
            Assert.InRange(x / mass, 10.5, 16.5); // and near the middle
            Assert.InRange(y / mass, 10.5, 16.5);
        }
    }

    [Fact]
    public void ClassesCanBeToldApartButNotByTheirMeansAlone()
    {
        var (training, test) = (SyntheticDigits.Generate(2000, seed: 1), SyntheticDigits.Generate(500, seed: 2));
        var means = new double[10][];
        for (var digit = 0; digit < 10; digit++)
        {
            var members = Enumerable.Range(0, training.Count).Where(i => training.Labels[i] == digit).ToArray();
            means[digit] = [.. Enumerable.Range(0, 784).Select(p => members.Average(i => training.Image(i)[p]))];
        }

        var right = Enumerable.Range(0, test.Count).Count(i => test.Labels[i] == Enumerable.Range(0, 10).MinBy(digit =>
        {
            var image = test.Image(i);
            var distance = 0.0;
            for (var p = 0; p < image.Length; p++)
            {
                distance += (image[p] - means[digit][p]) * (image[p] - means[digit][p]);
            }

            return distance;
        }));
        Assert.InRange(right / 500.0, 0.6, 0.93);
    }

    [Fact]
    public void BadCountsAreRefused()
    {
        Assert.Equal(0, SyntheticDigits.Generate(0, seed: 1).Count);
        Assert.Throws<ArgumentOutOfRangeException>("count", () => SyntheticDigits.Generate(-1, seed: 1));
        Assert.Throws<ArgumentOutOfRangeException>("count", () => SyntheticDigits.Generate(int.MaxValue, seed: 1));
    }
}
