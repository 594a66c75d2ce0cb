namespace Backprop.Data;

/// <summary>
/// How the ten digits are written: several styles each, as pen strokes in a unit square (x to the right, y down). A stroke
/// is a chain of points close enough together to bend smoothly when they are moved.
/// </summary>
internal static class DigitStrokes
{
    /// <summary>The styles of every digit.</summary>
    public static readonly float[][][][] Styles =
    [
        [
            [Arc(0.5f, 0.5f, 0.34f, 0.48f, -80, 285)],
            [Arc(0.5f, 0.5f, 0.24f, 0.48f, -100, 262)],
            [
                Curve(
                    0.62f, 0.08f, 0.4f, 0.03f, 0.2f, 0.3f, 0.18f, 0.66f, 0.36f, 0.96f,
                    0.64f, 0.92f, 0.8f, 0.6f, 0.76f, 0.22f, 0.5f, 0.05f),
            ],
        ],
        [
            [Line(0.5f, 0.02f, 0.5f, 0.98f)],
            [Line(0.28f, 0.24f, 0.53f, 0.02f, 0.53f, 0.98f)],
            [Line(0.32f, 0.22f, 0.52f, 0.03f, 0.52f, 0.97f), Line(0.28f, 0.97f, 0.76f, 0.97f)],
        ],
        [
            [
                Curve(0.18f, 0.25f, 0.3f, 0.08f, 0.55f, 0.03f, 0.76f, 0.2f, 0.68f, 0.45f, 0.42f, 0.72f, 0.15f, 0.96f),
                Line(0.15f, 0.96f, 0.86f, 0.96f),
            ],
            [
                Curve(
                    0.2f, 0.22f, 0.45f, 0.03f, 0.74f, 0.16f, 0.7f, 0.45f, 0.42f, 0.78f,
                    0.22f, 0.95f, 0.13f, 0.84f, 0.3f, 0.77f, 0.56f, 0.92f, 0.88f, 0.9f),
            ],
            [Curve(0.2f, 0.12f, 0.5f, 0.04f, 0.72f, 0.2f, 0.6f, 0.5f, 0.2f, 0.92f), Curve(0.2f, 0.92f, 0.5f, 0.87f, 0.86f, 0.96f)],
        ],
        [
            [
                Curve(0.2f, 0.13f, 0.5f, 0.02f, 0.75f, 0.16f, 0.68f, 0.38f, 0.4f, 0.48f),
                Curve(0.4f, 0.48f, 0.73f, 0.56f, 0.8f, 0.78f, 0.55f, 0.97f, 0.18f, 0.88f),
            ],
            [
                Line(0.2f, 0.05f, 0.77f, 0.05f, 0.45f, 0.42f),
                Curve(0.45f, 0.42f, 0.76f, 0.54f, 0.78f, 0.8f, 0.5f, 0.98f, 0.18f, 0.88f),
            ],
            [
                Curve(0.24f, 0.08f, 0.58f, 0.03f, 0.72f, 0.22f, 0.5f, 0.45f),
                Curve(0.5f, 0.45f, 0.8f, 0.6f, 0.66f, 0.9f, 0.2f, 0.97f),
            ],
        ],
        [
            [Line(0.25f, 0.05f, 0.16f, 0.57f, 0.86f, 0.57f), Line(0.68f, 0.12f, 0.62f, 0.98f)],
            [Line(0.62f, 0.98f, 0.62f, 0.03f, 0.12f, 0.66f, 0.9f, 0.66f)],
            [Curve(0.2f, 0.05f, 0.17f, 0.33f, 0.32f, 0.52f, 0.68f, 0.48f), Line(0.74f, 0.03f, 0.66f, 0.98f)],
        ],
        [
            [
                Line(0.78f, 0.05f, 0.32f, 0.05f, 0.26f, 0.44f),
                Curve(0.26f, 0.44f, 0.56f, 0.37f, 0.8f, 0.56f, 0.74f, 0.84f, 0.48f, 0.98f, 0.18f, 0.88f),
            ],
            [Curve(0.8f, 0.06f, 0.45f, 0.05f, 0.28f, 0.22f, 0.36f, 0.42f, 0.66f, 0.54f, 0.74f, 0.76f, 0.52f, 0.96f, 0.2f, 0.9f)],
            [
                Curve(0.3f, 0.08f, 0.26f, 0.46f, 0.52f, 0.42f, 0.74f, 0.58f, 0.68f, 0.86f, 0.42f, 0.98f, 0.2f, 0.9f),
                Line(0.3f, 0.07f, 0.82f, 0.03f),
            ],
        ],
        [
            [
                Curve(
                    0.7f, 0.05f, 0.42f, 0.16f, 0.22f, 0.46f, 0.2f, 0.76f, 0.42f, 0.97f,
                    0.7f, 0.88f, 0.78f, 0.68f, 0.6f, 0.53f, 0.36f, 0.58f, 0.22f, 0.76f),
            ],
            [
                Curve(
                    0.54f, 0.02f, 0.32f, 0.38f, 0.22f, 0.72f, 0.32f, 0.93f, 0.56f, 0.97f,
                    0.75f, 0.82f, 0.68f, 0.62f, 0.46f, 0.57f, 0.26f, 0.7f),
            ],
            [
                Curve(
                    0.3f, 0.02f, 0.2f, 0.35f, 0.2f, 0.7f, 0.34f, 0.95f, 0.6f, 0.95f,
                    0.7f, 0.76f, 0.55f, 0.62f, 0.3f, 0.68f, 0.22f, 0.82f),
            ],
        ],
        [
            [Line(0.14f, 0.06f, 0.84f, 0.06f, 0.42f, 0.98f)],
            [Line(0.14f, 0.06f, 0.84f, 0.06f, 0.42f, 0.98f), Line(0.34f, 0.52f, 0.8f, 0.5f)],
            [
                Line(0.16f, 0.22f, 0.2f, 0.08f),
                Curve(0.2f, 0.08f, 0.5f, 0.1f, 0.82f, 0.05f),
                Curve(0.82f, 0.05f, 0.6f, 0.38f, 0.48f, 0.98f),
            ],
        ],
        [
            [
                Curve(
                    0.72f, 0.13f, 0.48f, 0.03f, 0.26f, 0.2f, 0.5f, 0.46f, 0.76f, 0.73f,
                    0.52f, 0.97f, 0.25f, 0.76f, 0.5f, 0.48f, 0.75f, 0.24f, 0.7f, 0.1f),
            ],
            [Arc(0.5f, 0.25f, 0.22f, 0.23f, 90, 450), Arc(0.5f, 0.73f, 0.28f, 0.25f, -90, 270)],
            [
                Curve(
                    0.74f, 0.18f, 0.52f, 0.05f, 0.32f, 0.2f, 0.46f, 0.44f, 0.66f, 0.7f,
                    0.5f, 0.96f, 0.32f, 0.78f, 0.52f, 0.5f, 0.76f, 0.2f),
            ],
        ],
        [
            [
                Curve(0.76f, 0.24f, 0.56f, 0.03f, 0.28f, 0.12f, 0.22f, 0.36f, 0.44f, 0.5f, 0.68f, 0.4f, 0.77f, 0.2f),
                Line(0.77f, 0.2f, 0.7f, 0.98f),
            ],
            [Arc(0.48f, 0.27f, 0.26f, 0.25f, 0, 360), Curve(0.74f, 0.27f, 0.72f, 0.62f, 0.5f, 0.98f)],
            [Arc(0.46f, 0.28f, 0.28f, 0.24f, -30, 330), Curve(0.73f, 0.14f, 0.76f, 0.6f, 0.68f, 0.9f, 0.4f, 0.98f, 0.24f, 0.88f)],
        ],
    ];

    /// <summary>Straight pieces through corners, each cut in four.</summary>
    private static float[] Line(params float[] corners)
    {
        const int Pieces = 4;
        var points = new List<float> { corners[0], corners[1] };
        for (var i = 2; i < corners.Length; i += 2)
        {
            for (var piece = 1; piece <= Pieces; piece++)
            {
                var t = piece / (float)Pieces;
                points.Add(corners[i - 2] + (t * (corners[i] - corners[i - 2])));
                points.Add(corners[i - 1] + (t * (corners[i + 1] - corners[i - 1])));
            }
        }

        return [.. points];
    }

    /// <summary>A smooth line through knots: a spline of Catmull and Rom (1974), three pieces between two knots.</summary>
    private static float[] Curve(params float[] knots)
    {
        const int Pieces = 3;
        var count = knots.Length / 2;
        var points = new List<float> { knots[0], knots[1] };
        for (var i = 0; i < count - 1; i++)
        {
            for (var piece = 1; piece <= Pieces; piece++)
            {
                points.Add(Between(i, piece / (float)Pieces, 0));
                points.Add(Between(i, piece / (float)Pieces, 1));
            }
        }

        return [.. points];

        float Between(int i, float t, int axis)
        {
            var (p0, p1) = (Knot(i - 1, axis), Knot(i, axis));
            var (p2, p3) = (Knot(i + 1, axis), Knot(i + 2, axis));
            return 0.5f * ((2 * p1) + (t * (p2 - p0 + (t * ((2 * p0) - (5 * p1) + (4 * p2) - p3 + (t * ((3 * (p1 - p2)) + p3 - p0)))))));
        }

        float Knot(int i, int axis) => knots[(2 * Math.Clamp(i, 0, count - 1)) + axis];
    }

    /// <summary>Part of an ellipse, from one angle to another in degrees (0 is right, 90 is down), in 18 pieces.</summary>
    private static float[] Arc(float x, float y, float width, float height, float from, float to)
    {
        const int Pieces = 18;
        var points = new float[2 * (Pieces + 1)];
        for (var piece = 0; piece <= Pieces; piece++)
        {
            var (sine, cosine) = Math.SinCos((from + ((to - from) * piece / Pieces)) * (Math.PI / 180));
            points[2 * piece] = (float)(x + (width * cosine));
            points[(2 * piece) + 1] = (float)(y + (height * sine));
        }

        return points;
    }
}
