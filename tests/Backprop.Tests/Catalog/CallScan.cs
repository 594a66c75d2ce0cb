using System.Reflection;
using System.Reflection.Emit;

namespace Backprop.Tests.Catalog;

/// <summary>Which methods of the library compiled code calls: found in its instructions, through helpers of the same assembly.</summary>
internal static class CallScan
{
    private const BindingFlags Everything =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> instructions = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>Library methods that the methods of these types call, with those of types nested in them (lambdas and iterators live there).</summary>
    public static HashSet<MethodBase> From(IEnumerable<Type> types)
    {
        var called = new HashSet<MethodBase>();
        var seen = new HashSet<MethodBase>();
        var open = new Stack<MethodBase>(types.SelectMany(WithNested).SelectMany(MethodsOf));
        while (open.TryPop(out var method))
        {
            if (!seen.Add(method))
            {
                continue;
            }

            foreach (var callee in Calls(method))
            {
                var definition = Definition(callee);
                if (definition.Module == typeof(Tensor).Module)
                {
                    called.Add(definition);
                }
                else if (definition.Module == typeof(CallScan).Module)
                {
                    open.Push(definition);
                }
            }
        }

        return called;
    }

    private static IEnumerable<Type> WithNested(Type type) => type.GetNestedTypes(Everything).SelectMany(WithNested).Prepend(type);

    private static IEnumerable<MethodBase> MethodsOf(Type type) => type.GetMethods(Everything).Cast<MethodBase>().Concat(type.GetConstructors(Everything));

    private static MethodBase Definition(MethodBase method) =>
        method is MethodInfo { IsGenericMethod: true } generic ? generic.GetGenericMethodDefinition() : method;

    /// <summary>The methods that a method's instructions name: called, or taken as a delegate.</summary>
    private static IEnumerable<MethodBase> Calls(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var i = 0; i < code.Length;)
        {
            var value = code[i] == 0xFE ? unchecked((short)(0xFE00 | code[i + 1])) : code[i];
            i += code[i] == 0xFE ? 2 : 1;
            var operand = instructions[value].OperandType;
            if (operand == OperandType.InlineMethod)
            {
                var types = method.DeclaringType is { IsGenericType: true } owner ? owner.GetGenericArguments() : null;
                var arguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
                yield return method.Module.ResolveMethod(BitConverter.ToInt32(code, i), types, arguments)!;
            }

            i += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, i)),
                _ => 4,
            };
        }
    }
}
