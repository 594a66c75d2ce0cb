using System.Text.RegularExpressions;

namespace Backprop.Tests.Catalog;

/// <summary>No operation without proof: whatever the library can compute has a sample, which <see cref="SampleTests"/> and its siblings try.</summary>
public sealed partial class CompletenessTests
{
    [Fact]
    public void SamplesRunEveryOperation()
    {
        var ran = OperationTypes.Runs.SelectMany(run => run.Ran.Select(op => op.Type)).ToHashSet();
        var missing = OperationTypes.All.Where(type => !ran.Contains(type) && !IsExempt(type)).Select(type => type.Name);
        None(missing, "operations that no sample runs");
    }

    /// <summary>Or, where an operation is told its name, a sample of one of its names.</summary>
    [Fact]
    public void EveryOperationHasASampleOfItsName()
    {
        var named = SampleCatalog.All.Select(sample => sample.Operation).ToHashSet();
        var missing = OperationTypes.Names.Concat(OperationTypes.Comparisons).Except(named).Except(Exemptions.Operations.Keys);
        var told = OperationTypes.Runs.SelectMany(run => run.Ran).Distinct().GroupBy(op => op.Type)
            .Where(names => !names.Any(op => named.Contains(op.Name))).Select(names => names.First().Name);
        None(missing.Union(told), "operations without a sample of their name");
    }

    /// <summary>Every overload, so that none is a short cut to something else than what the samples try.</summary>
    [Fact]
    public void SamplesCallEveryPublicFunction()
    {
        var called = CallScan.From(SampleCatalog.Entries.Select(entry => entry.GetType()));
        var missing = PublicFunctions.All
            .Where(method => !called.Contains(method) && !PublicFunctions.IsRule(method) && !PublicFunctions.KeysOf(method).Any(Exemptions.Functions.ContainsKey))
            .Select(method => $"{method.DeclaringType!.Name}: {method}");
        None(missing, "public functions that no sample calls");
    }

    [Fact]
    public void EverythingThatComputesIsTriedOnThreads()
    {
        var tried = OperationTypes.Runs.Where(run => run.Sample.Large is not null).SelectMany(run => run.Ran.Select(op => op.Type)).ToHashSet();
        var missing = OperationTypes.All.Where(type => !OperationTypes.IsView(type) && !tried.Contains(type) && !IsExempt(type)).Select(type => type.Name);
        None(missing, "operations without a sample that has Large inputs");
    }

    /// <summary>What is put together from others too; for the operations themselves see <see cref="RefusalTests"/>.</summary>
    [Fact]
    public void EveryFunctionRefusesSomething()
    {
        var refusing = ErrorCases.All().Select(wrong => wrong.Operation).ToHashSet();
        var missing = SampleCatalog.All.Select(sample => sample.Operation).Distinct()
            .Where(name => !refusing.Contains(name) && !RuleCatalog.Names.Contains(name) && !RefusalTests.Accepting.ContainsKey(name)
                && !Exemptions.Accepting.ContainsKey(name)
                && !(Exemptions.SpeakAs.TryGetValue(name, out var other) && refusing.Contains(other)));
        None(missing, "operations and functions without an error case");
        Assert.Empty(Exemptions.SpeakAs.Keys.Concat(Exemptions.Accepting.Keys).Intersect(refusing));
        Assert.Empty(Exemptions.SpeakAs.Keys.Concat(Exemptions.Accepting.Keys).Except(SampleCatalog.All.Select(sample => sample.Operation)));
    }

    [Fact]
    public void ExemptionsAreNeededAndNameTestsThatExist()
    {
        var ran = OperationTypes.Runs.SelectMany(run => run.Ran.Select(op => op.Name)).ToHashSet();
        Assert.DoesNotContain(Exemptions.Operations.Keys, name => ran.Contains(name) || !OperationTypes.Names.Contains(name));

        var called = CallScan.From(SampleCatalog.Entries.Select(entry => entry.GetType()));
        var needed = PublicFunctions.All.Where(method => !called.Contains(method)).SelectMany(PublicFunctions.KeysOf).ToHashSet();
        None(Exemptions.Functions.Keys.Where(key => !needed.Contains(key)), "functions that need no exemption");

        var tests = typeof(CompletenessTests).Assembly.GetTypes().Select(type => type.Name).ToHashSet();
        var reasons = Exemptions.Operations.Values.Concat(Exemptions.Functions.Values);
        None(reasons.SelectMany(reason => TestClass().Matches(reason)).Select(match => match.Value).Where(name => !tests.Contains(name)), "no such tests");
    }

    [Fact]
    public void CallsAreFoundInLambdasAndHelpers()
    {
        var called = CallScan.From([typeof(Callers)]);
        Assert.Contains(typeof(Tensor).GetMethod(nameof(Tensor.Exp), [])!, called);
        Assert.Contains(typeof(Tensor).GetMethod(nameof(Tensor.Log), [])!, called);
        Assert.DoesNotContain(typeof(Tensor).GetMethod(nameof(Tensor.Sqrt), [])!, called);
    }

    private static bool IsExempt(Type type) => !type.ContainsGenericParameters && OperationTypes.NamesOf(type).All(name => name is not null && Exemptions.Operations.ContainsKey(name));

    private static void None(IEnumerable<string> names, string what)
    {
        var list = string.Join('\n', names);
        Assert.True(list.Length == 0, $"{what}:\n{list}");
    }

    [GeneratedRegex(@"\w+Tests\b")]
    private static partial Regex TestClass();

    private static class Callers
    {
        public static readonly Func<Tensor, Tensor> Lambda = x => Helper.Apply(x.Exp());
    }

    private static class Helper
    {
        public static Tensor Apply(Tensor x) => x.Log();

        public static Tensor Other(Tensor x) => x.Sqrt();
    }
}
