using System.Runtime.CompilerServices;

namespace Backprop.Data;

/// <summary>
/// Draws handwritten-looking digits, in the form of MNIST: 28 × 28 pixels, white on black, ten classes. They stand in where
/// neither the data nor a network is at hand, and in tests. They are far more alike than real handwriting: accuracies
/// reached on them say nothing about MNIST.
/// </summary>
/// <remarks>
/// A digit is written in one of several styles as pen strokes. The strokes are bent by a smooth random displacement field
/// (after Simard, Steinkraus, Platt: "Best practices for convolutional neural networks applied to visual document analysis",
/// 2003; here a cubic B-spline with random coefficients that moves the points of the strokes), then scaled, sheared,
/// rotated, centred by mass and shifted a little, and drawn with a round pen of random width, with smooth edges and noise.
/// </remarks>
public static class SyntheticDigits
{
    private const int FieldSize = 7;
    private const int FieldDraws = 2 * FieldSize * FieldSize;
    private const int ShapeDraws = FieldDraws + 32;
    private const int Draws = ShapeDraws + (Mnist.Size * Mnist.Size);
    private const int MostPoints = 128;

    /// <summary>Draws digits: as many of every class as the count allows, in random order.</summary>
    /// <param name="count">How many images; at least 0.</param>
    /// <param name="seed">The same seed gives the same images.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative or exceeds the largest array.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static LabeledImages Generate(int count, ulong seed)
    {
        const int Pixels = Mnist.Size * Mnist.Size;
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Array.MaxLength / Pixels);
        var generator = new Generator(seed);
        var order = generator.Permutation(count);
        var pixels = new byte[count * Pixels];
        var labels = new byte[count];
        var canvas = new StrokeCanvas();
        var draws = new float[Draws];
        for (var i = 0; i < count; i++)
        {
            var label = order[i] % Mnist.Classes;
            generator.FillUniform(draws);
            Draw(label, draws, canvas, pixels.AsSpan(i * Pixels, Pixels));
            labels[i] = (byte)label;
        }

        return new LabeledImages(pixels, labels, Mnist.Size, Mnist.Size, $"synthetic digits (seed {seed})");
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Draw(int digit, ReadOnlySpan<float> draws, StrokeCanvas canvas, Span<byte> destination)
    {
        var field = draws[..FieldDraws];
        var shape = new Choices(draws[FieldDraws..ShapeDraws]);
        var noise = draws[ShapeDraws..];

        var styles = DigitStrokes.Styles[digit];
        var strokes = styles[(int)(shape.Next() * styles.Length)];
        var bend = shape.Between(0.08f, 0.3f);
        var height = shape.Between(16.5f, 21.5f);
        var width = height * shape.Between(0.65f, 1f);
        var shear = shape.Bell(0.22f);
        var turn = Math.SinCos(shape.Bell(0.18f));
        var (sine, cosine) = ((float)turn.Sin, (float)turn.Cos);
        var radius = shape.Between(0.7f, 1.7f);
        var softness = shape.Between(0.9f, 1.6f);
        var strength = shape.Between(215, 265);
        var grain = shape.Between(0, 24);

        Span<float> points = stackalloc float[2 * MostPoints];
        var used = 0;
        var (mass, massX, massY) = (0f, 0f, 0f);
        foreach (var stroke in strokes)
        {
            for (var i = 0; i < stroke.Length; i += 2, used += 2)
            {
                var (x, y) = (stroke[i], stroke[i + 1]);
                var (bentX, bentY) = Displacement(field, x, y);
                x = (x - 0.5f + (bend * bentX)) * width;
                y = (y - 0.5f + (bend * bentY)) * height;
                x -= shear * y;
                (x, y) = ((cosine * x) - (sine * y), (sine * x) + (cosine * y));
                (points[used], points[used + 1]) = (x, y);
                if (i > 0)
                {
                    var (beforeX, beforeY) = (points[used - 2], points[used - 1]);
                    var length = MathF.Sqrt(((x - beforeX) * (x - beforeX)) + ((y - beforeY) * (y - beforeY)));
                    mass += length;
                    massX += length * (x + beforeX) / 2;
                    massY += length * (y + beforeY) / 2;
                }
            }
        }

        const float Centre = (Mnist.Size - 1) / 2f;
        var shiftX = Centre - (massX / mass) + shape.Bell(0.7f);
        var shiftY = Centre - (massY / mass) + shape.Bell(0.7f);
        canvas.Clear();
        var first = 0;
        foreach (var stroke in strokes)
        {
            for (var i = first; i < first + stroke.Length - 2; i += 2)
            {
                canvas.Line(
                    points[i] + shiftX, points[i + 1] + shiftY, points[i + 2] + shiftX, points[i + 3] + shiftY, radius, softness);
            }

            first += stroke.Length;
        }

        canvas.Develop(destination, strength, noise, grain);
    }

    /// <summary>
    /// The field at a point near the unit square, about ±1: a uniform cubic B-spline over 7 × 7 random coefficients.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (float X, float Y) Displacement(ReadOnlySpan<float> field, float x, float y)
    {
        const int Cells = FieldSize - 3;
        Span<float> weightsX = stackalloc float[4];
        Span<float> weightsY = stackalloc float[4];
        var column = Weights(x * Cells, weightsX);
        var row = Weights(y * Cells, weightsY);
        var (sumX, sumY) = (0f, 0f);
        for (var j = 0; j < 4; j++)
        {
            for (var i = 0; i < 4; i++)
            {
                var weight = weightsX[i] * weightsY[j];
                var at = 2 * (((row + j) * FieldSize) + column + i);
                sumX += weight * ((2 * field[at]) - 1);
                sumY += weight * ((2 * field[at + 1]) - 1);
            }
        }

        return (sumX, sumY);

        static int Weights(float position, Span<float> weights)
        {
            var cell = Math.Clamp((int)position, 0, Cells - 1);
            var t = Math.Clamp(position - cell, 0, 1);
            var rest = 1 - t;
            weights[0] = rest * rest * rest / 6;
            weights[1] = ((((3 * t) - 6) * t * t) + 4) / 6;
            weights[2] = ((((3 * rest) - 6) * rest * rest) + 4) / 6;
            weights[3] = t * t * t / 6;
            return cell;
        }
    }

    /// <summary>Takes random numbers one after the other.</summary>
    private ref struct Choices(ReadOnlySpan<float> draws)
    {
        private readonly ReadOnlySpan<float> draws = draws;
        private int next;

        public float Next() => draws[next++];

        public float Between(float low, float high) => low + (Next() * (high - low));

        /// <summary>Nearly normal with mean 0: the sum of three uniform numbers, so never beyond three deviations.</summary>
        public float Bell(float deviation) => ((Next() + Next() + Next()) - 1.5f) * 2 * deviation;
    }
}
