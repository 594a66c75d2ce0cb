namespace Backprop.Tests.Architecture;

/// <summary>The checker sees what it must see: small houses with one wall broken, and the place where it breaks.</summary>
public class WallCheckerTests
{
    private static readonly (string, string) TensorFile = ("Tensor.cs", """
        namespace Backprop;
        public sealed partial class Tensor
        {
            public int Rank => 0;
            internal int Secret => 0;
            public static Tensor operator +(Tensor a, Tensor b) => a;
            public static implicit operator Tensor(double value) => new();
        }
        """);

    private static readonly (string, string) KernelFile = ("Kernels/Sums.cs", """
        namespace Backprop.Kernels;
        internal static class Sums { public static double Of(double[] x) => x[0]; }
        """);

    private static readonly (string, string) PoolFile = ("Memory/BufferPool.cs", """
        namespace Backprop.Memory;
        internal sealed class BufferPool { public BufferPool() { } public static BufferPool operator +(BufferPool a, int b) => a; }
        """);

    private static readonly (string, string) ConcreteOp = ("Ops/Linear/MatMul.cs", """
        namespace Backprop.Ops;
        internal sealed class MatMul : Op { }
        """);

    private static readonly (string, string) BaseOp = ("Ops/Op.cs", "namespace Backprop.Ops; public abstract class Op { }");

    [Fact]
    public void ANameBehindAWallIsReportedWithFileLineAndReason()
    {
        var found = Check(TensorFile, ("Kernels/Bad.cs", """
            namespace Backprop.Kernels;

            internal static class Bad
            {
                internal static int Rank(Tensor x) => 1;
            }
            """));
        var one = Assert.Single(found);
        Assert.StartsWith("src/Backprop/Kernels/Bad.cs:5: Kernels may not see Tensor (Tensor.cs): ", one);
        Assert.Contains("never heard of Tensor", one);
    }

    [Theory]
    [InlineData("Tape/Walk.cs", "internal static class Walk { static object Of(Backprop.Ops.MatMul op) => op; }", "MatMul")]
    [InlineData("Tape/Walk.cs", "internal static class Walk { static double Of(double[] x) => Backprop.Kernels.Sums.Of(x); }", "Sums")]
    [InlineData("Ops/Linear/Dot.cs", "internal static class D { static object F() => new Backprop.Memory.BufferPool(); }", "BufferPool")]
    [InlineData("Layers/Linear.cs", "internal static class L { static double F(double[] x) => Backprop.Kernels.Sums.Of(x); }", "Sums")]
    [InlineData("Layers/Linear.cs", "internal static class L { static int F(Backprop.Tensor x) => x.Secret; }", "Tensor.Secret")]
    [InlineData("Data/Loader.cs", "internal static class D { static object F() => typeof(Backprop.Ops.MatMul); }", "MatMul")]
    [InlineData("Tensor.Sum.cs", "internal static class S { static double F(double[] x) => Backprop.Kernels.Sums.Of(x); }", "Sums")]
    public void EachOfTheseIsForbidden(string file, string text, string name)
    {
        var found = Check(TensorFile, KernelFile, PoolFile, BaseOp, ConcreteOp, (file, text));
        Assert.NotEmpty(found);
        Assert.All(found, violation => Assert.StartsWith($"src/Backprop/{file}:1: ", violation));
        Assert.Contains(found, violation => violation.Contains($"may not see {name}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Ops/Linear/Dot.cs", "sealed class Dot : Backprop.Ops.Op { static double F(double[] x) => Backprop.Kernels.Sums.Of(x); }")]
    [InlineData("Tape/Walk.cs", "static class W { static object F(Backprop.Ops.Op op, Backprop.Tensor x) => x.Secret + op.ToString(); }")]
    [InlineData("Layers/Linear.cs", "internal static class L { static object F(Backprop.Tensor x) => x + x + 1.0 + x.Rank; }")]
    [InlineData("Memory/Scope.cs", "internal static class S { static object F() => new Backprop.Memory.BufferPool() + 1; }")]
    public void EachOfTheseIsAllowed(string file, string text) =>
        Assert.Empty(Check(TensorFile, KernelFile, PoolFile, BaseOp, ConcreteOp, (file, text)));

    [Fact]
    public void WhatIsNotSpelledOutIsSeenToo()
    {
        // An operator, an implicit conversion, a target-typed constructor, an enumerator: none of them names the type.
        var found = Check(
            TensorFile,
            ("Layers/Bag.cs", """
                namespace Backprop.Layers;
                public sealed class Bag
                {
                    public static implicit operator Bag(int x) => new();
                    public static Bag operator -(Bag a) => a;
                    public IEnumerator<int> GetEnumerator() { yield break; }
                }
                """),
            ("Optimizers/Sly.cs", """
                namespace Backprop.Optimizers;
                internal static class Sly
                {
                    internal static int F(Box box)
                    {
                        var a = -box.Bag;
                        foreach (var one in box.Bag) { }
                        box.Bag = 1;
                        box.Bag = new();
                        return 0;
                    }
                }
                """),
            ("Optimizers/Box.cs", "namespace Backprop.Optimizers; internal sealed class Box { public Backprop.Layers.Bag Bag = null!; }"));
        Assert.All(found, violation => Assert.Contains("Optimizers may not see Bag", violation));
        Assert.Equal(
            ["Optimizers/Box.cs:1", "Optimizers/Sly.cs:6", "Optimizers/Sly.cs:7", "Optimizers/Sly.cs:8", "Optimizers/Sly.cs:9"],
            found.Select(violation => violation["src/Backprop/".Length..violation.IndexOf(": ", StringComparison.Ordinal)]).Distinct());
    }

    [Theory]
    [InlineData("Ops/Op.cs", "new System.Threading.Thread(() => { }).Start()")]
    [InlineData("Ops/Op.cs", "System.Threading.Tasks.Task.Run(() => { })")]
    [InlineData("Ops/Op.cs", "Parallel.For(0, 9, i => { })")]
    [InlineData("Ops/Op.cs", "ThreadPool.UnsafeQueueUserWorkItem(null!, true)")]
    [InlineData("Kernels/Random/Philox.cs", "new Random(7).Next()")]
    [InlineData("Kernels/Sums.cs", "_ = Environment.ProcessorCount")]
    [InlineData("Kernels/Workers.cs", "Console.WriteLine()")]
    [InlineData("Tensor.cs", "GC.Collect()")]
    public void FrameworkMembersStayBehindTheirFences(string file, string statement)
    {
        var found = Check((file, $"internal static class A\n{{\n    static void F()\n    {{\n        {statement};\n    }}\n}}"));
        Assert.NotEmpty(found);
        Assert.All(found, violation => Assert.StartsWith($"src/Backprop/{file}:5: System.", violation));
    }

    [Theory]
    [InlineData("Kernels/Workers.cs", "new System.Threading.Thread(() => { }).Start()")]
    [InlineData("Kernels/Workers.cs", "_ = Environment.ProcessorCount")]
    [InlineData("Data/Prefetcher.cs", "System.Threading.Tasks.Task.Run(() => { })")]
    [InlineData("Ops/Op.cs", "System.Threading.Thread.MemoryBarrier()")]
    [InlineData("Ops/Op.cs", "_ = Environment.CurrentManagedThreadId")]
    public void FencesHaveGates(string file, string statement) =>
        Assert.Empty(Check((file, $"internal static class A {{ static void F() {{ {statement}; }} }}")));

    [Fact]
    public void AFolderWithoutARowIsReported() =>
        Assert.Equal(
            ["src/Backprop/Cellar/Wine.cs:1: this folder has no row in Walls.cs: say there what it may see"],
            Check(("Cellar/Wine.cs", "internal static class Wine { }")));

    [Fact]
    public void APrivatePartOfAPublicTypeBelongsToTheFileThatDeclaresIt()
    {
        var found = Check(
            ("Layers/Module.cs", "namespace Backprop.Layers; public partial class Module { public int Here => 0; }"),
            ("Tensor.Model.cs", "namespace Backprop; public class T { object M(Backprop.Layers.Module m) => m.Here; }"));
        Assert.Equal(2, found.Count);
        Assert.All(found, violation => Assert.Contains("the root may not see Module", violation));
    }

    [Fact]
    public void AMemberThatAnOpAddsToTensorBelongsToTensor()
    {
        var added = ("Ops/Linear/MatMul.cs", """
            namespace Backprop;
            public sealed partial class Tensor { public Tensor MatMul(Tensor other) => this; internal Tensor Hidden() => this; }
            """);
        Assert.Empty(Check(TensorFile, added, ("Tape/Walk.cs", "class W { object F(Backprop.Tensor x) => x.MatMul(x).Hidden(); }")));
        Assert.Empty(Check(TensorFile, added, ("Layers/Linear.cs", "class W { object F(Backprop.Tensor x) => x.MatMul(x); }")));
        var found = Check(TensorFile, added, ("Layers/Linear.cs", "static class W { static object F(Backprop.Tensor x) => x.Hidden(); }"));
        Assert.Contains("Layers may not see Tensor.Hidden() (Ops/Linear/MatMul.cs)", Assert.Single(found));
        found = Check(TensorFile, added, ("Kernels/Bad.cs", "static class W { static object F(Backprop.Tensor x) => x; }"));
        Assert.Contains("Kernels may not see Tensor (Tensor.cs)", Assert.Single(found));
    }

    [Fact]
    public void PlacesAreFoldersOrFilePatterns()
    {
        Assert.True(Place.Contains("Ops", "Ops/Fused/Softmax.cs"));
        Assert.False(Place.Contains("Ops", "OpsOther/Softmax.cs"));
        Assert.True(Place.Contains("Ops/*.cs", "Ops/Op.cs"));
        Assert.False(Place.Contains("Ops/*.cs", "Ops/Fused/Softmax.cs"));
        Assert.True(Place.Contains("*.cs", "Tensor.Shape.cs"));
        Assert.False(Place.Contains("*.cs", "Tape/Node.cs"));
        Assert.True(Place.Contains("Memory/*Pool*.cs", "Memory/BufferPool.cs"));
        Assert.True(Place.Contains("", "Anything/At/All.cs"));
    }

    private static IReadOnlyList<string> Check(params (string Path, string Text)[] sources)
    {
        var tree = SourceTree.Of(sources);
        Assert.Empty(tree.Errors());
        return new WallChecker(tree, Walls.All, Walls.Fences).Check();
    }
}
