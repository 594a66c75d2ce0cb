using System.Runtime.CompilerServices;

namespace Backprop.Data;

/// <summary>A 28 × 28 canvas on which round pens draw lines, with smooth edges.</summary>
internal sealed class StrokeCanvas
{
    private readonly float[] ink = new float[Mnist.Size * Mnist.Size];

    /// <summary>Wipes the canvas.</summary>
    public void Clear() => Array.Clear(ink);

    /// <summary>Draws a line from one point to another, in pixels; the centre of the first pixel is (0, 0).</summary>
    /// <param name="ax">Begin, x.</param>
    /// <param name="ay">Begin, y.</param>
    /// <param name="bx">End, x.</param>
    /// <param name="by">End, y.</param>
    /// <param name="radius">Half the width of the pen.</param>
    /// <param name="softness">Width of the edge, over which the ink fades from 1 to 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Line(float ax, float ay, float bx, float by, float radius, float softness)
    {
        var reach = radius + (softness / 2);
        var (dx, dy) = (bx - ax, by - ay);
        var lengthSquared = (dx * dx) + (dy * dy);
        var perLength = lengthSquared > 0 ? 1 / lengthSquared : 0;
        var left = Math.Max(0, (int)MathF.Ceiling(Math.Min(ax, bx) - reach));
        var right = Math.Min(Mnist.Size - 1, (int)MathF.Floor(Math.Max(ax, bx) + reach));
        var top = Math.Max(0, (int)MathF.Ceiling(Math.Min(ay, by) - reach));
        var bottom = Math.Min(Mnist.Size - 1, (int)MathF.Floor(Math.Max(ay, by) + reach));
        for (var y = top; y <= bottom; y++)
        {
            for (var x = left; x <= right; x++)
            {
                var (px, py) = (x - ax, y - ay);
                var along = Math.Clamp(((px * dx) + (py * dy)) * perLength, 0, 1);
                var (ox, oy) = (px - (along * dx), py - (along * dy));
                var distanceSquared = (ox * ox) + (oy * oy);
                if (distanceSquared < reach * reach)
                {
                    var cover = Math.Min(1, (reach - MathF.Sqrt(distanceSquared)) / softness);
                    ref var pixel = ref ink[(y * Mnist.Size) + x];
                    pixel = Math.Max(pixel, cover);
                }
            }
        }
    }

    /// <summary>Turns the ink into bytes.</summary>
    /// <param name="destination">28 × 28 bytes.</param>
    /// <param name="strength">The brightest byte, before noise.</param>
    /// <param name="noise">A number in [0, 1) for every pixel.</param>
    /// <param name="grain">How far noise moves a pixel at most.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Develop(Span<byte> destination, float strength, ReadOnlySpan<float> noise, float grain)
    {
        for (var i = 0; i < ink.Length; i++)
        {
            var value = (ink[i] * strength) + (((2 * noise[i]) - 1) * grain);
            destination[i] = (byte)Math.Clamp(value + 0.5f, 0, 255);
        }
    }
}
