using System.Runtime.CompilerServices;
using Backprop.Benchmarks.Commands;
using Backprop.Benchmarks.Products;
using Backprop.Benchmarks.Suite;
using BenchmarkDotNet.Running;

try
{
    return args is [var name, ..] ? RunCommand(name, args[1..]) : RunClasses(args);
}
catch (UsageException exception)
{
    Console.Error.WriteLine(exception.Message);
    return 2;
}

static int RunCommand(string name, string[] arguments) => name switch
{
    "suite" => SuiteCommand.Run(arguments),
    "roofline" => RooflineCommand.Run(arguments),
    "cold" => ColdCommand.Run(arguments),
    "allocation" => AllocationCommand.Run(arguments),
    "memory" => MemoryCommand.Run(arguments),
    "soak" => SoakCommand.Run(arguments),
    "products" => ProductsCommand.Run(arguments),
    _ when name.StartsWith('-') => RunClasses([name, .. arguments]),
    _ => throw new UsageException(
        $"'{name}' is no command; there are suite, roofline, cold, allocation, memory, soak, products, and BenchmarkDotNet's options such as --filter '*Name*'."),
};

// Apart, so that a command doesn't load BenchmarkDotNet: that would be part of the cold start and of the resident memory.
[MethodImpl(MethodImplOptions.NoInlining)]
static int RunClasses(string[] arguments)
{
    BenchmarkSwitcher.FromAssembly(typeof(SuiteCommand).Assembly).Run(arguments);
    return 0;
}
