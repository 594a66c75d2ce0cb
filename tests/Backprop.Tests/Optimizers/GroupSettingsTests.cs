using Backprop.Optimizers;

namespace Backprop.Tests.Optimizers;

/// <summary>A state dictionary carries every setting of the groups.</summary>
public class GroupSettingsTests
{
    [Fact]
    public void SettingsOfSgdComeBack()
    {
        var valley = new Valley();
        var saved = new Sgd(
            new SgdGroup([valley.A]) { LearningRate = 0.5, Momentum = 0.8, Nesterov = true, WeightDecay = 0.25 },
            new SgdGroup([valley.B]) { Momentum = 0.7, Dampening = 0.1, Maximize = true });
        var other = new Sgd(new SgdGroup([valley.A]) { Maximize = true }, new SgdGroup([valley.B]) { Momentum = 0.3, Nesterov = true });
        other.LoadStateDictionary(saved.StateDictionary());
        Assert.Equal(Settings(saved), Settings(other));
        Assert.NotEqual(Settings(saved), Settings(new Sgd(new SgdGroup([valley.A]), new SgdGroup([valley.B]))));

        static object[] Settings(Sgd sgd) =>
        [
            .. sgd.Groups.Select(group =>
                (object)(group.LearningRate, group.WeightDecay, group.Momentum, group.Dampening, group.Nesterov, group.Maximize)),
        ];
    }

    [Fact]
    public void SettingsOfAdamComeBack()
    {
        var valley = new Valley();
        var saved = new AdamW([valley.A], 0.5, 0.8, 0.98, 1e-6, 0.125, amsGrad: true, maximize: true);
        var other = new AdamW([valley.A]);
        other.LoadStateDictionary(saved.StateDictionary());
        var group = other.Groups[0];
        Assert.Equal((0.5, 0.8, 0.98, 1e-6, 0.125), (group.LearningRate, group.Beta1, group.Beta2, group.Epsilon, group.WeightDecay));
        Assert.True(group.AmsGrad && group.Maximize);
    }

    [Fact]
    public void SettingsOfAnOwnGroupComeBack()
    {
        var valley = new Valley();
        var saved = new Own(new OwnGroup([valley.A]) { Temperature = 3 });
        Assert.Equal(3, saved.StateDictionary()["groups.0.temperature"].Item<double>());
        var other = new Own(new OwnGroup([valley.A]));
        other.LoadStateDictionary(saved.StateDictionary());
        Assert.Equal(3, other.Groups[0].Temperature);
    }

    [Fact]
    public void WrongSettingsAreRefusedBeforeAnythingChanges()
    {
        var valley = new Valley();
        var sgd = new Sgd(new SgdGroup([valley.A]) { Momentum = 0.9, Nesterov = true }, new SgdGroup([valley.B]) { Momentum = 0.5 });
        valley.Walk(sgd, 2);
        Refused("groups.1.momentum is -1. optimizer: Momentum is -1; it must be finite and 0 or more", ("groups.1.momentum", Tensor.Scalar(-1.0)));
        Refused("groups.1.learning_rate is NaN", ("groups.1.learning_rate", Tensor.Scalar(double.NaN)));
        Refused("the settings of group 1 contradict each other. sgd: Nesterov needs", ("groups.1.nesterov", true), ("groups.1.momentum", Tensor.Scalar(0.0)));
        Refused("'groups.1.dampening' is missing", ("groups.1.dampening", null));
        Refused("it must be one bool", ("groups.1.nesterov", Tensor.Scalar(1.0)));
        Refused("it must be one float64", ("groups.1.momentum", Tensor.Scalar(1f)));
        Refused("'groups.2.momentum' belongs to no state of this Sgd", ("groups.2.momentum", Tensor.Scalar(0.5)));

        void Refused(string part, params (string Key, Tensor? Value)[] spoiled)
        {
            var good = sgd.StateDictionary();
            var bad = new Dictionary<string, Tensor>(good) { ["groups.0.momentum"] = Tensor.Scalar(0.125), ["0.steps"] = Tensor.Scalar(9L) };
            foreach (var (key, value) in spoiled)
            {
                _ = value is null ? bad.Remove(key) : (bad[key] = value) is null;
            }

            Assert.Contains(part, Assert.ThrowsAny<ArgumentException>(() => sgd.LoadStateDictionary(bad)).Message);
            var after = sgd.StateDictionary();
            Assert.Equal(good.Keys, after.Keys);
            Assert.All(good, entry => Assert.Equal(entry.Value.Bytes().ToArray(), after[entry.Key].Bytes().ToArray()));
        }
    }

    [Fact]
    public void ARecycledEntryIsFoundBeforeAnythingChanges()
    {
        var valley = new Valley();
        var adam = new Adam([valley.A], 0.25);
        valley.Walk(adam, 2);
        var state = new Dictionary<string, Tensor>(adam.StateDictionary()) { ["0.steps"] = Tensor.Scalar(9L) };
        using (TensorScope.Begin())
        {
            state["0.second_moment"] = state["0.second_moment"].Clone();
        }

        Assert.Throws<ObjectDisposedException>(() => adam.LoadStateDictionary(state));
        Assert.Equal(2, adam.States[0].Steps);
    }

    [Fact]
    public void ANameGivenTwiceIsRefused()
    {
        var valley = new Valley();
        var error = Assert.Throws<ArgumentException>(() => new Own(new OwnGroup([valley.A]) { Name = "learning_rate" }).StateDictionary());
        Assert.Contains("'groups.0.learning_rate' is named twice", error.Message);
    }

    private sealed class OwnGroup(IEnumerable<Tensor> parameters) : ParameterGroup(parameters)
    {
        public double Temperature { get; set; } = 1;

        public string Name { get; init; } = "temperature";

        protected internal override void Exchange(GroupSettings settings)
        {
            base.Exchange(settings);
            Temperature = settings.Number(Name, Temperature);
        }
    }

    private sealed class Own(params IEnumerable<OwnGroup> groups) : Optimizer<OwnGroup>(groups)
    {
        protected override IReadOnlyList<string> StateNames => [];

        protected override void Update(OwnGroup group, ParameterState state) => Apply(new SignRule(group.LearningRate, group.Temperature), state);
    }
}
