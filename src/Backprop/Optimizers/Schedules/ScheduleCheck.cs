namespace Backprop.Optimizers;

/// <summary>Checks of schedules' settings; each returns the value.</summary>
internal static class ScheduleCheck
{
    public static int Positive(string schedule, string name, int value) => value >= 1 ? value : throw Error.Range(schedule, name, value, "1 or more");

    public static int NotNegative(string schedule, string name, int value) => value >= 0 ? value : throw Error.Range(schedule, name, value, "0 or more");

    public static double Factor(string schedule, string name, double value) => double.IsFinite(value) && value >= 0
        ? value
        : throw Error.Range(schedule, name, value, "finite and 0 or more");

    public static double PositiveNumber(string schedule, string name, double value) => double.IsFinite(value) && value > 0
        ? value
        : throw Error.Range(schedule, name, value, "finite and above 0");

    public static double Share(string schedule, string name, double value) => value is >= 0 and <= 1
        ? value
        : throw Error.Range(schedule, name, value, "0 … 1");

    public static double Momentum(string schedule, string name, double value) => value is >= 0 and < 1
        ? value
        : throw Error.Range(schedule, name, value, "at least 0 and below 1");
}
