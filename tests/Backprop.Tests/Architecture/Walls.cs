namespace Backprop.Tests.Architecture;

/// <summary>
/// The walls between the folders of src/Backprop, as one table. A file obeys the row whose place fits it best (the longest);
/// a folder without a row is a violation, so a new folder states its place in the house here.
/// </summary>
/// <remarks>
/// A place is a folder with all below it (<c>Ops</c>), or files, where <c>*</c> stands for part of one name (<c>Ops/*.cs</c>: the
/// files directly in Ops; <c>*.cs</c>: the root, that is Tensor.*.cs and its neighbours). A name belongs to the file that declares it;
/// a member of Tensor is the root's, whichever file adds it. Using a name needs its place in <see cref="Wall.Sees"/> (or, if it is
/// public, in <see cref="Wall.SeesPublic"/>) and not in <see cref="Wall.Never"/>.
/// </remarks>
internal static class Walls
{
    private const string Root = "*.cs";
    private const string Pool = "Memory/*Pool*.cs";

    /// <summary>The words every folder may use: element types, shapes and the throw helpers.</summary>
    private static readonly string[] Basics = ["DType*.cs", "Layout*.cs", "Errors*.cs"];

    /// <summary>One row per folder.</summary>
    public static readonly Wall[] All =
    [
        new("Kernels")
        {
            Sees = ["Kernels"],
            Because = "kernels are spans and numbers; they have never heard of Tensor, and a neighbour could lift the folder out whole",
        },
        new("Memory")
        {
            Sees = ["Memory", "Kernels", .. Basics],
            Because = "storage knows bytes and element types, not what is computed with them",
        },
        new("Memory/TensorScope*.cs")
        {
            Sees = ["Memory", Root, "Tape/TapeClock.cs"],
            Because = "the scope is the part of Memory that users see: it takes tensors, of which it needs their storage only, and tells "
                + "the tape's clock when saved elements are gone",
        },
        new("Tape")
        {
            Sees = ["Tape", Root, "Ops/*.cs", "Devices", "Memory"],
            Never = [Pool],
            Because = "the tape names no concrete op and calls no kernel, so a new op never touches the engine",
        },
        new("Ops")
        {
            Sees = ["Ops", "Kernels", Root, "Tape", "Devices", "Memory", "Replay/Capture.cs"],
            Never = [Pool],
            Because = "ops join kernels and the tape; only Memory touches the pool, and nothing built on the public face is below it",
        },
        new("Devices")
        {
            Sees = ["Devices", "Ops", "Kernels", "Memory", Root, "Tape"],
            Because = "the device runs ops and owns buffers; it knows nothing of layers, optimizers or data",
        },
        new("Replay")
        {
            Sees = ["Replay", Root, "Tape", "Ops/*.cs", "Devices", "Memory"],
            Never = [Pool],
            Because = "a captured step replays what the device ran, whatever the op",
        },
        new("Checks")
        {
            Sees = ["Checks", Root, "Tape", "Ops/*.cs", "Devices/Watch.cs"],
            SeesPublic = [""],
            Because = "checks judge ops from outside: they name no concrete op and call no kernel",
        },
        new("Inspection")
        {
            Sees = ["Inspection", Root, "Tape", "Ops/*.cs", "Devices/Watch.cs", "Memory/Storage.cs", "Memory/TensorScope.cs"],
            Because = "what shows the tape and measures operations looks on from outside: it names no concrete op and calls no kernel",
        },
        new("Calculus")
        {
            Sees = ["Calculus", Root, "Tape", "Ops"],
            Because = "derivatives of functions are walks over the tape, put together; they call no kernel and know no layer",
        },
        new("Files")
        {
            Sees = ["Files", .. Basics],
            SeesPublic = [""],
            Never = ["Layers", "Optimizers", "Data"],
            Because = "file formats are built on the public face of Tensor",
        },
        new("Layers")
        {
            Sees = ["Layers", "PerAxis.cs", "Tensor.Sixteen.cs", .. Basics],
            SeesPublic = [""],
            Never = ["Optimizers", "Data"],
            Because = "layers are built on the public face only, as a user's own layer is, and know no optimizer and no data set",
        },
        new("Optimizers")
        {
            Sees = ["Optimizers", "Kernels/Numbers", .. Basics],
            SeesPublic = [""],
            Never = ["Layers", "Data"],
            Because = "optimizers take plain parameters, not modules, and use the public face only",
        },
        new("Data")
        {
            Sees = ["Data", .. Basics],
            SeesPublic = [""],
            Never = ["Layers", "Optimizers"],
            Because = "data loading makes tensors through the public face (random numbers through Generator) and knows no model",
        },
        new(Root)
        {
            Sees =
            [
                Root, "Tape", "Ops", "Memory", "Devices", "Replay", "Checks", "Calculus",
                "Kernels/Numbers", "Kernels/Elementwise/*Rule*.cs", "Kernels/Random", "Kernels/Printing",
            ],
            Never = [Pool],
            Because = "the public face asks ops and devices to compute; of the kernels it knows numbers, rules, random bits and printing",
        },
    ];

    /// <summary>What of the framework may be used only in one place, or nowhere.</summary>
    /// <remarks>A name is a type (any use of its members or constructors) or a type's member.</remarks>
    public static readonly Fence[] Fences =
    [
        new(["System.Threading.Thread..ctor", "System.Threading.ThreadPool", "System.Threading.Tasks.Parallel",
            "System.Threading.Tasks.Task.Run", "System.Threading.Tasks.TaskFactory", "System.Threading.Timer", "System.Timers.Timer"])
        {
            OnlyIn = ["Kernels/Workers*.cs", "Data/*Prefetch*.cs"],
            Because = "one file starts the threads that compute, and one fetches batches in the background",
        },
        new(["System.Environment.ProcessorCount"])
        {
            OnlyIn = ["Kernels/Workers*.cs"],
            Because = "the number of threads is decided in one place, which respects the container's limit and the user's setting",
        },
        new(["System.Random"])
        {
            OnlyIn = [],
            Because = "random numbers come from Generator (Philox), so that every run can be repeated",
        },
        new(["System.Security.Cryptography.RandomNumberGenerator"])
        {
            OnlyIn = ["Generator.cs"],
            Because = "one place draws a seed when the user gives none",
        },
        new(["System.GC.Collect", "System.GC.AddMemoryPressure"])
        {
            OnlyIn = [],
            Because = "memory stays flat without a forced collection",
        },
        new(["System.Console"])
        {
            OnlyIn = [],
            Because = "a library does not print: it returns text and reports progress through IProgress",
        },
        new(["System.NotImplementedException"])
        {
            OnlyIn = [],
            Because = "what is not there is not offered",
        },
        new(["System.Reflection.Emit", "System.Linq.Expressions", "System.Type.MakeGenericType",
            "System.Reflection.MethodInfo.MakeGenericMethod"])
        {
            OnlyIn = [],
            Because = "the package runs ahead-of-time compiled and trimmed: no code is made at run time",
        },
    ];
}

/// <summary>One row: what the files of a place may name of the house.</summary>
/// <param name="Place">The files that obey this row.</param>
internal sealed record Wall(string Place)
{
    /// <summary>Places of which everything may be named.</summary>
    public required string[] Sees { get; init; }

    /// <summary>Places of which only what a user sees may be named; the empty place is the whole house.</summary>
    public string[] SeesPublic { get; init; } = [];

    /// <summary>Places of which nothing may be named, whatever the others say.</summary>
    public string[] Never { get; init; } = [];

    /// <summary>Why, for the one who meets the wall.</summary>
    public required string Because { get; init; }
}

/// <summary>One row: framework members that may be used only in some files.</summary>
/// <param name="Names">Full names of types, namespaces or members.</param>
internal sealed record Fence(string[] Names)
{
    /// <summary>Where they may be used; nowhere if empty.</summary>
    public required string[] OnlyIn { get; init; }

    /// <summary>Why, for the one who meets the fence.</summary>
    public required string Because { get; init; }
}
