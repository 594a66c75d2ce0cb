namespace Backprop.Tests.Tapes;

public class FrontierTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(5000)]
    public void TheLatestComesFirstInWhateverOrderTheyWereOwed(int count)
    {
        var nodes = Enumerable.Range(0, count).Select(_ => Tensor.Scalar(0f).RequireGradient().Node!).ToArray();
        var random = new Random(count);
        foreach (var order in new Func<Node[]>[] { () => nodes, () => [.. nodes.Reverse()], () => Shuffled() })
        {
            var frontier = new Frontier();
            for (var round = 0; round < 2; round++)
            {
                foreach (var node in order())
                {
                    ref var entry = ref frontier.Owed(node);
                    Assert.Null(entry.Gradient);
                    entry.Gradient = Tensor.Scalar(node.Position);
                }

                foreach (var node in order())
                {
                    Assert.Equal(node.Position, frontier.Owed(node).Gradient!.Item());
                }

                for (var i = count - 1; i >= (round == 0 ? count / 2 : 0); i--)
                {
                    Assert.True(frontier.TryTakeLatest(out var node, out var gradient, out _));
                    Assert.Same(nodes[i], node);
                    Assert.Equal(node.Position, gradient.Item());
                }

                if (round == 0)
                {
                    frontier.Clear();
                }

                Assert.False(frontier.TryTakeLatest(out _, out _, out _));
            }
        }

        Node[] Shuffled()
        {
            var result = (Node[])nodes.Clone();
            random.Shuffle(result);
            return result;
        }
    }

    [Fact]
    public void TakingAndOwingTakeTurnsAsInAWalk()
    {
        var nodes = Enumerable.Range(0, 2000).Select(_ => Tensor.Scalar(0f).RequireGradient().Node!).ToArray();
        var random = new Random(7);
        var frontier = new Frontier();
        var expected = new SortedSet<int> { nodes.Length - 1 };
        frontier.Owed(nodes[^1]);
        var taken = 0;
        while (frontier.TryTakeLatest(out var node, out _, out _))
        {
            var latest = expected.Max;
            Assert.Same(nodes[latest], node);
            expected.Remove(latest);
            taken++;
            for (var i = random.Next(1, 5); i > 0 && latest > 0; i--)
            {
                var earlier = latest - 1 - random.Next(Math.Min(latest, 200));
                expected.Add(earlier);
                frontier.Owed(nodes[earlier]);
            }
        }

        Assert.Empty(expected);
        Assert.InRange(taken, 100, 2000);
    }
}
