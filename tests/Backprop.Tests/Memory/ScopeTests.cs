using Backprop.Memory;

namespace Backprop.Tests.Memory;

public class ScopeTests
{
    [Fact]
    public void AStaleTensorSaysWhoItIsAndWhatToDo()
    {
        Tensor loss, view;
        using (TensorScope.Begin())
        {
            loss = Tensor.Ones([2, 3]) * 2;
            loss.Name = "loss";
            view = loss[0];
        }

        foreach (var use in new Action[]
        {
            () => loss.Item(), () => loss.AsSpan<float>(), () => loss.ToArray<float>(), () => (loss + 1).Item(), () => loss.T.Clone(), () => loss.Sum(),
            () => loss.Fill(0), () => Tensor.Zeros([2, 3]).CopyFrom(loss), () => loss.RequireGradient(), () => loss.CopyTo(new float[6].AsSpan()),
            () => Tensor.Concatenate([Tensor.Zeros([1, 3]), loss]), () => loss.MatMul(Tensor.Zeros([3, 1])), () => loss.To(DType.Int32),
            () => _ = loss > 0,
        })
        {
            var message = Assert.ThrowsAny<Exception>(use) switch
            {
                ObjectDisposedException error => error.Message,
                ShapeException error => error.Message,      // Item() of six elements may complain about that
                var other => throw other,
            };
            Assert.Contains("'loss'", message, StringComparison.Ordinal);
        }

        var stale = Assert.Throws<ObjectDisposedException>(() => loss.ToArray<float>());
        Assert.Contains("tensor 'loss' of float32 [2, 3] was recycled when its TensorScope ended. Call scope.Keep(loss) before", stale.Message, StringComparison.Ordinal);
        Assert.Throws<ObjectDisposedException>(() => view.Clone());
        Assert.Equal([2, 3], loss.Shape.ToArray());
    }

    [Fact]
    public void EveryWayToAStaleTensorsElementsNamesIt()
    {
        Tensor wide, labels, flags;
        using (TensorScope.Begin())
        {
            (wide, labels, flags) = (Tensor.Ones([2, 3]).T, Tensor.Zeros([2], DType.Int64), Tensor.Zeros([2], DType.Bool));
            (wide.Name, labels.Name, flags.Name) = ("wide", "labels", "flags");
        }

        var logits = Tensor.Zeros([2, 4]);
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        Names("wide", () => wide.ToArray<float>());
        Names("wide", () => wide.CopyTo(new float[6].AsSpan()));
        Names("wide", () => _ = wide[0, 1]);
        Names("wide", () => _ = wide[..]);
        Names("wide", () => wide.Contiguous());
        Names("wide", () => wide.Select(0, 1));
        Names("wide", () => wide.Reshape([6]));
        Names("wide", () => wide.Bytes());
        Names("wide", () => Tensor.Zeros([3, 2]).AddInPlace(wide));
        Names("wide", () => Safetensors.Save(path, new Dictionary<string, Tensor> { ["wide"] = wide }));
        Names("labels", () => Tensor.SoftmaxCrossEntropy(logits, labels));
        Names("labels", () => logits.Gather(0, labels.Unsqueeze(1)));
        Names("labels", () => logits.IndexSelect(labels));
        Names("labels", () => Backprop.Layers.Losses.CrossEntropy(logits, labels));
        Names("labels", () => _ = labels.AsWritableSpan<long>().Length);
        Names("flags", () => _ = flags.AsSpan<bool>().Length);
        Names("flags", () => Tensor.Where(flags, logits[0, ..2], 0));

        void Names(string name, Action use)
        {
            var message = Assert.Throws<ObjectDisposedException>(use).Message;
            Assert.Contains($"tensor '{name}' of ", message, StringComparison.Ordinal);
            Assert.Contains($"Call scope.Keep({name}) before the scope ends", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void KeptTensorsStayWhateverComesAfter()
    {
        Tensor kept, alsoKept;
        using (var scope = TensorScope.Begin())
        {
            kept = scope.Keep(Tensor.Full([100], 7));
            alsoKept = scope.Keep(Tensor.Full([100], 5)[50..]);
            Assert.Same(kept, scope.Keep(kept));
        }

        for (var i = 0; i < 3; i++)
        {
            using (TensorScope.Begin())
            {
                Tensor.Zeros([100]);
            }
        }

        Assert.All(kept.ToArray<float>(), value => Assert.Equal(7, value));
        Assert.All(alsoKept.ToArray<float>(), value => Assert.Equal(5, value));
    }

    [Fact]
    public void ScopesNest()
    {
        Tensor outerTensor, innerTensor, escaped, after;
        using (TensorScope.Begin())
        {
            outerTensor = Tensor.Full([10], 1);
            using (var inner = TensorScope.Begin())
            {
                innerTensor = Tensor.Full([10], 2);
                escaped = inner.Keep(Tensor.Full([10], 3));
                inner.Keep(outerTensor);
            }

            after = Tensor.Full([10], 4);
            Assert.Throws<ObjectDisposedException>(() => innerTensor.Clone());
            Assert.Equal(4, after[0].Item());
        }

        Assert.Equal((1, 3), (outerTensor[0].Item(), escaped[9].Item()));
        Assert.Throws<ObjectDisposedException>(() => after.Clone());
        var outside = Tensor.Ones([3]);
        using (var scope = TensorScope.Begin())
        {
            Assert.Same(outside, scope.Keep(outside));
        }

        Assert.Equal(3, outside.Sum().Item());
    }

    [Fact]
    public void ScopesEndOnTheirOwnThread()
    {
        var outer = TensorScope.Begin();
        var inner = TensorScope.Begin();
        Assert.Contains("thread", OnThread(inner.Dispose)!.Message, StringComparison.Ordinal);
        Assert.Contains("thread", OnThread(outer.Dispose)!.Message, StringComparison.Ordinal);
        Assert.Contains("thread", OnThread(() => inner.Keep(Tensor.Ones([1])))!.Message, StringComparison.Ordinal);
        var x = Tensor.Ones([1]);
        inner.Dispose();
        inner.Dispose();
        Assert.Null(OnThread(inner.Dispose));
        Assert.Throws<ObjectDisposedException>(() => inner.Keep(Tensor.Ones([1])));
        Assert.Throws<ObjectDisposedException>(() => outer.Keep(x));
        outer.Dispose();
        Tensor.Ones([1]).Item();
    }

    [Fact]
    public void AForgottenScopeEndsWithTheOuterOneAndHidesNoException()
    {
        Tensor inOuter = null!, inInner = null!;
        TensorScope forgotten = null!;
        Assert.Throws<FormatException>((Action)(() =>
        {
            using var outer = TensorScope.Begin();
            inOuter = Tensor.Ones([3]);
            forgotten = TensorScope.Begin();
            inInner = Tensor.Ones([3]);
            throw new FormatException();
        }));

        Assert.Null(TensorScope.Current);
        Assert.Throws<ObjectDisposedException>(() => inOuter.Clone());
        Assert.Throws<ObjectDisposedException>(() => inInner.Clone());
        var after = Tensor.Ones([3]);
        forgotten.Dispose();
        Assert.Equal(3, after.Sum().Item());
    }

    [Fact]
    public void AnOuterScopeEndedFirstTakesTheInnerOnesAlong()
    {
        using var outermost = TensorScope.Begin();
        var outer = TensorScope.Begin();
        var inner = TensorScope.Begin();
        var x = Tensor.Ones([3]);
        outer.Dispose();
        Assert.Same(outermost, TensorScope.Current);
        Assert.Throws<ObjectDisposedException>(() => x.Clone());
        var y = Tensor.Ones([3]);
        inner.Dispose();
        Assert.Same(outermost, TensorScope.Current);
        Assert.Equal(3, y.Sum().Item());
        Assert.Contains("TensorScope has ended", Assert.Throws<ObjectDisposedException>(() => inner.Allocate(16)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AScopeIsAMatterOfOneThread()
    {
        Tensor? elsewhere = null;
        using (TensorScope.Begin())
        {
            Assert.Null(OnThread(() => elsewhere = Tensor.Full([10], 6)));
        }

        Assert.Equal(60, elsewhere!.Sum().Item());
    }

    [Fact]
    public void GradientsOfLeavesLiveOutside()
    {
        var w = Tensor.From([1.0, 2]).RequireGradient();
        using (TensorScope.Begin())
        {
            (w * w).Sum().Backward();
        }

        Assert.Equal([2, 4], w.Gradient!.ToArray<double>());
        using (TensorScope.Begin())
        {
            (w * 3).Exp().Log().Sum().Backward();
        }

        Assert.Equal(5, w.Gradient!.ToArray<double>()[0], 1e-12);
        var first = w.Gradient;
        w.ZeroGradient();
        using (TensorScope.Begin())
        {
            w.Sum().Backward(record: true);
            w.Sum().Backward();
            Assert.Equal([2, 2], w.Gradient!.ToArray<double>());
        }

        Assert.Equal([2, 2], w.Gradient!.ToArray<double>());
        Assert.NotNull(first);
    }

    [Fact]
    public void AWalkAfterTheScopeFailsBeforeAnyGradientChanges()
    {
        var (w, v) = (Tensor.From([1.0, 2]).RequireGradient(), Tensor.From([3.0, 4]).RequireGradient());
        Tensor loss;
        using (var scope = TensorScope.Begin())
        {
            var h = w.Exp();
            h.Name = "hidden";
            loss = scope.Keep((v + h.Square()).Sum());
        }

        var error = Assert.Throws<ObjectDisposedException>(() => loss.Backward());
        Assert.Contains("'hidden'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Call Backward() inside the scope", error.Message, StringComparison.Ordinal);
        Assert.Null(w.Gradient);
        Assert.Null(v.Gradient);
    }

    [Fact]
    public void BuffersAreReusedAndAligned()
    {
        for (var round = 0; round < 3; round++)
        {
            using (TensorScope.Begin())
            {
                foreach (var count in new[] { 0, 1, 15, 16, 17, 1000, 100_000 })
                {
                    var x = Tensor.Zeros([count]);
                    Assert.Equal(count, x.AsSpan<float>().Length);
                    Assert.Equal(0, Misalignment(x));
                }
            }
        }

        static unsafe nint Misalignment(Tensor x)
        {
            fixed (byte* first = &x.Storage.First())
            {
                return (nint)first % BufferPool.Alignment;
            }
        }
    }

    [Fact]
    public void InASteadyStateAStepAllocatesLittle()
    {
        var w = Tensor.Normal([128, 128], generator: new Generator(1)).RequireGradient();
        var x = Tensor.Normal([64, 128], generator: new Generator(2));
        for (var i = 0; i < 30; i++)
        {
            Step();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++)
        {
            Step();
        }

        // One buffer of a layer alone is 32 KB; nodes, tensors and layouts are small objects.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 20, 0, 12_000);

        void Step()
        {
            using (TensorScope.Begin())
            {
                x.MatMul(w).Tanh().MatMul(w).Square().Mean().Backward();
                w.ZeroGradient();
            }
        }
    }

    [Fact]
    public void ABurstOfLargeTensorsDoesNotStayForEver()
    {
        OnThread(() =>
        {
            BufferPool.Current.WindowMilliseconds = 0;
            using (TensorScope.Begin())
            {
                for (var i = 0; i < 8; i++)
                {
                    Tensor.Zeros([1 << 20]);
                }
            }

            Assert.InRange(BufferPool.Current.FreeBytes, 8 << 22, 10 << 22);
            for (var i = 0; i < 200; i++)
            {
                using (TensorScope.Begin())
                {
                    Tensor.Zeros([1 << 10]);
                }
            }

            Assert.InRange(BufferPool.Current.FreeBytes, 1, 1 << 16);
        }, rethrow: true);
    }

    [Fact]
    public void VaryingSizesDoNotMakeThePoolGrow()
    {
        OnThread(() =>
        {
            var random = new Random(1);
            var most = 0L;
            for (var i = 0; i < 2000; i++)
            {
                using (TensorScope.Begin())
                {
                    var x = Tensor.Ones([random.Next(1, 20_000)]);
                    (x + 1).Sum();
                }

                most = Math.Max(most, BufferPool.Current.FreeBytes);
            }

            // Two buffers of every size class up to 80 KB are 2 · 80 KB · (1 + 7/8 + 6/8 + 5/8) · 2 at most.
            Assert.InRange(most, 1, 2 * 80_000 * 8);
        }, rethrow: true);
    }

    private static Exception? OnThread(Action action, bool rethrow = false)
    {
        Exception? error = null;
        var thread = new Thread(() => error = Record.Exception(action));
        thread.Start();
        thread.Join();
        return rethrow && error is not null ? throw new InvalidOperationException(error.Message, error) : error;
    }

    [Fact]
    public void AParameterMadeInAScopeOutlivesIt()
    {
        Tensor w;
        using (TensorScope.Begin())
        {
            w = Tensor.Full([3], 2, DType.Float64).RequireGradient();
            (w * w).Sum().Backward();
        }

        Assert.Equal([2.0, 2, 2], w.ToArray<double>());
        Assert.Equal([4.0, 4, 4], w.Gradient!.ToArray<double>());
    }

    [Fact]
    public void AParameterDeclaredInsideAPauseOutlivesThePausedScope()
    {
        Tensor w;
        using (TensorScope.Begin())
        {
            w = Tensor.Full([3], 2, DType.Float64);
            using (TensorScope.Pause())
            {
                w.RequireGradient();
            }
        }

        Assert.Equal([2.0, 2, 2], w.ToArray<double>());
    }
}
