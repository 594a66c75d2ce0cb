namespace Backprop.Benchmarks.Soak;

/// <summary>A histogram of times with buckets one percent wide, from a nanosecond to minutes: its memory does not grow with what it has seen.</summary>
public sealed class StepTimes
{
    private const double Width = 0.01;

    private readonly int[] buckets = new int[2600];

    /// <summary>How many times there are.</summary>
    public int Count { get; private set; }

    /// <summary>The median in seconds, within a percent; NaN where there is none.</summary>
    public double Median
    {
        get
        {
            var left = (Count + 1) / 2;
            for (var index = 0; Count > 0; index++)
            {
                left -= buckets[index];
                if (left <= 0)
                {
                    return 1e-9 * Math.Exp((index + 0.5) * Width);
                }
            }

            return double.NaN;
        }
    }

    /// <summary>Adds a time.</summary>
    public void Add(double seconds)
    {
        buckets[Math.Clamp((int)(Math.Log(seconds * 1e9) / Width), 0, buckets.Length - 1)]++;
        Count++;
    }

    /// <summary>Adds all times of another histogram.</summary>
    public void Add(StepTimes other)
    {
        for (var index = 0; index < buckets.Length; index++)
        {
            buckets[index] += other.buckets[index];
        }

        Count += other.Count;
    }

    /// <summary>Forgets all times.</summary>
    public void Clear()
    {
        Array.Clear(buckets);
        Count = 0;
    }
}
