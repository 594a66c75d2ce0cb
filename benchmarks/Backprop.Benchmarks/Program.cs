using Backprop.Benchmarks.Suite;
using BenchmarkDotNet.Running;

if (args is ["suite", ..])
{
    return SuiteCommand.Run(args.AsSpan(1));
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
