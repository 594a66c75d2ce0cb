namespace Backprop;

/// <summary>
/// The endless tape's counter. Every recorded operation takes the next position, so that an output is always later than its inputs.
/// </summary>
internal static class TapeClock
{
    private static long position;
    private static long hazard = -1;

    /// <summary>The last position given out.</summary>
    public static long Now => Volatile.Read(ref position);

    public static long Next() => Interlocked.Increment(ref position);

    /// <summary>
    /// The last position at which something happened that can spoil an earlier stretch: saved elements changed in place, or a stretch was
    /// walked and dropped. Only a walk that reaches back to before it needs to look closer.
    /// </summary>
    public static long Hazard => Volatile.Read(ref hazard);

    public static void NoteHazard() => NoteHazard(Volatile.Read(ref position));

    public static void NoteHazard(long at)
    {
        var seen = Volatile.Read(ref hazard);
        while (seen < at)
        {
            var before = Interlocked.CompareExchange(ref hazard, at, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
