using Backprop.Devices;

namespace Backprop.Tests.Catalog;

/// <summary>All samples, and what runs when they are called.</summary>
internal static class SampleCatalog
{
    private static readonly Lazy<IReadOnlyDictionary<string, Sample>> byName = new(Collect);

    private static readonly Lazy<IReadOnlyList<ICatalogEntry>> entries = new(() =>
        [.. typeof(SampleCatalog).Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(ICatalogEntry)) && !type.IsAbstract)
            .OrderBy(type => type.Name).Select(type => (ICatalogEntry)Activator.CreateInstance(type)!)]);

    /// <summary>Everything that implements <see cref="ICatalogEntry"/>.</summary>
    public static IReadOnlyList<ICatalogEntry> Entries => entries.Value;

    /// <summary>All samples.</summary>
    public static IEnumerable<Sample> All => byName.Value.Values;

    /// <summary>The sample of that name, with inputs of its own.</summary>
    public static Sample Get(string name) => byName.Value[name];

    /// <summary>Names for theories.</summary>
    public static TheoryData<string> Names(Func<Sample, bool> isMeant) => [.. All.Where(isMeant).Select(sample => sample.ToString())];

    /// <summary>The operations that run, in value and gradient, when the sample is called.</summary>
    public static IReadOnlyList<(Type Type, string Name)> Runs(Sample sample)
    {
        var recorder = new Recorder();
        using (Watch.Install(recorder))
        {
            SampleRun.Of(sample);
            if (sample.Order == 2)
            {
                SampleRun.Of(sample, record: true);
            }
        }

        return recorder.Ran;
    }

    private static Dictionary<string, Sample> Collect()
    {
        var samples = new Dictionary<string, Sample>();
        foreach (var sample in Entries.SelectMany(entry => entry.Samples()))
        {
            Assert.True(samples.TryAdd(sample.ToString(), sample), $"two samples are called '{sample}'");
            Assert.True(sample.Order == 2 == (sample.WhyOrder is null), $"{sample}: say in {nameof(Sample.WhyOrder)} why there is no second derivative");
        }

        return samples;
    }

    private sealed class Recorder : Watch
    {
        public List<(Type Type, string Name)> Ran { get; } = [];

        protected override void Computed(Op op, in Operands inputs, Tensor output) => Ran.Add((op.GetType(), op.Name));
    }
}
