using Backprop.Devices;
using Backprop.Inspection;

namespace Backprop;

/// <summary>
/// Measures the operations that this thread runs while it is on, forward and backward: calls, time, bytes, floating point operations, by operation and by
/// module. When none is on, an operation pays for reading one field.
/// </summary>
/// <remarks>
/// <para>
/// A row is an operation in one direction. The time of a gradient is that of its whole rule, with the operations which the
/// rule is made of; a checkpoint's recomputation is its gradient. Optimizer steps and code between operations are
/// not in the rows; they are what is missing in <see cref="Busy"/> against <see cref="Elapsed"/>.
/// </para>
/// <para>
/// Floating point operations are counted from the shapes, multiplication and addition as two; those of a gradient as many as its operation's for
/// each input that needs one. Bytes are those of the operands and the result, each once.
/// </para>
/// </remarks>
/// <example><code>
/// using var profiler = Profiler.Begin();
/// for (var step = 0; step &lt; 20; step++) TrainStep();
/// Console.WriteLine(profiler.ToTable());
/// profiler.SaveTrace("trace.json");        // open in chrome://tracing or ui.perfetto.dev
/// </code></example>
public sealed class Profiler : IDisposable
{
    private readonly ProfilerWatch watch = new();
    private readonly Watch.Token token;
    private bool hasEnded;

    private Profiler()
    {
        token = Watch.Install(watch);
        Regions.TurnOn();
        watch.Start();
    }

    /// <summary>Whether a profiler is on, on some thread.</summary>
    public static bool IsOn => Regions.IsOn;

    /// <summary>Time since the profiler began, until it ended.</summary>
    public TimeSpan Elapsed => watch.Elapsed;

    /// <summary>Time spent in operations and gradients.</summary>
    public TimeSpan Busy => watch.Busy;

    /// <summary>Begins to measure the operations of this thread.</summary>
    /// <returns>The profiler; dispose it on the same thread, or end it with <see cref="Dispose"/> and read it later.</returns>
    public static Profiler Begin() => new();

    /// <summary>
    /// Names a stretch of code in profiles, until the result is disposed. Layers do it by themselves; for your own modules and for other code.
    /// </summary>
    /// <param name="name">The name; a stretch inside another one is named after both.</param>
    /// <param name="isPath">Whether the name is a path that stands for itself, whatever is around, as those of modules are.</param>
    /// <returns>Dispose it on the same thread.</returns>
    public static Region Enter(string name, bool isPath = false)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Regions.IsOn ? Regions.Enter(name, isPath) : default;
    }

    /// <summary>Ends the measurement. The figures remain.</summary>
    /// <exception cref="InvalidOperationException">This is another thread than the one that began it; it goes on.</exception>
    public void Dispose()
    {
        if (!hasEnded)
        {
            token.Dispose();
            hasEnded = true;
            Regions.TurnOff();
            watch.Stop();
        }
    }

    /// <summary>A row for each operation and direction, the most time first.</summary>
    public IReadOnlyList<ProfilerRow> ByOperation() => watch.ByOperation();

    /// <summary>A row for each module (or stretch) and direction, the most time first. Code outside of modules has an empty name.</summary>
    public IReadOnlyList<ProfilerRow> ByModule() => watch.ByModule();

    /// <summary>Both lists as text: calls, time, share of the time in operations, bytes, GFLOP/s.</summary>
    public string ToTable() => ProfilerTable.Write(this);

    /// <inheritdoc cref="ToTable"/>
    public override string ToString() => ToTable();

    /// <summary>
    /// Writes every single call to a file in the trace event format, which chrome://tracing, ui.perfetto.dev and speedscope.app open. An existing file
    /// is replaced once the new one is complete.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">The file can't be written.</exception>
    public void SaveTrace(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        TraceFile.Write(path, watch.Calls);
    }

    /// <summary>A named stretch of code; it ends when disposed.</summary>
    public readonly struct Region : IDisposable, IEquatable<Region>
    {
        private readonly string? name;
        private readonly string? outer;

        internal Region(string name, string? outer)
        {
            this.name = name;
            this.outer = outer;
        }

        /// <summary>Ends the stretch.</summary>
        public void Dispose()
        {
            if (name is not null)
            {
                Regions.Leave(outer);
            }
        }

        /// <inheritdoc/>
        public bool Equals(Region other) => name == other.name && outer == other.outer;

        /// <inheritdoc/>
        public override bool Equals(object? obj) => obj is Region other && Equals(other);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(name, outer);

        /// <summary>Equality of names.</summary>
        public static bool operator ==(Region left, Region right) => left.Equals(right);

        /// <summary>Inequality of names.</summary>
        public static bool operator !=(Region left, Region right) => !left.Equals(right);
    }
}

/// <summary>Figures of one operation or module, in one direction.</summary>
/// <param name="Name">The operation or module; "(none)" for what was computed outside of modules.</param>
/// <param name="IsBackward">Whether these are its gradients.</param>
/// <param name="Calls">How often.</param>
/// <param name="Time">In sum.</param>
/// <param name="Bytes">Of operands and results.</param>
/// <param name="Flops">Floating point operations; NaN where one couldn't be counted.</param>
public sealed record ProfilerRow(string Name, bool IsBackward, long Calls, TimeSpan Time, long Bytes, double Flops)
{
    /// <summary>Billions of floating point operations a second.</summary>
    public double GigaflopsPerSecond => Time.Ticks == 0 ? double.NaN : Flops / Time.TotalSeconds / 1e9;
}
