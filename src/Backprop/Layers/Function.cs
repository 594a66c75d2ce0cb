namespace Backprop.Layers;

/// <summary>A function as a module, to stand in a <see cref="Sequential"/>. Modules that it uses are not found: give those a field.</summary>
/// <param name="function">What is computed.</param>
/// <example><code>var model = new Sequential(new Linear(2, 8), new Function(x => x.Sin()), new Linear(8, 1));</code></example>
public sealed class Function(Func<Tensor, Tensor> function) : Module
{
    private readonly Func<Tensor, Tensor> function = function ?? throw new ArgumentNullException(nameof(function));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        using var region = Enter();
        return function(x);
    }
}
