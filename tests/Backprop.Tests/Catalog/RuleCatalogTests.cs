namespace Backprop.Tests.Catalog;

/// <summary>No rule without proof: whatever implements a rule interface in the library is in the catalog, once.</summary>
public sealed class RuleCatalogTests
{
    private static readonly Type[] adapters = [typeof(Fixed<>), typeof(BoundRight<>), typeof(BoundLeft<>)];

    [Fact]
    public void EveryRuleHasADomain()
    {
        var inTheCatalog = RuleCatalog.Unary.Select(e => e.Rule).Concat(RuleCatalog.Binary.Select(e => e.Rule)).ToArray();
        Assert.Equal(inTheCatalog.Distinct().Count(), inTheCatalog.Length);
        var missing = Rules().Except(inTheCatalog).Select(rule => rule.FullName);
        Assert.True(!missing.Any(), $"rules without a domain in {nameof(RuleCatalog)}: {string.Join(", ", missing)}");
    }

    [Fact]
    public void NamesAreOfOneKindAndUnique()
    {
        var names = Rules().Select(RuleCatalog.NameOf).ToArray();
        Assert.All(names, name => Assert.Matches("^[a-z][a-z0-9_]*$", name));
        Assert.Equal(names.Length, names.Distinct().Count());
    }

    private static IEnumerable<Type> Rules() => typeof(Tensor).Assembly.GetTypes().Where(type =>
        type.IsValueType && !adapters.Contains(type)
        && (type.IsAssignableTo(typeof(IParametricUnaryRule)) || Implements(type, nameof(IUnaryRule)) || Implements(type, nameof(IBinaryRule))));

    // Interfaces with static abstract members can't be type arguments or typeof'ed with IsAssignableTo in generic code; their names will do.
    private static bool Implements(Type type, string name) => type.GetInterface(name) is not null;
}
