using System.Runtime.CompilerServices;

namespace Backprop;

/// <summary>
/// Derivatives of functions: values in, derivatives out, no <see cref="Tensor.Gradient"/> touched. Every result can be differentiated again, inside another
/// of these functions or by <see cref="Tensor.Backward"/>.
/// </summary>
/// <remarks>
/// A function is differentiated at the given point and with respect to its argument only; other tensors that it uses (parameters of a network, say) are
/// constants here, but the result depends on them as on anything, and is recorded as such.
/// </remarks>
/// <example><code>
/// // A network u(t) that shall satisfy u' = −u.
/// var slope = Calculus.Gradient(t => network.Forward(t).Sum(), times);
/// var loss = (slope + network.Forward(times)).Square().Mean();
/// loss.Backward();
/// </code></example>
public static partial class Calculus
{
    /// <summary>The gradient of a scalar function.</summary>
    /// <param name="function">A function with a result of one element.</param>
    /// <param name="x">Where: a floating point tensor of any shape.</param>
    /// <returns>∂f/∂x in the shape of <paramref name="x"/>; zeros where the function doesn't use its argument.</returns>
    /// <exception cref="ShapeException">The result has not one element.</exception>
    /// <exception cref="DTypeException">The argument or the result is not floating point.</exception>
    public static Tensor Gradient(Func<Tensor, Tensor> function, Tensor x) => ValueAndGradient(function, x).Gradient;

    /// <summary>The gradients of a scalar function of several arguments.</summary>
    /// <inheritdoc cref="Gradient(Func{Tensor, Tensor}, Tensor)"/>
    [OverloadResolutionPriority(1)]
    public static Tensor[] Gradient(Func<Tensor[], Tensor> function, Tensor[] xs) => ValueAndGradient(function, xs).Gradients;

    /// <summary>The value of a scalar function and its gradient, in one go.</summary>
    /// <inheritdoc cref="Gradient(Func{Tensor, Tensor}, Tensor)"/>
    public static (Tensor Value, Tensor Gradient) ValueAndGradient(Func<Tensor, Tensor> function, Tensor x) =>
        ValueAndGradient("gradient", function, x);

    /// <summary>The value of a scalar function of several arguments and its gradients, in one go.</summary>
    /// <inheritdoc cref="Gradient(Func{Tensor, Tensor}, Tensor)"/>
    [OverloadResolutionPriority(1)]
    public static (Tensor Value, Tensor[] Gradients) ValueAndGradient(Func<Tensor[], Tensor> function, Tensor[] xs)
    {
        var at = new Point("gradient", function, xs);
        CheckScalar("gradient", at.Value);
        return (at.Result, at.Pull(Tensor.OnesLike(at.Value)));
    }

    /// <summary>A vector-Jacobian product, what a walk in reverse computes: vᵀ ∂f/∂x.</summary>
    /// <param name="function">Any differentiable function.</param>
    /// <param name="x">Where.</param>
    /// <param name="cotangent">v, in the shape and dtype of the function's result.</param>
    /// <returns>The function's value, and the product in the shape of <paramref name="x"/>.</returns>
    /// <exception cref="ShapeException">v has not the shape of the result.</exception>
    public static (Tensor Value, Tensor Product) Vjp(Func<Tensor, Tensor> function, Tensor x, Tensor cotangent)
    {
        ArgumentNullException.ThrowIfNull(cotangent);
        var at = new Point("vjp", function, x, cotangent);
        return (at.Result, at.Pull(CheckLike("vjp", nameof(cotangent), cotangent, at.Value))[0]);
    }

    /// <summary>Vector-Jacobian products for several arguments.</summary>
    /// <inheritdoc cref="Vjp(Func{Tensor, Tensor}, Tensor, Tensor)"/>
    [OverloadResolutionPriority(1)]
    public static (Tensor Value, Tensor[] Products) Vjp(Func<Tensor[], Tensor> function, Tensor[] xs, Tensor cotangent)
    {
        ArgumentNullException.ThrowIfNull(cotangent);
        var at = new Point("vjp", function, xs, cotangent);
        return (at.Result, at.Pull(CheckLike("vjp", nameof(cotangent), cotangent, at.Value)));
    }

    /// <summary>A Jacobian-vector product, the derivative along a direction: ∂f/∂x · v.</summary>
    /// <param name="function">Any differentiable function.</param>
    /// <param name="x">Where.</param>
    /// <param name="tangent">v, in the shape and dtype of <paramref name="x"/>.</param>
    /// <returns>The function's value, and the product in its shape.</returns>
    /// <remarks>
    /// Computed by two walks in reverse: the gradient is linear in its seed u, and the derivative of that linear map, seeded with v, is the product
    /// (Townsend, "A new trick for calculating Jacobian vector products", 2017). Dual numbers in every operation would need a second rule for each and its
    /// proof; this way the rules that are proved serve unchanged, for every operation and every order, at about the cost of a second derivative.
    /// </remarks>
    /// <exception cref="ShapeException">v has not the shape of <paramref name="x"/>.</exception>
    public static (Tensor Value, Tensor Product) Jvp(Func<Tensor, Tensor> function, Tensor x, Tensor tangent)
    {
        ArgumentNullException.ThrowIfNull(x);
        tangent = CheckLike("jvp", nameof(tangent), tangent, x);
        var at = new Point("jvp", function, x, tangent);
        return (at.Result, at.Push([tangent]));
    }

    /// <summary>A Jacobian-vector product for several arguments: Σ ∂f/∂xᵢ · vᵢ.</summary>
    /// <inheritdoc cref="Jvp(Func{Tensor, Tensor}, Tensor, Tensor)"/>
    [OverloadResolutionPriority(1)]
    public static (Tensor Value, Tensor Product) Jvp(Func<Tensor[], Tensor> function, Tensor[] xs, Tensor[] tangents)
    {
        ArgumentNullException.ThrowIfNull(xs);
        ArgumentNullException.ThrowIfNull(tangents);
        if (tangents.Length != xs.Length)
        {
            throw Error.Range("jvp", "number of tangents", tangents.Length, $"{xs.Length}, one for each argument");
        }

        Tensor[] directions = [.. tangents.Select((tangent, i) => CheckLike("jvp", $"{nameof(tangents)}[{i}]", tangent, xs[i]))];
        var at = new Point("jvp", function, xs, directions);
        return (at.Result, at.Push(directions));
    }

    /// <summary>All first derivatives: element [i…, j…] is ∂f[i…] / ∂x[j…].</summary>
    /// <param name="function">Any differentiable function.</param>
    /// <param name="x">Where.</param>
    /// <returns>The shape of the result followed by the shape of <paramref name="x"/>, in the dtype of <paramref name="x"/>.</returns>
    /// <remarks>The function is evaluated once, then there is a walk for each element of the result or of the argument, whichever has fewer.</remarks>
    public static Tensor Jacobian(Func<Tensor, Tensor> function, Tensor x) => new Point("jacobian", function, x).Jacobian();

    /// <summary>All second derivatives of a scalar function: element [i…, j…] is ∂²f / ∂x[i…] ∂x[j…].</summary>
    /// <param name="function">A function with a result of one element.</param>
    /// <param name="x">Where.</param>
    /// <returns>The shape of <paramref name="x"/> twice; symmetric where the second derivatives are continuous.</returns>
    /// <remarks>One walk for the gradient, and one more for each element of it.</remarks>
    /// <exception cref="ShapeException">The result has not one element.</exception>
    public static Tensor Hessian(Func<Tensor, Tensor> function, Tensor x) =>
        new Point("hessian", y => ValueAndGradient("hessian", function, y).Gradient, x).Jacobian();

    /// <summary>The Hessian of a scalar function times a vector, without the Hessian: H v.</summary>
    /// <param name="function">A function with a result of one element.</param>
    /// <param name="x">Where.</param>
    /// <param name="vector">v, in the shape and dtype of <paramref name="x"/>.</param>
    /// <returns>The function's value, its gradient, and the product in the shape of <paramref name="x"/>.</returns>
    /// <remarks>The gradient of (∇f · v), about the cost of a second derivative (Pearlmutter, "Fast exact multiplication by the Hessian", 1994).</remarks>
    /// <exception cref="ShapeException">The result has not one element, or v has not the shape of <paramref name="x"/>.</exception>
    public static (Tensor Value, Tensor Gradient, Tensor Product) HessianVectorProduct(Func<Tensor, Tensor> function, Tensor x, Tensor vector)
    {
        const string Operation = "hessian_vector_product";
        ArgumentNullException.ThrowIfNull(x);
        vector = CheckLike(Operation, nameof(vector), vector, x);
        Tensor? value = null;
        var at = new Point(
            Operation,
            y =>
            {
                (value, var gradient) = ValueAndGradient(Operation, function, y);
                return gradient;
            },
            x,
            vector);
        return (at.Outward(value!), at.Result, at.Pull(vector)[0]);
    }

    private static (Tensor Value, Tensor Gradient) ValueAndGradient(string operation, Func<Tensor, Tensor> function, Tensor x)
    {
        var at = new Point(operation, function, x);
        CheckScalar(operation, at.Value);
        return (at.Result, at.Pull(Tensor.OnesLike(at.Value))[0]);
    }

    private static void CheckScalar(string operation, Tensor value)
    {
        if (value.Count != 1)
        {
            throw Error.Shape(
                operation,
                $"the function's result is {value.Describe()}, but must have one element: sum it, or use Vjp or Jacobian for functions of several results.");
        }
    }

    private static Tensor CheckLike(string operation, string name, Tensor tensor, Tensor other)
    {
        ArgumentNullException.ThrowIfNull(tensor, name);
        tensor = tensor.Adopt(operation, other.DType);
        if (tensor.DType != other.DType)
        {
            throw Error.DTypesDiffer(operation, other.DType, tensor.DType);
        }

        return tensor.Layout.HasShape(other.Shape)
            ? tensor
            : throw Error.Shape(operation, $"{name} has shape {Error.Text(tensor.Shape)}; {Error.Text(other.Shape)} is needed.");
    }
}
