namespace Backprop.Inspection;

/// <summary>The named stretch of code that each thread is in, while a profiler is on.</summary>
internal static class Regions
{
    [ThreadStatic]
    private static string? current;

    private static int profilers;

    public static bool IsOn => profilers != 0;

    public static string Current => current ?? "";

    public static void TurnOn() => Interlocked.Increment(ref profilers);

    public static void TurnOff() => Interlocked.Decrement(ref profilers);

    /// <summary>Enters a stretch: a path stands for itself, other names are added to the one around.</summary>
    public static Profiler.Region Enter(string name, bool isPath)
    {
        var outer = current;
        current = isPath || string.IsNullOrEmpty(outer) ? name : $"{outer}/{name}";
        return new Profiler.Region(current, outer);
    }

    public static void Leave(string? outer) => current = outer;
}
