namespace Backprop.Tests.Catalog;

/// <summary>
/// A call to try an operation on. Everything in <see cref="SampleTests"/> is tried with it; where something can't hold, the sample says why.
/// </summary>
/// <param name="Operation">
/// The operation's name on the tape (<see cref="Op.Name"/>); for a function put together from others, the method's name in lower case with underscores.
/// </param>
/// <param name="Situation">What this sample shows, for the test's name.</param>
/// <param name="Inputs">
/// The inputs. Float64 ones are differentiated: take them away from kinks, ties and poles, and small (finite differences visit every element).
/// Others (int64 positions, bool masks) are passed on as they are.
/// </param>
/// <param name="Call">The call. It must not draw random numbers other than from a generator that it makes itself.</param>
internal sealed record Sample(string Operation, string Situation, Tensor[] Inputs, Func<Tensor[], Tensor[]> Call)
{
    /// <summary>A sample with one result.</summary>
    public Sample(string operation, string situation, Tensor[] inputs, Func<Tensor[], Tensor> call)
        : this(operation, situation, inputs, t => new[] { call(t) })
    {
    }

    /// <summary>
    /// The same call's inputs in a size that is shared out among threads (tens of thousands of elements, without gradient checks): results and
    /// gradients must have the same bits for 1, 2 and 4 threads. One sample of each operation that is not a view needs them.
    /// </summary>
    public Func<Tensor[]>? Large { get; init; }

    /// <summary>Indices of float64 inputs that are constants: no gradient of theirs is asked for.</summary>
    public int[] Constants { get; init; } = [];

    /// <summary>Up to which order derivatives exist: 0 for positions, truth values and the like.</summary>
    public int Order { get; init; } = 2;

    /// <summary>Why <see cref="Order"/> is below 2.</summary>
    public string? WhyOrder { get; init; }

    /// <summary>
    /// Whether <see cref="Operation"/> names a function put together from other operations, so that no operation of that name is on the tape.
    /// </summary>
    public bool IsComposite { get; init; }

    /// <summary>How far float32 results and gradients may be from those in float64, relative to 1 + |value|.</summary>
    public double SingleTolerance { get; init; } = 2e-5;

    /// <summary>Whether the call itself joins several functions, each of which rounds a 16-bit result. A function of the library rounds once, at its end.</summary>
    public bool RoundsBetween { get; init; }

    /// <summary>How far 16-bit results and gradients may be from those in float32, relative to 1 + |value|: they are rounded.</summary>
    public double SixteenTolerance { get; init; } = 0.03;

    /// <summary>Relative and absolute tolerance of the central differences; the default of <see cref="GradientCheck"/> where null.</summary>
    public double? DifferenceTolerance { get; init; }

    public override string ToString() => $"{Operation}: {Situation}";
}

/// <summary>
/// Samples and refusals of one operation or family. Implementations are found by reflection and need a constructor without parameters.
/// </summary>
internal interface ICatalogEntry
{
    /// <summary>Calls to try.</summary>
    IEnumerable<Sample> Samples();

    /// <summary>Calls that must be refused: wrong rank, wrong size, wrong dtype, axis out of range, empty where meaningless.</summary>
    IEnumerable<ErrorCase> Errors();
}
