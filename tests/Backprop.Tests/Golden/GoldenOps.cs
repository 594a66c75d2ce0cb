namespace Backprop.Tests.Golden;

/// <summary>
/// Which public operation each name of the golden files stands for.
/// </summary>
internal static partial class GoldenOps
{
    private static readonly Dictionary<string, Func<GoldenCall, Tensor[]>> Table = Fill();

    /// <summary>The names that are mapped.</summary>
    public static IReadOnlyCollection<string> Names => Table.Keys;

    public static bool Has(string op) => Table.ContainsKey(op);

    /// <summary>Calls the operation; one result per output of the case.</summary>
    public static Tensor[] Call(string op, GoldenCall call) => Table[op](call);

    private static Dictionary<string, Func<GoldenCall, Tensor[]>> Fill()
    {
        var table = new OpTable();
        AddElementwise(table);
        AddReductions(table);
        AddLinear(table);
        AddShapes(table);
        AddLosses(table);
        AddPooling(table);
        AddNorms(table);
        AddConvolutions(table);
        AddRecurrent(table);
        AddAttention(table);
        return table;
    }

    /// <summary>Entries with one result or several.</summary>
    private sealed class OpTable : Dictionary<string, Func<GoldenCall, Tensor[]>>
    {
        public void One(string op, Func<GoldenCall, Tensor> call) => Add(op, c => [call(c)]);

        public void Several(string op, Func<GoldenCall, Tensor[]> call) => Add(op, call);
    }
}
