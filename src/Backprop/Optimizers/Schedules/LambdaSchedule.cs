namespace Backprop.Optimizers;

/// <summary>The rate is the base rate times any function of the step.</summary>
/// <example><code>
/// var schedule = new LambdaSchedule(step => Math.Pow(0.95, step)).Attach(optimizer);
/// </code></example>
public sealed class LambdaSchedule : Schedule
{
    private readonly Func<int, double>[] factors;

    /// <summary>Creates the schedule; <see cref="Schedule.Attach"/> it to an optimizer.</summary>
    /// <param name="factors">
    /// The factor at a step, which counts from 0; finite, 0 or more. One for all groups of the optimizer, or one for each. It should depend on the step
    /// alone, so that a run that is resumed has the same rates.
    /// </param>
    /// <exception cref="ArgumentException">There are none.</exception>
    public LambdaSchedule(params Func<int, double>[] factors) => this.factors = GroupFunctions.Check("lambda_schedule", factors);

    /// <inheritdoc/>
    protected override double Rate(int step, double baseRate, int group) => baseRate * GroupFunctions.Of("lambda_schedule", factors, group)(step);
}
