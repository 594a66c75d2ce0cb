using Backprop.Layers;

namespace Backprop.Tests.Layers.Attention;

/// <summary>Comparisons of this folder's tests.</summary>
internal static class Near
{
    public static void Equal(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        Assert.All(expected.ToArray<double>().Zip(actual.ToArray<double>()), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }

    /// <summary>The call is refused; the message begins with the first word and contains the others.</summary>
    public static void Says<TException>(Action call, params string[] words)
        where TException : Exception
    {
        var thrown = Assert.Throws<TException>(call);
        Assert.StartsWith(words[0], thrown.Message);
        Assert.All(words, word => Assert.Contains(word, thrown.Message));
    }

    public static string Names(Module module) => string.Join(
        "; ", module.NamedParameters().Select(entry => $"{entry.Name} [{string.Join(", ", entry.Parameter.Shape.ToArray())}]"));
}
