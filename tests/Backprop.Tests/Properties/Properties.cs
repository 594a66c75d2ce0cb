using FsCheck;
using FsCheck.Fluent;

namespace Backprop.Tests.Properties;

/// <summary>Runs properties on the same random cases in every run; a case that fails is shrunk before it is reported.</summary>
internal static class Properties
{
    /// <summary>Fails with the smallest case that was found for which the check throws.</summary>
    public static void Hold<T>(Arbitrary<T> cases, Action<T> check, int count = 200) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(20_26, 11_21), Prop.ForAll(cases, check));
}
