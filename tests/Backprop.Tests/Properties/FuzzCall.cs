using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Backprop.Tests.Properties;

/// <summary>A public method or constructor that takes its arguments as objects; spans are given as arrays.</summary>
internal sealed class FuzzCall
{
    private readonly Func<object?[], object?> run;

    private FuzzCall(MethodBase method)
    {
        Parameters = method.GetParameters();
        HasThis = method is MethodInfo { IsStatic: false };
        run = Compile(method);
        var list = string.Join(", ", Parameters.Select(parameter => parameter.ParameterType.Name.Replace("`1", string.Empty, StringComparison.Ordinal)));
        Name = $"{method.DeclaringType!.Name}.{(method.IsConstructor ? "new" : method.Name)}({list})";
    }

    /// <summary>Class, method and the types of the parameters.</summary>
    public string Name { get; }

    /// <summary>Without the tensor that an instance method is called on.</summary>
    public ParameterInfo[] Parameters { get; }

    /// <summary>Whether the first argument is what the method is called on.</summary>
    public bool HasThis { get; }

    /// <summary>What returns tensors and can be called with random arguments; type parameters become float.</summary>
    public static IEnumerable<FuzzCall> Of(Type type) => type
        .GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly)
        .Where(method => IsTensors(method.ReturnType) || method.Name == "set_Item")
        .Select(method => method.IsGenericMethodDefinition ? method.MakeGenericMethod(typeof(float)) : method)
        .Where(method => method.GetParameters().All(parameter => FuzzArguments.Knows(parameter.ParameterType)))
        .Select(method => new FuzzCall(method));

    /// <summary>The constructors that can be called with random arguments.</summary>
    public static IEnumerable<FuzzCall> Constructors(Type type) => type.GetConstructors()
        .Where(constructor => constructor.GetParameters().All(parameter => FuzzArguments.Knows(parameter.ParameterType)))
        .Select(constructor => new FuzzCall(constructor));

    public object? Invoke(object?[] arguments) => run(arguments);

    private static bool IsTensors(Type type) => type == typeof(Tensor) || type == typeof(Tensor[])
        || (type.IsGenericType && type.IsAssignableTo(typeof(ITuple)) && type.GenericTypeArguments.Any(IsTensors));

    private Func<object?[], object?> Compile(MethodBase method)
    {
        var given = Expression.Parameter(typeof(object?[]));
        var skip = HasThis ? 1 : 0;
        var arguments = Parameters.Select((parameter, i) => Argument(Expression.ArrayIndex(given, Expression.Constant(i + skip)), parameter.ParameterType));
        Expression body = method switch
        {
            ConstructorInfo constructor => Expression.New(constructor, arguments),
            MethodInfo { IsStatic: true } own => Expression.Call(own, arguments),
            _ => Expression.Call(
                Expression.Convert(Expression.ArrayIndex(given, Expression.Constant(0)), method.DeclaringType!), (MethodInfo)method, arguments),
        };
        body = body.Type == typeof(void) ? Expression.Block(body, Expression.Constant(null)) : Expression.Convert(body, typeof(object));
        return Expression.Lambda<Func<object?[], object?>>(body, given).Compile();
    }

    private static Expression Argument(Expression value, Type type)
    {
        if (FuzzArguments.ElementOfSpan(type) is not { } element)
        {
            return Expression.Convert(value, type);
        }

        var array = element.MakeArrayType();
        return Expression.Call(type.GetMethod("op_Implicit", [array])!, Expression.Convert(value, array));
    }
}
