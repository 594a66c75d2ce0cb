using Backprop.Optimizers;

namespace Backprop.Tests.Optimizers;

public sealed class LbfgsTests
{
    [Theory]
    [InlineData(DType.Float32, 1e-3)]
    [InlineData(DType.Float64, 1e-8)]
    public void FindsTheBottomOfACurvedValley(DType dtype, double tolerance)
    {
        var x = Tensor.From([-1.2, 1.0]).To(dtype).RequireGradient();
        var lbfgs = new Lbfgs([x], maxIterations: 60, changeTolerance: 1e-15);
        var first = lbfgs.Step(() => Rosenbrock(x));
        Assert.Equal(24.2, first, 1e-5);
        Assert.All(x.To(DType.Float64).ToArray<double>(), value => Assert.Equal(1, value, tolerance));
        Assert.InRange(lbfgs.Evaluations, lbfgs.Iterations, 2 * lbfgs.Iterations);
    }

    /// <summary>On a quadratic with exact line searches the directions are conjugate; searches that are nearly exact take a few more than n.</summary>
    [Fact]
    public void AQuadraticFunctionTakesHardlyMoreDirectionsThanItHasDimensions()
    {
        var x = Tensor.From([3.0, -1, 2, 5, -4]).RequireGradient();
        var curvatures = Tensor.From([1.0, 4, 9, 16, 25]);
        var lbfgs = new Lbfgs([x], maxIterations: 100, gradientTolerance: 1e-10, changeTolerance: 0);
        Assert.Equal(455, lbfgs.Step(() => (0.5 * curvatures * (x - 1).Square()).Sum()), 1e-12);
        Assert.All(x.ToArray<double>(), value => Assert.Equal(1, value, 1e-9));
        Assert.InRange(lbfgs.Iterations, 5, 25);
    }

    /// <summary>Pairs beyond the history's size go, the oldest first; a change without curvature takes no place.</summary>
    [Fact]
    public void TheHistoryKeepsTheLatestPairs()
    {
        var valley = new Valley();
        var lbfgs = new Lbfgs([valley.A, valley.B], maxIterations: 3, maxEvaluations: 100, historySize: 2, changeTolerance: 0);
        var (counts, last) = (new List<long>(), Array.Empty<double>());
        for (var step = 0; step < 4; step++)
        {
            lbfgs.Step(valley.Height);
            var state = lbfgs.StateDictionary();
            counts.Add(state["pairs"].Item<long>());
            var newest = state["0.move_1"].ToArray<double>();
            Assert.NotEqual(last, newest);
            last = newest;
        }

        Assert.Equal([2, 2, 2, 2], counts);
        lbfgs.Step(() => (valley.A + 1).Sum() + valley.B.Sum());    // a slope without curvature
        Assert.Equal(2, lbfgs.StateDictionary()["pairs"].Item<long>());
    }

    [Fact]
    public void ParametersMoveTogether()
    {
        var valley = new Valley();
        var lbfgs = new Lbfgs([valley.A, valley.B], maxIterations: 40, changeTolerance: 1e-15);
        lbfgs.Step(valley.Height);
        Assert.Equal(0, lbfgs.Step(valley.Height), 1e-12);
        Assert.All(valley.Point[..4].Zip([0.5, -1.0, 2, 0]), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
    }

    [Theory]
    [InlineData(LineSearch.StrongWolfe, DType.Float64)]
    [InlineData(LineSearch.StrongWolfe, DType.Float32)]
    [InlineData(LineSearch.None, DType.Float64)]
    public void GoesOnFromAStateDictionaryWithTheSameBits(LineSearch search, DType dtype)
    {
        Tensor Start() => Tensor.From([-1.2, 1.0]).To(dtype).RequireGradient();
        Lbfgs Make(Tensor x, int history) => new(
            [x], search == LineSearch.None ? 0.05 : 1, maxIterations: 3, historySize: history, lineSearch: search);

        var (whole, part) = (Start(), Start());
        var (one, begun) = (Make(whole, 4), Make(part, 4));
        for (var step = 0; step < 6; step++)
        {
            one.Step(() => Rosenbrock(whole));
        }

        for (var step = 0; step < 3; step++)
        {
            begun.Step(() => Rosenbrock(part));
        }

        var state = begun.StateDictionary();
        var resumedAt = part.Detach().Clone().RequireGradient();
        begun.Step(() => Rosenbrock(part));     // the dictionary is a copy
        var resumed = Make(resumedAt, 9);
        resumed.LoadStateDictionary(state);
        Assert.Equal(4, resumed.Groups[0].HistorySize);
        for (var step = 0; step < 3; step++)
        {
            resumed.Step(() => Rosenbrock(resumedAt));
        }

        Assert.Equal(whole.Bytes().ToArray(), resumedAt.Bytes().ToArray());
        Assert.Equal((one.Iterations, one.Evaluations), (resumed.Iterations, resumed.Evaluations));
        Assert.Equal([6], resumed.States.Select(entry => entry.Steps));
    }

    [Fact]
    public void WrongStatesAreRefusedBeforeAnythingChanges()
    {
        var valley = new Valley();
        var lbfgs = new Lbfgs([valley.A, valley.B], maxIterations: 4, maxEvaluations: 100);
        lbfgs.Step(valley.Height);
        Refused("'pairs' is missing", state => state.Remove("pairs"));
        Refused("pairs is -1", state => state["pairs"] = Tensor.Scalar(-1L));
        Refused("'1.move_3' is missing", state => state["pairs"] = Tensor.Scalar(4L), "1.move_3", "0.move_3", "0.gradient_change_3");
        Refused("'0.move_0' is missing", state => state.Remove("0.move_0"));
        Refused("parameter 1 needs float64 [2]", state => state["1.gradient_change_1"] = Tensor.Zeros([3], DType.Float64));
        Refused("max_iterations is 0", state => state["groups.0.max_iterations"] = Tensor.Scalar(0L));
        Refused("history_size is 9999999999", state => state["groups.0.history_size"] = Tensor.Scalar(9999999999L));
        Refused("belongs to no state", state => state["0.move_7"] = Tensor.Zeros([4], DType.Float64));

        void Refused(string part, Action<Dictionary<string, Tensor>> spoil, params string[] added)
        {
            var good = lbfgs.StateDictionary();
            var bad = new Dictionary<string, Tensor>(good) { ["groups.0.learning_rate"] = Tensor.Scalar(0.7) };
            spoil(bad);
            foreach (var name in added.Skip(1))
            {
                bad[name] = Tensor.Zeros([4], DType.Float64);
            }

            Assert.Contains(part, Assert.ThrowsAny<ArgumentException>(() => lbfgs.LoadStateDictionary(bad)).Message);
            Assert.All(lbfgs.StateDictionary(), entry => Assert.Equal(good[entry.Key].Bytes().ToArray(), entry.Value.Bytes().ToArray()));
        }
    }

    [Fact]
    public void AStepWithoutALossIsRefused()
    {
        var x = Tensor.Ones([2]).RequireGradient();
        x.Gradient = Tensor.Ones([2]);
        var lbfgs = new Lbfgs([x]);
        Assert.Contains("Step(() => loss)", Assert.Throws<InvalidOperationException>(lbfgs.Step).Message);
        Assert.Contains("returned null", Assert.Throws<InvalidOperationException>(() => lbfgs.Step(() => null!)).Message);
        Assert.Contains("float32 [2]; it must be a single number", Assert.Throws<InvalidOperationException>(() => lbfgs.Step(() => x * 2)).Message);
        Assert.Throws<ArgumentNullException>(() => lbfgs.Step(null!));
        Assert.Equal([1f, 1], x.ToArray<float>());
    }

    /// <summary>Infinite and undefined losses on the way are walls, not ends.</summary>
    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void TheLineSearchTurnsBackFromWalls(double wall)
    {
        var x = Tensor.From([3.0]).RequireGradient();
        var lbfgs = new Lbfgs([x], learningRate: 50);
        Tensor Loss() => x.Item() is < 0.5 or > 4 ? x.Square().Sum() * wall : (x - 1).Square().Sum();
        lbfgs.Step(Loss);
        Assert.Equal(1, x.Item(), 1e-6);
    }

    [Fact]
    public void ALossThatIsNotANumberMovesNothing()
    {
        var x = Tensor.From([3.0]).RequireGradient();
        var lbfgs = new Lbfgs([x]);
        Assert.Equal(double.NaN, lbfgs.Step(() => x.Sum() * double.NaN));
        Assert.Equal(3, x.Item());
        lbfgs.Step(() => (x - 1).Square().Sum());
        Assert.Equal(1, x.Item(), 1e-6);
    }

    [Fact]
    public void WhereTheLossThrowsParametersAreNotLeftOnTheWay()
    {
        var (x, y) = (Tensor.From([-1.2, 1.0]).RequireGradient(), Tensor.From([-1.2, 1.0]).RequireGradient());
        var (interrupted, plain) = (new Lbfgs([x], maxIterations: 5), new Lbfgs([y], maxIterations: 5));
        var calls = 0;
        Assert.Throws<TimeoutException>(() => interrupted.Step(() => ++calls == 2 ? throw new TimeoutException() : Rosenbrock(x)));
        Assert.Equal([-1.2, 1.0], x.ToArray<double>());
        Assert.Null(x.Gradient);
        Assert.Equal([0], interrupted.States.Select(state => state.Steps));
        interrupted.Step(() => Rosenbrock(x));
        plain.Step(() => Rosenbrock(y));
        Assert.Equal(y.ToArray<double>(), x.ToArray<double>());
    }

    [Fact]
    public void ParametersOfBothPrecisionsAndOneThatPlaysNoPart()
    {
        var (a, b, c) = (Tensor.From([3f, -2]).RequireGradient(), Tensor.From([5.0, 4]).RequireGradient(), Tensor.From([7f]).RequireGradient());
        var lbfgs = new Lbfgs([a, b, c]);
        using (TensorScope.Begin())
        {
            lbfgs.Step(() => (a.To(DType.Float64) - b).Square().Sum() + (b - 1).Square().Sum());
        }

        lbfgs.Step(() => (a.To(DType.Float64) - b).Square().Sum() + (b - 1).Square().Sum());
        Assert.All(a.ToArray<float>(), value => Assert.Equal(1, value, 1e-4));
        Assert.All(b.ToArray<double>(), value => Assert.Equal(1, value, 1e-4));
        Assert.Equal(7, c.Item());
    }

    [Fact]
    public void SettingsHaveRanges()
    {
        var x = Tensor.Ones([2]).RequireGradient();
        Range("MaxIterations is 0; it must be 1 or more", () => new Lbfgs([x], maxIterations: 0));
        Range("MaxEvaluations is -1; it must be 1 or more", () => new Lbfgs([x], maxEvaluations: -1));
        Range("HistorySize is 0", () => new Lbfgs([x], historySize: 0));
        Range("GradientTolerance is NaN", () => new Lbfgs([x], gradientTolerance: double.NaN));
        Range("ChangeTolerance is -1", () => new Lbfgs([x], changeTolerance: -1));
        Range("LineSearch is 7", () => new Lbfgs([x], lineSearch: (LineSearch)7));
        Range("LearningRate is -1", () => new Lbfgs([x], learningRate: -1));
        Assert.Contains(
            "weight decay is 0.1; it must be 0",
            Assert.Throws<InvalidOperationException>(() => new Lbfgs(new LbfgsGroup([x]) { WeightDecay = 0.1 })).Message);

        static void Range(string part, Func<object> make) => Assert.Contains(part, Assert.Throws<ArgumentOutOfRangeException>(make).Message);
    }

    [Fact]
    public void StepsEndWhereTheyShould()
    {
        var x = Tensor.From([-1.2, 1.0]).RequireGradient();
        var few = new Lbfgs([x], maxIterations: 50, maxEvaluations: 6);
        few.Step(() => Rosenbrock(x));
        Assert.InRange(few.Evaluations, 6, 6 + 25);
        Assert.True(few.Iterations < 10);

        var done = Tensor.From([1.0, 1.0]).RequireGradient();
        var idle = new Lbfgs([done]);
        Assert.Equal(0, idle.Step(() => Rosenbrock(done)));
        Assert.Equal((0, 1), (idle.Iterations, idle.Evaluations));
    }

    /// <summary>With a first direction that is too long, x becomes negative: at the last move of a step, in its middle, or in a later step.</summary>
    [Theory]
    [InlineData(LineSearch.None, 1)]
    [InlineData(LineSearch.None, 5)]
    [InlineData(LineSearch.StrongWolfe, 5)]
    public void ALossThatIsNotANumberLeavesThePointBefore(LineSearch search, int iterations)
    {
        var x = Tensor.Scalar(4.0).RequireGradient();
        var lbfgs = new Lbfgs([x], learningRate: 100, maxIterations: iterations, lineSearch: search);
        for (var step = 0; step < 3; step++)
        {
            Assert.Equal(x.Item() - Math.Log(x.Item()) + 1, lbfgs.Step(() => x - x.Log() + 1), 1e-12);
            Assert.InRange(x.Item(), search == LineSearch.None ? 4 : 0.9, 4);
        }
    }

    [Fact]
    public void ASlopeThatIsNotANumberLeavesThePointBefore()
    {
        var x = Tensor.Scalar(1.0).RequireGradient();
        var lbfgs = new Lbfgs([x], learningRate: 1, maxIterations: 5, lineSearch: LineSearch.None);

        // From 1 the first move ends at 0, where the root is 0 and its slope infinite.
        lbfgs.Step(() => x + x.Sqrt() - x.Detach().Sqrt());
        Assert.True(double.IsFinite(x.Item()) && x.Item() > 0);
    }

    private static Tensor Rosenbrock(Tensor x) => (1 - x[0]).Square() + (100 * (x[1] - x[0].Square()).Square());
}
