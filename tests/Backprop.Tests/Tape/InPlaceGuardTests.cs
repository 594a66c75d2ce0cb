using System.Runtime.CompilerServices;

namespace Backprop.Tests.Tapes;

/// <summary>Tests that switch call sites on for the whole process.</summary>
[CollectionDefinition(nameof(InPlaceGuardTests), DisableParallelization = true)]
public class InPlaceGuardCollection;

[Collection(nameof(InPlaceGuardTests))]
public class InPlaceGuardTests
{
    [Fact]
    public void LeavesChangeOnlyWhileRecordingIsPaused()
    {
        var x = Tensor.From([1.0, 2]).RequireGradient();
        var changes = new Action[]
        {
            () => x.Fill(0), () => x.AddInPlace(1), () => x.SubtractInPlace(1), () => x.MultiplyInPlace(2), () => x.DivideInPlace(2),
            () => x.CopyFrom(1), () => x.CopyFrom([3.0, 4]), () => x.AsWritableSpan<double>(),
        };
        foreach (var change in changes)
        {
            Assert.Contains("Recording.Pause()", Assert.Throws<InvalidOperationException>(change).Message, StringComparison.Ordinal);
            Assert.Equal([1, 2], x.ToArray<double>());
        }

        using (Recording.Pause())
        {
            Array.ForEach(changes, change => change());
        }

        Assert.True(x.RequiresGradient);
        Assert.Equal([3, 4], x.ToArray<double>());
    }

    [Fact]
    public void RecordedResultsNeverChange()
    {
        var x = Tensor.From([1.0, 2]).RequireGradient();
        var y = x * 2;
        var error = Assert.Throws<InvalidOperationException>(() => y.AddInPlace(1));
        Assert.Contains("computed by 'multiply'", error.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => x[0].Fill(1));
        using (Recording.Pause())
        {
            Assert.Throws<InvalidOperationException>(() => y.AddInPlace(1));
        }

        Assert.Equal([2, 4], y.ToArray<double>());
    }

    [Fact]
    public void ASavedTensorThatChangedIsNamedBeforeAnythingIsComputed()
    {
        var w = Tensor.From([1.0, 2]).RequireGradient();
        var data = Tensor.From([3.0, 4]);
        data.Name = "images";
        var loss = (w * data).Exp().Sum();
        data.AddInPlace(1);
        var error = Assert.Throws<InvalidOperationException>(() => loss.Backward());
        Assert.StartsWith(
            "backward: input 1 of 'multiply', tensor 'images' of float64 [2], was changed in place by 'add_in_place' after it was saved for the gradient.",
            error.Message, StringComparison.Ordinal);
        Assert.Null(w.Gradient);
        Assert.Throws<InvalidOperationException>(() => Gradient.Of(loss, w));
    }

    [Fact]
    public void EveryWayToChangeSavedElementsIsSeen()
    {
        Action<Tensor>[] changes =
        [
            t => t.Fill(0), t => t.T.MultiplyInPlace(2), t => t[0].CopyFrom(1), t => t.AsWritableSpan<double>().Clear(), t => t.Detach().Reshape(4).SubtractInPlace(1),
            t => t.CopyFrom([1.0, 2, 3, 4]),
        ];
        foreach (var change in changes)
        {
            var w = Tensor.Ones([2, 2], DType.Float64).RequireGradient();
            var data = Tensor.Ones([2, 2], DType.Float64);
            var loss = (w * data[.., ..]).Sum();
            change(data);
            Assert.Throws<InvalidOperationException>(() => loss.Backward());
            Assert.Null(w.Gradient);
        }
    }

    [Fact]
    public void AnOutputOrAParameterThatChanged()
    {
        var w = Tensor.From([1.0, 2]).RequireGradient();
        var y = w.Exp();
        y.Detach().Fill(0);
        Assert.Contains("the output of 'exp'", Assert.Throws<InvalidOperationException>(() => y.Sum().Backward()).Message, StringComparison.Ordinal);

        var loss = (w * w).Sum();
        using (Recording.Pause())
        {
            w.SubtractInPlace(0.1);
        }

        Assert.Contains("'subtract_in_place'", Assert.Throws<InvalidOperationException>(() => loss.Backward()).Message, StringComparison.Ordinal);
        Assert.Null(w.Gradient);
    }

    [Fact]
    public void ChangesThatDoNoHarmAreAllowed()
    {
        var w = Tensor.From([1.0, 2]).RequireGradient();
        var data = Tensor.From([3.0, 4]);
        var loss = (w + data).Sum();        // the sum needs neither
        data.Fill(0);
        loss.Backward();
        Assert.Equal([1, 1], w.Gradient!.ToArray<double>());

        loss = (w * data).Sum();
        loss.Backward(keepTape: true);
        var clone = data.Clone();
        clone.Fill(9);
        loss.Backward();
        data.Fill(7);                       // after the last walk
        Assert.Equal([1, 1], w.Gradient!.ToArray<double>());
    }

    [Fact]
    public void WithCallSitesTheMessageNamesBothLines()
    {
        var before = Recording.CallSites;
        Recording.CallSites = true;
        try
        {
            var w = Tensor.From([1.0, 2]).RequireGradient();
            var data = Tensor.From([3.0, 4]);
            var y = w * data; var multiplied = Line();
            data.AddInPlace(1); var changed = Line();
            var error = Assert.Throws<InvalidOperationException>(() => y.Sum().Backward());
            Assert.Contains($"'multiply' (InPlaceGuardTests.cs:{multiplied})", error.Message, StringComparison.Ordinal);
            Assert.Contains($"'add_in_place (InPlaceGuardTests.cs:{changed})'", error.Message, StringComparison.Ordinal);
            Assert.Equal($"InPlaceGuardTests.cs:{multiplied}", Tape.Of(y)[^1].Site);
        }
        finally
        {
            Recording.CallSites = before;
        }

        static int Line([CallerLineNumber] int line = 0) => line;
    }
}
