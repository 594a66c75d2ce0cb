namespace Backprop.Tests.Documentation;

/// <summary>The documentation tests can fail: small pages with one thing wrong, and the line where it is.</summary>
[Collection(nameof(AloneCollection))]
public class SnippetTests
{
    [Fact]
    public void ABlockThatDoesNotCompileNamesItsLine()
    {
        var trouble = Trouble("""
            # Page

            ```csharp
            var a = 1;
            int b = a.Nonsense;
            ```
            """);
        Assert.Contains("README.md:5: CS1061", trouble);
        Assert.Contains("the block at README.md:3 does not compile", trouble);
    }

    [Fact]
    public void OutputIsCompared()
    {
        const string page = """
            ```csharp
            Console.WriteLine("one");
            Console.WriteLine(2.5);
            ```

            ```text
            one
            2.5
            ```
            """;
        Verify(page);
        Assert.StartsWith("README.md:8: the page says\n  2.4\nthe program prints\n  2.5\n", Trouble(page.Replace("2.5\n`", "2.4\n`")));
        Assert.StartsWith("README.md:9: the page says\n  3\nthe program prints\n  (nothing", Trouble(page.Replace("2.5\n`", "2.5\n3\n`")));
        Assert.StartsWith("README.md:8: the page says\n  (nothing more)\nthe program", Trouble(page.Replace("2.5\n`", "`")));
    }

    [Fact]
    public void AContinuedBlockSeesTheOneBeforeAndIsHeldToItsOwnOutput()
    {
        const string page = """
            ```csharp
            using System.Text;
            var a = new Pair(1);
            Console.WriteLine("first");

            record Pair(int Left);
            ```

            And so on:

            <!-- continues -->
            ```csharp
            Console.WriteLine(new StringBuilder().Append(a));
            ```
            ```text
            Pair { Left = 1 }
            ```
            """;
        Verify(page);
        Assert.Contains("README.md:13: CS0103", Trouble(page.Replace("<!-- continues -->", "")));
        Assert.Contains("README.md:13: CS0103", Trouble(page.Replace("Append(a)", "Append(b)")));
    }

    [Fact]
    public void SetupIsUnseenButCounts()
    {
        const string page = """
            <!-- setup
            var answer = 41;
            -->
            ```csharp
            Console.WriteLine(answer + 1);
            ```
            ```text
            42
            ```
            """;
        Verify(page);
        Assert.Contains("README.md:2: CS0103", Trouble(page.Replace("41", "fortyOne")));
    }

    [Fact]
    public void NumbersMayBeApproximateWhereThePageSaysSo()
    {
        const string page = """
            ```csharp
            Console.WriteLine("loss: 0.2501 after 100 steps");
            ```
            <!-- approximate: 0.01 -->
            ```text
            loss: 0.25 after 100 steps
            ```
            """;
        Verify(page);
        Assert.Contains("README.md:6: the page says", Trouble(page.Replace("0.25 ", "0.29 ")));
        Assert.Contains("README.md:6: the page says", Trouble(page.Replace("loss: 0.25 ", "cost: 0.25 ")));
        Assert.Contains("README.md:6: the page says", Trouble(page.Replace("<!-- approximate: 0.01 -->", "")));
        Assert.Contains("approximate needs a tolerance", Trouble(page.Replace("0.01", "a bit")));
    }

    [Fact]
    public void AnExceptionFailsTheBlockUnlessItIsThePoint()
    {
        const string page = """
            <!-- throws -->
            ```csharp
            throw new ArgumentException("no such axis: 3");
            ```
            ```text
            no such axis: 3
            ```
            """;
        Verify(page);
        Assert.Contains("README.md:2 fails: System.ArgumentException: no such axis", Trouble(page.Replace("<!-- throws -->", "")));
        Assert.Contains("README.md:6: the page says", Trouble(page.Replace("axis: 3\n`", "axis: 4\n`")));
        Assert.Contains("should throw, and does not", Trouble(page.Replace("throw new", "_ = new")));
    }

    [Fact]
    public void NoRunCompilesOnlyAndNeedsAReason()
    {
        const string page = """
            <!-- no-run: it would take all day -->
            ```csharp
            throw new InvalidOperationException();
            ```
            """;
        Verify(page);
        Assert.Contains("needs a reason", Trouble(page.Replace(": it would take all day", "")));
        Assert.Contains("README.md:3: CS0246", Trouble(page.Replace("InvalidOperationException", "Nonsense")));
    }

    [Fact]
    public void ASingleFileProgramMayNameItsPackage() => Verify("""
        ```csharp
        #:package Backprop@1.0.0
        using Backprop;
        Console.WriteLine(typeof(IReal<>).Namespace);
        ```
        ```text
        Backprop
        ```
        """);

    [Fact]
    public void SnippetsSeeThePublicFaceOnly() =>
        Assert.Contains("README.md:2: CS0122", Trouble("""
            ```csharp
            Console.WriteLine(Backprop.Kernels.Workers.Threads);
            ```
            """));

    [Fact]
    public void AMarkNobodyKnowsAndABlockNobodyClosesAreErrors()
    {
        Assert.Contains("README.md:2: unknown mark 'norun'", Trouble("<!-- norun -->\n```csharp\n```"));
        Assert.Contains("README.md:1: this block is never closed", Trouble("```csharp\nvar a = 1;"));
        Assert.Contains("README.md:2: there is no block before it", Trouble("<!-- continues -->\n```csharp\n```"));
    }

    [Fact]
    public void AnExcerptSaysWhatTheFileSays()
    {
        const string source = "class A\n{\n    void F()\n    {\n        G();\n        H();\n    }\n}\n";
        Excerpt.Verify(Block("void F()\n{\n    G();"), "A.cs", source);
        Excerpt.Verify(Block("class A\n…\n    H();"), "A.cs", source);
        Assert.Throws<SnippetException>(() => Excerpt.Verify(Block("void F()\n    H();"), "A.cs", source));
        Assert.Throws<SnippetException>(() => Excerpt.Verify(Block("H();\n…\nclass A"), "A.cs", source));

        static CodeBlock Block(string text) =>
            Assert.Single(MarkdownPage.Parse("README.md", $"<!-- excerpt: A.cs -->\n```csharp\n{text}\n```").Blocks);
    }

    [Fact]
    public void DeadLinksAreFound()
    {
        const string text = """
            # The tape

            [here](README.md) [nowhere](nowhere.md) [there](https://example.org/x) [up](#the-tape) [down](#the-cellar) `[code](none.md)`
            """;
        Assert.Equal(
            ["README.md:3: there is no nowhere.md", "README.md:3: no heading is called #the-cellar"],
            LinkCheck.DeadLinks(MarkdownPage.Parse("README.md", text), File.ReadAllText));
    }

    [Fact]
    public void TheNameTableIsReadAndNamesAreLookedUp()
    {
        const string text = """
            | PyTorch | Backprop |
            | --- | --- |
            | `torch.Generator` | `Generator` with `seed`, or `IReal` |
            | `torch.get_num_threads` | `Parallelism.Threads`, `Parallelism.Nonsense` |

            | Other | `Table` |
            """;
        Assert.Equal(
            [(3, "Generator", true), (3, "IReal", true), (4, "Parallelism.Threads", true), (4, "Parallelism.Nonsense", false)],
            NameTable.Names(text).Select(entry => (entry.Line, entry.Name, NameTable.Exists(entry.Name))));
    }

    private static void Verify(string page)
    {
        foreach (var block in MarkdownPage.Parse("README.md", page).Blocks.Where(block => block.Language == "csharp"))
        {
            new SnippetProgram(block).Verify();
        }
    }

    private static string Trouble(string page) => Assert.ThrowsAny<Exception>(() => Verify(page)).Message;
}

/// <summary>Tests that take the console or the current folder for themselves run while no other test does.</summary>
[CollectionDefinition(nameof(AloneCollection), DisableParallelization = true)]
public class AloneCollection;
