using System.Text.Json;
using Backprop.Devices;
using Backprop.Layers;
using Backprop.Tests.Documentation;

namespace Backprop.Tests.Inspections;

/// <summary>The profiler: what it counts, where it files it, and that it is gone when off.</summary>
[Collection(nameof(AloneCollection))]
public class ProfilerTests
{
    [Fact]
    public void CallsAreCountedByOperationAndDirection()
    {
        var w = Tensor.Ones([4, 3]).RequireGradient();
        using var profiler = Profiler.Begin();
        for (var i = 0; i < 3; i++)
        {
            w.MatMul(Tensor.Ones([3, 5])).Sigmoid().Sum().Backward();
        }

        profiler.Dispose();
        w.Exp();
        var rows = profiler.ByOperation();
        Assert.Equal(
            ["matmul backward 3", "matmul forward 3", "sigmoid backward 3", "sigmoid forward 3", "sum backward 3", "sum forward 3"],
            rows.Select(row => $"{row.Name} {(row.IsBackward ? "backward" : "forward")} {row.Calls}").Order());
        var product = rows.Single(row => row is { Name: "matmul", IsBackward: false });
        Assert.Equal(3 * 2.0 * 4 * 5 * 3, product.Flops);
        Assert.Equal(3 * 4 * (12 + 15 + 20), product.Bytes);
        Assert.True(product.Time > TimeSpan.Zero);
        Assert.Equal(product.Flops / product.Time.TotalSeconds / 1e9, product.GigaflopsPerSecond);
        Assert.InRange(profiler.Busy.Ticks - rows.Sum(row => row.Time.Ticks), 0, rows.Count); // each row is rounded down
        Assert.True(profiler.Elapsed >= profiler.Busy);
        Assert.True(rows.Zip(rows.Skip(1)).All(pair => pair.First.Time >= pair.Second.Time));
    }

    [Fact]
    public void StretchesNestAndGradientsAreFiledWhereTheirOperationRan()
    {
        var w = Tensor.Ones([4]).RequireGradient();
        using var profiler = Profiler.Begin();
        Tensor y;
        using (Profiler.Enter("encoder"))
        {
            using (Profiler.Enter("block"))
            {
                y = w.Exp();
            }

            y = y.Sin();
        }

        y.Sum().Backward();
        Assert.Equal(
            ["(none) backward 1", "(none) forward 1", "encoder backward 1", "encoder forward 1", "encoder/block backward 1", "encoder/block forward 1"],
            profiler.ByModule().Select(row => $"{row.Name} {(row.IsBackward ? "backward" : "forward")} {row.Calls}").Order());
    }

    [Fact]
    public void ModulesAreKnownByTheirPath()
    {
        var model = new Pair();
        _ = model.Parameters();
        using var profiler = Profiler.Begin();
        model.Forward(Tensor.Ones([2, 3])).Sum().Backward();
        var names = profiler.ByModule().Select(row => row.Name).Distinct();
        Assert.Contains("Pair.first", names);
        Assert.Contains("Pair.second.0", names);
    }

    [Fact]
    public void TheTableShowsSharesThatAddUp()
    {
        using var profiler = Profiler.Begin();
        Tensor.Ones([100, 100]).Exp().Sum();
        profiler.Dispose();
        var table = profiler.ToTable();
        Assert.Contains("operation  direction  calls", table, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^exp +forward +1 +\d+\.\d\d +\d+\.\d % ", table);
        Assert.Matches(@"(?m)^\(none\) +forward +2 +\d+\.\d\d +100\.0 %", table);
        Assert.Equal(table, profiler.ToString());
    }

    [Fact]
    public void TheTraceIsWhatViewersRead()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory().FullName, "trace.json");
        using (var profiler = Profiler.Begin())
        {
            var w = Tensor.Ones([4]).RequireGradient();
            using (Profiler.Enter("part \"one\""))
            {
                w.Exp().Sum().Backward();
            }

            profiler.SaveTrace(file);
        }

        using var json = JsonDocument.Parse(File.ReadAllText(file));
        var events = json.RootElement.GetProperty("traceEvents").EnumerateArray().ToArray();
        Assert.Equal(["exp", "sum", "sum backward", "exp backward"], events.Select(e => e.GetProperty("name").GetString()!));
        var end = 0.0;
        foreach (var e in events)
        {
            Assert.Equal("X", e.GetProperty("ph").GetString());
            Assert.True(e.GetProperty("ts").GetDouble() >= end, "calls follow each other");
            end = e.GetProperty("ts").GetDouble() + e.GetProperty("dur").GetDouble();
            Assert.Equal("part \"one\"", e.GetProperty("args").GetProperty("module").GetString());
        }

        Assert.Equal([file], Directory.GetFiles(Path.GetDirectoryName(file)!));
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Fact]
    public void AnOperationThatFailsDoesNotHideLaterOnes()
    {
        var broken = new Broken();
        using var profiler = Profiler.Begin();
        Assert.Throws<NotSupportedException>(() => broken.Apply(Tensor.Ones([2])));
        var y = new BrokenRule().Apply(Tensor.Ones([2]).RequireGradient()).Sum();
        Assert.Throws<NotSupportedException>(() => y.Backward());
        Tensor.Ones([2]).Exp();
        Assert.Equal(["broken_rule", "exp", "sum", "sum"], profiler.ByOperation().Select(row => row.Name).Order());
    }

    [Fact]
    public void OffThereIsNothing()
    {
        Assert.False(Profiler.IsOn);
        Assert.Equal(default, Profiler.Enter("nothing"));
        using (var profiler = Profiler.Begin())
        {
            Assert.True(Profiler.IsOn);
            Assert.True(Watch.IsOn);
            profiler.Dispose();
            profiler.Dispose();
        }

        Assert.False(Profiler.IsOn);
        Assert.False(Watch.IsOn);
    }

    [Fact]
    public void WhatACheckpointRecomputesIsItsGradient()
    {
        var w = Tensor.Ones([3]).RequireGradient();
        using var profiler = Profiler.Begin();
        Checkpoint.Run(() => w.Exp().Sin()).Sum().Backward();
        Assert.Equal(1, profiler.ByOperation().Single(row => row is { Name: "exp", IsBackward: false }).Calls);
        Assert.Contains(profiler.ByOperation(), row => row is { Name: "checkpoint", IsBackward: true });
    }

    private sealed class Pair : Module
    {
        private readonly Linear first = new(3, 4);
        private readonly Sequential second = new(new Linear(4, 2));

        public override Tensor Forward(Tensor x) => second.Forward(first.Forward(x));
    }

    private sealed class Broken : Op
    {
        public override string Name => "broken";

        protected internal override ResultSpec Infer(in Operands inputs) => ResultSpec.Like(inputs[0]);

        protected internal override void Compute(in Operands inputs, Tensor output) => throw new NotSupportedException("broken");

        protected internal override void Differentiate(Adjoint adjoint) => throw new NotSupportedException("broken");
    }

    private sealed class BrokenRule : Op
    {
        public override string Name => "broken_rule";

        protected internal override ResultSpec Infer(in Operands inputs) => ResultSpec.Like(inputs[0]);

        protected internal override void Compute(in Operands inputs, Tensor output) => output.Fill(1);

        protected internal override void Differentiate(Adjoint adjoint) => throw new NotSupportedException("broken");
    }
}
