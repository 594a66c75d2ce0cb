using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>What is done to neighbouring lines along the middle index of a contiguous [outer, length, inner] array.</summary>
internal interface ILineBody
{
    /// <summary>Works on <paramref name="width"/> lines, at most <see cref="Lines.Width"/>.</summary>
    /// <param name="offset">Where the first line's first element is.</param>
    /// <param name="line">The first line's number in [outer, inner].</param>
    /// <param name="width">How many lines lie beside each other, one element apart.</param>
    void Run(nint offset, nint line, int width);
}

/// <summary>Shares the lines along the middle index of a contiguous [outer, length, inner] array among the workers; each line is one thread's.</summary>
internal static class Lines
{
    /// <summary>The most lines of one call: several cache lines of elements.</summary>
    public const int Width = 64;

    // Elements of one unit of work.
    private const int Unit = 16 * 1024;

    /// <summary>Visits every line once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<TBody>(TBody body, nint outer, nint length, nint inner, double nanosecondsPerElement)
        where TBody : struct, ILineBody
    {
        if (outer == 0 || inner == 0)
        {
            return;
        }

        var stretches = (inner + Width - 1) / Width;
        var tasks = outer * stretches;
        var perUnit = Math.Max(1, Unit / (Math.Max(length, 1) * Math.Min(inner, Width)));
        var units = (int)((tasks + perUnit - 1) / perUnit);
        Workers.Run(new Body<TBody>(body, length, inner, stretches, tasks, perUnit), units, nanosecondsPerElement * outer * (length + 4) * inner);
    }

    private readonly struct Body<TBody>(TBody body, nint length, nint inner, nint stretches, nint tasks, nint perUnit) : IBlockBody
        where TBody : struct, ILineBody
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var end = Math.Min(tasks, (block + 1) * perUnit);
            for (var task = block * perUnit; task < end; task++)
            {
                var (o, column) = (task / stretches, task % stretches * Width);
                body.Run((o * length * inner) + column, (o * inner) + column, (int)Math.Min(Width, inner - column));
            }
        }
    }
}
