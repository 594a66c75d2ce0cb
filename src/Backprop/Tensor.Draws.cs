namespace Backprop;

public sealed partial class Tensor
{
    /// <summary>Elements of one value, in the shape and dtype of another tensor.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not one of the dtype.</exception>
    public static Tensor FullLike(Tensor other, double value)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Full(other.Shape, value, other.DType);
    }

    /// <summary>Uniform in [low, high), in the shape and dtype of another tensor: see <see cref="Uniform"/>.</summary>
    /// <exception cref="DTypeException">The other tensor is not floating point.</exception>
    public static Tensor UniformLike(Tensor other, double low = 0, double high = 1, Generator? generator = null)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Uniform(other.Shape, low, high, other.DType, generator);
    }

    /// <summary>Normally distributed, in the shape and dtype of another tensor: see <see cref="Normal"/>.</summary>
    /// <exception cref="DTypeException">The other tensor is not floating point.</exception>
    public static Tensor NormalLike(Tensor other, double mean = 0, double deviation = 1, Generator? generator = null)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Normal(other.Shape, mean, deviation, other.DType, generator);
    }

    /// <summary>Integers from low up to but without high, each with the same chance, from a reproducible generator.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="low">The smallest integer.</param>
    /// <param name="high">The first integer that is too large; above <paramref name="low"/>.</param>
    /// <param name="dtype">Int64 or Int32.</param>
    /// <param name="generator">Where the numbers come from; <see cref="Generator.Default"/> if not given.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no integer in the range, or the dtype can't hold its ends.</exception>
    /// <exception cref="DTypeException">The dtype is not Int64 or Int32.</exception>
    public static Tensor RandomIntegers(
        ReadOnlySpan<int> shape, long low, long high, DType dtype = DType.Int64, Generator? generator = null)
    {
        const string Name = "random_integers";
        if (dtype.Check() is not (DType.Int64 or DType.Int32))
        {
            throw Error.DType(Name, dtype, "use Int64 or Int32.");
        }

        if (low >= high)
        {
            throw Error.Range(Name, nameof(low), low, FormattableString.Invariant($"below high, {high}"));
        }

        if (dtype == DType.Int32 && (low < int.MinValue || high > int.MaxValue))
        {
            throw Error.Range(Name, nameof(low), low, FormattableString.Invariant($"such that [{low}, {high}) is within int32; take DType.Int64 for others"));
        }

        var result = Allocate(Layout.Contiguous(Name, shape), dtype);
        generator ??= Generator.Default;
        Capture.Repeat(() =>
        {
            if (dtype == DType.Int32)
            {
                generator.FillIntegers(result.Storage.Span<int>(), (int)low, (int)high);
            }
            else
            {
                generator.FillIntegers(result.Storage.Span<long>(), low, high);
            }
        });

        return result;
    }

    /// <summary>
    /// Draws positions with given chances: <paramref name="count"/> of them from the last axis of <paramref name="probabilities"/>, int64 [count] or
    /// [N, count]. What has the probability 0 is never drawn.
    /// </summary>
    /// <param name="probabilities">[C] or [N, C], floating point; not negative, and of any sum above 0.</param>
    /// <param name="count">How many to draw of each row; at least 0.</param>
    /// <param name="replacement">Whether a position can be drawn again. If not, they come in the order of drawing, one after the other.</param>
    /// <param name="generator">Where the chance comes from; <see cref="Generator.Default"/> if not given.</param>
    /// <exception cref="ShapeException">The probabilities are neither a vector nor a matrix.</exception>
    /// <exception cref="DTypeException">They are not floating point.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// One is negative or not finite, a row has none above 0, or, without replacement, fewer than <paramref name="count"/>.
    /// </exception>
    public static Tensor Multinomial(Tensor probabilities, int count, bool replacement = false, Generator? generator = null)
    {
        const string Name = "multinomial";
        ArgumentNullException.ThrowIfNull(probabilities);
        Ops.LineAxis.NeedsReals(Name, probabilities);
        if (probabilities.Rank is not (1 or 2))
        {
            throw Error.Shape(Name, $"probabilities {Error.Text(probabilities.Shape)} must be [C] or [N, C].");
        }

        using var pause = Recording.Pause();
        var p = probabilities.Detach().To(DType.Float64);
        var isThere = p > 0;
        if (!(p >= 0).All().Item<bool>() || !p.IsFinite().All().Item<bool>())
        {
            throw Error.Range(Name, "a probability", p.Flatten().MaskedSelect(!(p.Flatten() >= 0) | !p.Flatten().IsFinite())[0].Item(), "finite and 0 or more");
        }

        var fewest = p.Count == 0 ? (p.Rank == 2 && p.Shape[0] == 0 ? int.MaxValue : 0) : (long)isThere.CountNonZero(-1).Min().Item();
        if (count < 0 || fewest < (replacement ? Math.Min(count, 1) : count))
        {
            throw Error.Range(Name, nameof(count), count, FormattableString.Invariant(
                $"0 or more, and at most the number of probabilities above 0{(replacement ? ", if that is 0" : "")}, {fewest}"));
        }

        int[] shape = [.. p.Shape[..^1], replacement ? count : p.Shape[^1]];
        if (count == 0 || p.Count == 0)
        {
            return Zeros([.. p.Shape[..^1], count], DType.Int64);
        }

        var chances = Uniform(shape, dtype: DType.Float64, generator: generator);
        p /= p.Max(-1, keepDimensions: true);       // sums stay in range
        if (!replacement)
        {
            // The smallest of exponential times with the probabilities as rates come first (Efraimidis and Spirakis, 2006).
            var times = -(-chances).Log1p() / Where(isThere, p, 1);
            return Where(isThere, times, double.PositiveInfinity).TopK(count, largest: false).Indices;
        }

        // Rounding must not lead behind the last position that has a chance.
        var sums = p.CumSum(-1);
        var total = sums.Narrow(-1, sums.Shape[^1] - 1, 1);
        return sums.SearchSorted(chances * total, right: true).Minimum((sums < total).CountNonZero([-1], keepDimensions: true));
    }
}
