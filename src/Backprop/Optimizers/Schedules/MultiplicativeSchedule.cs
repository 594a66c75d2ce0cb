namespace Backprop.Optimizers;

/// <summary>The rate is multiplied by any function of the step, at each step: base · f(1) · f(2) · … · f(step).</summary>
/// <example><code>
/// var schedule = new MultiplicativeSchedule(step => 1 / (1 + (0.1 * step))).Attach(optimizer);
/// </code></example>
public sealed class MultiplicativeSchedule : Schedule
{
    private readonly Func<int, double>[] factors;
    private readonly (int Step, double Product)[] products;

    /// <summary>Creates the schedule; <see cref="Schedule.Attach"/> it to an optimizer.</summary>
    /// <param name="factors">
    /// The factor of a step, which counts from 1; finite, 0 or more. One for all groups of the optimizer, or one for each. It should depend on the step
    /// alone, so that a run that is resumed has the same rates.
    /// </param>
    /// <exception cref="ArgumentException">There are none.</exception>
    public MultiplicativeSchedule(params Func<int, double>[] factors)
    {
        this.factors = GroupFunctions.Check("multiplicative_schedule", factors);
        products = new (int, double)[factors.Length];
        Array.Fill(products, (0, 1));
    }

    /// <inheritdoc/>
    protected override double Rate(int step, double baseRate, int group)
    {
        var factor = GroupFunctions.Of("multiplicative_schedule", factors, group);

        // The product so far is kept, and begun again where an earlier step is asked for.
        ref var known = ref products[factors.Length == 1 ? 0 : group];
        var (at, product) = known.Step <= step ? known : (0, 1);
        while (at < step)
        {
            product *= factor(++at);
        }

        known = (at, product);
        return baseRate * product;
    }
}
