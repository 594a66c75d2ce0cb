using Backprop.Optimizers;

namespace Backprop.Tests.Optimizers;

public class OptimizerTests
{
    public static TheoryData<string> All => new(
        "sgd", "momentum", "nesterov", "adam", "amsgrad", "adamw", "rmsprop", "rmsprop_centered", "rmsprop_momentum", "rmsprop_both", "adagrad", "adadelta",
        "adamax", "nadam", "radam", "rprop", "asgd", "sign");

    [Fact]
    public void AnOwnOptimizerIsARuleAndAClass()
    {
        var valley = new Valley();
        valley.Walk(new SignSgd([valley.A, valley.B], 0.01, 0.5), 5);

        var p = Valley.Start;
        var m = new double[6];
        for (var step = 0; step < 5; step++)
        {
            var slope = Valley.Slope(p);
            for (var i = 0; i < 6; i++)
            {
                m[i] = (0.5 * m[i]) + (0.5 * slope[i]);
                p[i] -= 0.01 * Math.Sign(m[i]);
            }
        }

        Assert.All(p.Zip(valley.Point), pair => Assert.Equal(pair.First, pair.Second, 1e-14));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void ParametersWithoutAGradientStayAndDoNotCountTheStep(string kind)
    {
        var (moved, kept) = (Tensor.Ones([3]).RequireGradient(), Tensor.Ones([3]).RequireGradient());
        var optimizer = Create(kind, [moved, kept], 0.1);
        moved.Gradient = Tensor.Ones([3]);
        optimizer.Step();
        Assert.NotEqual(1, moved.ToArray<float>()[0]);
        Assert.Equal([1, 1, 1], kept.ToArray<float>());
        Assert.Equal([1, 0], optimizer.States.Select(state => state.Steps));
        Assert.Empty(optimizer.States[1].Names);

        optimizer.ZeroGradients();
        Assert.Null(moved.Gradient);
        var before = moved.ToArray<float>();
        optimizer.Step();
        Assert.Equal(before, moved.ToArray<float>());
    }

    [Theory]
    [MemberData(nameof(All))]
    public void GoesOnFromAStateDictionaryAsIfNothingHadHappened(string kind)
    {
        var (whole, first, second) = (new Valley(), new Valley(), new Valley());
        whole.Walk(Create(kind, [whole.A, whole.B], 0.003), 12);

        var begun = Create(kind, [first.A, first.B], 0.003);
        first.Walk(begun, 5);
        var state = begun.StateDictionary();
        first.Walk(begun, 1);   // the dictionary is a copy: this must not reach it
        var resumed = Create(kind, [second.A, second.B], 0.5);
        new Valley().Walk(resumed, 1);
        resumed.LoadStateDictionary(state);
        var replayed = new Valley();
        replayed.Walk(Create(kind, [replayed.A, replayed.B], 0.003), 5);
        second.A.Detach().CopyFrom(replayed.A.Detach());
        second.B.Detach().CopyFrom(replayed.B.Detach());
        second.Walk(resumed, 7);

        Assert.Equal(whole.Point, second.Point);
        Assert.Equal(begun.LearningRate, resumed.LearningRate);
    }

    [Fact]
    public void StateDictionaryHasReadableNames()
    {
        var valley = new Valley();
        var adam = new Adam(new AdamGroup([valley.A]) { LearningRate = 0.25 }, new AdamGroup([valley.B]));
        string[] settings = ["amsgrad", "beta1", "beta2", "epsilon", "learning_rate", "maximize", "weight_decay"];
        string[] groups = [.. settings.Select(name => $"groups.0.{name}"), .. settings.Select(name => $"groups.1.{name}")];
        Assert.Equal(["0.steps", "1.steps", .. groups], adam.StateDictionary().Keys.Order(StringComparer.Ordinal));
        valley.Walk(adam, 3);
        var state = adam.StateDictionary();
        Assert.Equal(
            [
                "0.first_moment", "0.second_moment", "0.steps", "1.first_moment", "1.second_moment", "1.steps", .. groups,
            ],
            state.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(3, state["1.steps"].Item<long>());
        Assert.Equal(0.25, state["groups.0.learning_rate"].Item<double>());
        Assert.Equal(adam.States[0].Find("first_moment")!.ToArray<double>(), state["0.first_moment"].ToArray<double>());
    }

    [Fact]
    public void WrongStateDictionariesAreRefusedBeforeAnythingChanges()
    {
        var valley = new Valley();
        var adam = new Adam([valley.A, valley.B]);
        valley.Walk(adam, 2);
        void Refused(string part, Action<Dictionary<string, Tensor>> spoil)
        {
            var good = adam.StateDictionary();
            var bad = new Dictionary<string, Tensor>(good) { ["groups.0.learning_rate"] = Tensor.Scalar(7.0), ["0.steps"] = Tensor.Scalar(9L) };
            spoil(bad);
            Assert.Contains(part, Assert.ThrowsAny<ArgumentException>(() => adam.LoadStateDictionary(bad)).Message);
            var after = adam.StateDictionary();
            Assert.Equal(good.Keys, after.Keys);
            Assert.All(good, entry => Assert.Equal(entry.Value.Bytes().ToArray(), after[entry.Key].Bytes().ToArray()));
        }

        Refused("'1.steps' is missing", state => state.Remove("1.steps"));
        Refused("'groups.0.learning_rate' is missing", state => state.Remove("groups.0.learning_rate"));
        Refused("'1.momentum' belongs to no state of this Adam", state => state["1.momentum"] = Tensor.Zeros([2], DType.Float64));
        Refused("'2.steps' belongs to no state", state => state["2.steps"] = Tensor.Scalar(1L));
        Refused("parameter 1 needs float64 [2]", state => state["1.first_moment"] = Tensor.Zeros([3], DType.Float64));
        Refused("is float32 [2]; parameter 1 needs float64 [2]", state => state["1.first_moment"] = Tensor.Zeros([2]));
        Refused("it must be one int64", state => state["1.steps"] = Tensor.Scalar(1.0));
        Refused("1.steps is -1", state => state["1.steps"] = Tensor.Scalar(-1L));
        Refused("learning_rate is NaN", state => state["groups.0.learning_rate"] = Tensor.Scalar(double.NaN));
    }

    [Fact]
    public void ParametersThatCannotBeTrainedAreRefused()
    {
        var leaf = Tensor.Ones([2, 3]).RequireGradient();
        leaf.Name = "weight";
        Refused("there are no parameters", []);
        Refused("parameter 1, 'weight', float32 [2, 3], appears twice", [leaf, leaf]);
        Refused("parameter 1, float32 [4], requires no gradient", [leaf, Tensor.Ones([4])]);
        Refused("is the result of a recorded operation", [leaf * 2]);
        Refused("expanded view", [Tensor.Ones([1, 3]).Expand([2, 3]).RequireGradient()]);
        Refused("parameter 0 is null", [null!]);
        Assert.Contains(
            "is in two groups",
            Assert.Throws<ArgumentException>(() => new Sgd(new SgdGroup([leaf]), new SgdGroup([leaf]))).Message);
        Assert.Contains("no parameter groups", Assert.Throws<ArgumentException>(() => new Sgd(Array.Empty<SgdGroup>())).Message);
        Assert.StartsWith("optimizer: there are no parameters", Assert.Throws<ArgumentException>(() => new Adam([])).Message);
        Assert.Throws<ArgumentNullException>(() => new Sgd((IEnumerable<Tensor>)null!, 0.1));

        void Refused(string part, Tensor[] parameters) =>
            Assert.Contains(part, Assert.Throws<ArgumentException>(() => new Sgd(parameters, 0.1)).Message);
    }

    [Fact]
    public void ASecondGroupMayJoinLater()
    {
        var valley = new Valley();
        var adam = new Adam([valley.A], 0.1);
        valley.Walk(adam, 2);
        adam.Add(new AdamGroup([valley.B]) { LearningRate = 0.01 });
        valley.Walk(adam, 2);
        Assert.Equal([4, 2], adam.States.Select(state => state.Steps));
        Assert.Throws<ArgumentException>(() => adam.Add(new AdamGroup([valley.B])));
        Assert.Equal(2, adam.Groups.Count);
        adam.LearningRate = 0.5;
        Assert.Equal([0.5, 0.5], adam.Groups.Select(group => group.LearningRate));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void StateOutlivesTheScopeOfTheStep(string kind)
    {
        var (inside, outside) = (new Valley(), new Valley());
        inside.Walk(Create(kind, [inside.A, inside.B], 0.003), 4);   // walks in scopes
        var optimizer = Create(kind, [outside.A, outside.B], 0.003);
        for (var step = 0; step < 4; step++)
        {
            optimizer.ZeroGradients();
            outside.Height().Backward();
            optimizer.Step();
        }

        Assert.Equal(outside.Point, inside.Point);
    }

    [Fact]
    public void AWalkOverWhatWasRecordedBeforeAStepThrows()
    {
        var valley = new Valley();
        var sgd = new Sgd([valley.A, valley.B], 0.01);
        var stale = valley.Height();
        valley.Walk(sgd, 1);
        var message = Assert.Throws<InvalidOperationException>(() => stale.Backward()).Message;
        Assert.Contains("was changed in place by 'sgd'", message);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void ReducesALossInFloat32(string kind)
    {
        var x = Tensor.Normal([64, 5], generator: new Generator(1));
        var truth = Tensor.Normal([5, 1], generator: new Generator(2));
        var weight = Tensor.Zeros([5, 1]).RequireGradient();
        var y = x.MatMul(truth);
        var optimizer = Create(kind, [weight], 0.01);
        var (first, last) = (0f, 0f);
        for (var step = 0; step < 200; step++)
        {
            using var scope = TensorScope.Begin();
            var loss = (x.MatMul(weight) - y).Square().Mean();
            optimizer.ZeroGradients();
            loss.Backward();
            optimizer.Step();
            last = loss.Item<float>();
            first = step == 0 ? last : first;
        }

        Assert.True(last < 0.3 * first, $"{kind}: {first} → {last}");
    }

    internal static Optimizer Create(string kind, Tensor[] parameters, double rate) => kind switch
    {
        "sgd" => new Sgd(parameters, rate, weightDecay: 0.01),
        "momentum" => new Sgd(parameters, rate, momentum: 0.9, dampening: 0.2),
        "adam" => new Adam(parameters, rate),
        "amsgrad" => new Adam(parameters, rate, amsGrad: true),
        "adamw" => new AdamW(parameters, rate),
        "nesterov" => new Sgd(parameters, rate, momentum: 0.9, nesterov: true),
        "rmsprop" => new RmsProp(parameters, rate, weightDecay: 0.01),
        "rmsprop_centered" => new RmsProp(parameters, rate, centered: true),
        "rmsprop_momentum" => new RmsProp(parameters, rate, momentum: 0.5),
        "rmsprop_both" => new RmsProp(parameters, rate, momentum: 0.5, centered: true),
        "adagrad" => new Adagrad(parameters, 5 * rate, learningRateDecay: 1e-3, initialAccumulator: 0.1),
        "adadelta" => new Adadelta(parameters, 100 * rate, epsilon: 1e-3),
        "adamax" => new Adamax(parameters, rate),
        "nadam" => new NAdam(parameters, rate),
        "radam" => new RAdam(parameters, 3 * rate),
        "rprop" => new Rprop(parameters, rate),
        "asgd" => new Asgd(parameters, rate, start: 3),
        "sign" => new SignSgd(parameters, rate),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such optimizer"),
    };
}
