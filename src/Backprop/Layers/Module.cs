using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Backprop.Layers;

/// <summary>
/// A part of a model: what it computes, and the tensors that training changes. Derive from it and put layers and tensors into plain fields;
/// they are found there.
/// </summary>
/// <remarks>
/// <para>
/// Found are the fields of a module and of its base classes, private ones too: modules, tensors, and arrays, lists and dictionaries of them.
/// A tensor that is a leaf and requires a gradient, or did until it was frozen, is a parameter; one marked <see cref="BufferAttribute"/> is a
/// buffer; others are the module's own business. Names follow the fields: <c>hidden.weight</c>, and with a position for lists:
/// <c>blocks.0.weight</c>. A property counts by its name; leading underscores go and the first letter becomes a small one, so
/// <c>Weight { get; }</c>, <c>_weight</c> and <c>weight</c> all give "weight". Other names are given with <c>Register</c>. A tensor or module
/// that is held in two places is listed once, under the first name; registered names come first.
/// </para>
/// <para>
/// A module listed by <see cref="NamedParameters"/> or <see cref="Parameters"/> of a model knows its path in it, and errors name it.
/// </para>
/// </remarks>
/// <example><code>
/// sealed class Perceptron : Module
/// {
///     private readonly Linear hidden = new(784, 200);
///     private readonly Linear output = new(200, 10);
///     public override Tensor Forward(Tensor x) => output.Forward(hidden.Forward(x).Relu());
/// }
/// </code></example>
[DynamicallyAccessedMembers(Fields)]
public abstract class Module
{
    /// <summary>What trimming must keep of every module, so that its fields are found.</summary>
    internal const DynamicallyAccessedMemberTypes Fields =
        DynamicallyAccessedMemberTypes.PublicFields | DynamicallyAccessedMemberTypes.NonPublicFieldsWithInherited;

    private List<Member>? registered;

    /// <summary>Whether the module is in training mode, as it is at first: <see cref="Dropout"/> drops and statistics are updated.</summary>
    public bool IsTraining { get; private set; } = true;

    /// <summary>Where the module stands in the model that listed it last.</summary>
    internal ModulePlace? Place { get; set; }

    /// <summary>What was registered under a name of its own; it comes before what the fields hold.</summary>
    internal IReadOnlyList<Member> Registered => registered ?? [];

    /// <summary>The type's name, without the mark of generic ones.</summary>
    internal string TypeName => GetType().Name.Split('`')[0];

    /// <summary>The module's settings, as its text shows them: <c>784 → 200</c>. Empty unless overridden.</summary>
    protected virtual string Settings => "";

    /// <summary>For messages: the module's path in its model, type and settings: <c>Perceptron.output (Linear 128 → 10)</c>.</summary>
    /// <remarks>The path is known once the model has listed its parameters.</remarks>
    protected string Location
    {
        get
        {
            var label = Settings.Length == 0 ? TypeName : $"{TypeName} {Settings}";
            return Place is { Path.Length: > 0 } place ? $"{place.Root}.{place.Path} ({label})" : label;
        }
    }

    /// <summary>
    /// Names what is computed until the result is disposed after this module, in the profiles of a <see cref="Profiler"/>. The first line of Forward in the
    /// library's layers; worth having in your own. Free of cost while no profiler is on.
    /// </summary>
    /// <remarks>The path is known once the model has listed its parameters.</remarks>
    /// <example><code>
    /// public override Tensor Forward(Tensor x)
    /// {
    ///     using var region = Enter();
    ///     …
    /// </code></example>
    protected Profiler.Region Enter()
    {
        if (Capture.IsOn)
        {
            RequireMode();
        }

        return Profiler.IsOn ? Profiler.Enter(Place is { } place ? ModuleFields.Join(place.Root, place.Path) : TypeName, isPath: true) : default;
    }

    /// <summary>A replay of what is computed now is only right in this mode.</summary>
    private void RequireMode()
    {
        var mode = IsTraining;
        Capture.Require(() => IsTraining == mode, mode ? "the model evaluates now" : "the model trains now");
    }

    /// <summary>Computes the module's result.</summary>
    public abstract Tensor Forward(Tensor x);

    /// <summary>The tensors that training changes, in order of declaration, each once.</summary>
    public Tensor[] Parameters() => [.. ModuleTree.Of(this).Parameters.Select(entry => entry.Tensor)];

    /// <summary>The parameters with their names, which become the tensors' <see cref="Tensor.Name"/>.</summary>
    /// <exception cref="InvalidOperationException">Two tensors of a module bear the same name.</exception>
    public IReadOnlyList<(string Name, Tensor Parameter)> NamedParameters() => ModuleTree.Of(this).Parameters;

    /// <summary>The losses of all samples of a batch, and their gradients each by itself with respect to the parameters that require one.</summary>
    /// <param name="losses">Computes a vector with this module, one loss per sample.</param>
    /// <returns>The losses, and by name of the parameter [samples, shape of the parameter]; no gradient accumulates in the parameters.</returns>
    /// <remarks>See <see cref="Calculus.PerSampleGradients(Tensor, ReadOnlySpan{Tensor}, bool)"/> for the cost, and for what is refused.</remarks>
    /// <exception cref="ShapeException">The losses are no vector.</exception>
    /// <exception cref="InvalidOperationException">An operation mixes samples, as batch norm does in training, or has no rule for this.</exception>
    /// <example><code>
    /// var (losses, gradients) = model.PerSampleGradients(() => Losses.CrossEntropy(model.Forward(images), labels, reduction: Reduction.None));
    /// </code></example>
    public (Tensor Losses, Dictionary<string, Tensor> Gradients) PerSampleGradients(Func<Tensor> losses)
    {
        ArgumentNullException.ThrowIfNull(losses);
        (string Name, Tensor Parameter)[] wanted = [.. NamedParameters().Where(entry => entry.Parameter.RequiresGradient)];
        var computed = losses() ?? throw new ArgumentException("per_sample_gradients: the function's result is null.", nameof(losses));
        var gradients = Calculus.PerSampleGradients(computed, [.. wanted.Select(entry => entry.Parameter)]);
        return (computed, wanted.Select(entry => entry.Name).Zip(gradients).ToDictionary(pair => pair.First, pair => pair.Second));
    }

    /// <summary>The tensors marked <see cref="BufferAttribute"/>, with their names.</summary>
    /// <exception cref="InvalidOperationException">Two tensors of a module bear the same name.</exception>
    public IReadOnlyList<(string Name, Tensor Buffer)> NamedBuffers() => ModuleTree.Of(this).Buffers;

    /// <summary>This module (under the empty name) and all modules in it, at any depth.</summary>
    public IReadOnlyList<(string Name, Module Module)> NamedModules() => ModuleTree.Of(this).Modules;

    /// <summary>The modules that this one holds itself.</summary>
    public IReadOnlyList<(string Name, Module Module)> Children() => ModuleTree.Children(this);

    /// <summary>Puts this module and all in it into training mode.</summary>
    public void Train() => SetTraining(true);

    /// <summary>Puts this module and all in it into evaluation mode. Recording goes on: see <see cref="Recording.Pause"/>.</summary>
    public void Evaluate() => SetTraining(false);

    /// <summary>
    /// Makes constants of all parameters of this module and those in it: no gradient is computed for them, and optimizers leave them alone. They are still
    /// listed and saved.
    /// </summary>
    /// <remarks>
    /// An optimizer made later takes only what requires a gradient: <c>new Adam(model.Parameters().Where(p => p.RequiresGradient))</c>. Running statistics
    /// of normalisations still move in training; see <see cref="Evaluate"/>.
    /// </remarks>
    public void Freeze() => RequireGradients(false);

    /// <summary>Asks for gradients of all parameters again, after <see cref="Freeze"/>.</summary>
    public void Unfreeze() => RequireGradients(true);

    /// <summary>Calls a function with every module in this one, inner ones before those that hold them, and this one last.</summary>
    /// <example><code>model.Apply(module => { if (module is Linear layer) { Initialize.KaimingNormal(layer.Weight); } });</code></example>
    public void Apply(Action<Module> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        foreach (var (_, module) in NamedModules().Reverse())
        {
            action(module);
        }
    }

    /// <summary>Forgets the gradients of all parameters.</summary>
    public void ZeroGradients()
    {
        foreach (var (_, parameter) in ModuleTree.Of(this).Parameters)
        {
            parameter.ZeroGradient();
        }
    }

    /// <summary>Copies of all parameters and buffers by name. Training on doesn't change them.</summary>
    public Dictionary<string, Tensor> StateDictionary()
    {
        using (TensorScope.Pause())
        using (Recording.Pause())
        {
            return ModuleTree.Of(this).State().ToDictionary(entry => entry.Name, entry => Named(entry.Tensor.Clone(), entry.Name));
        }

        static Tensor Named(Tensor tensor, string name)
        {
            tensor.Name = name;
            return tensor;
        }
    }

    /// <summary>Copies the values of a state dictionary into parameters and buffers.</summary>
    /// <param name="state">Tensors by name, in the shapes and dtypes of the module's own.</param>
    /// <param name="strict">Whether every name must occur on both sides. If not, what only one side has is left alone.</param>
    /// <exception cref="ArgumentException">
    /// The state doesn't fit; the message lists all that is missing, unexpected, or of another shape or dtype. Nothing has been changed.
    /// </exception>
    public void LoadStateDictionary(IReadOnlyDictionary<string, Tensor> state, bool strict = true)
    {
        ArgumentNullException.ThrowIfNull(state);
        var own = ModuleTree.Of(this).State().ToList();
        if (ModuleState.Misfits(own, state, strict) is { Count: > 0 } misfits)
        {
            throw new ArgumentException(ModuleState.Describe($"load_state_dictionary: the state does not fit {TypeName}", misfits));
        }

        ModuleState.Copy(state, own);
    }

    /// <summary>Writes all parameters and buffers to a file in the safetensors format. An existing file is replaced once the new one is complete.</summary>
    /// <exception cref="IOException">The file can't be written.</exception>
    public void Save(string path) => Safetensors.Save(path, ModuleTree.Of(this).State().ToDictionary(entry => entry.Name, entry => entry.Tensor));

    /// <summary>Reads parameters and buffers from a safetensors file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="strict">Whether every name must occur on both sides. If not, what only one side has is left alone.</param>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <exception cref="InvalidDataException">
    /// The file is damaged, or doesn't fit the module; the message lists all that is missing, unexpected, or of another shape or dtype. Nothing
    /// has been changed.
    /// </exception>
    public void Load(string path, bool strict = true)
    {
        using (TensorScope.Pause())
        {
            var state = Safetensors.Load(path);
            var own = ModuleTree.Of(this).State().ToList();
            if (ModuleState.Misfits(own, state, strict) is { Count: > 0 } misfits)
            {
                throw new InvalidDataException(ModuleState.Describe($"{path}: the file does not fit {TypeName}", misfits));
            }

            ModuleState.Copy(state, own);
        }
    }

    /// <summary>The structure: type, settings, and the modules inside, one per line.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Write(text, "", []);
        return text.ToString();
    }

    /// <summary>A parameter of zeros that no <see cref="TensorScope"/> recycles; give it its first values with <see cref="Initialize"/>.</summary>
    /// <example><code>private readonly Tensor gain = Initialize.Constant(Parameter([64]), 1);</code></example>
    protected static Tensor Parameter(ReadOnlySpan<int> shape, DType dtype = DType.Float32) => Buffer(shape, dtype).RequireGradient();

    /// <summary>A tensor of zeros that no <see cref="TensorScope"/> recycles, for a field marked <see cref="BufferAttribute"/>.</summary>
    protected static Tensor Buffer(ReadOnlySpan<int> shape, DType dtype = DType.Float32)
    {
        using (TensorScope.Pause())
        {
            return Tensor.Zeros(shape, dtype);
        }
    }

    /// <summary>Gives a tensor a name that no field can have, or that shall not be the field's: <c>weight_ih_l0</c>. The module keeps it.</summary>
    /// <param name="name">The name among this module's parameters and buffers.</param>
    /// <param name="tensor">A parameter or a buffer; it may be in a field as well, whose name then doesn't count.</param>
    /// <param name="isBuffer">Whether it is saved with the module but not trained.</param>
    /// <returns>The tensor.</returns>
    /// <exception cref="ArgumentException">The name is empty, has a dot in it, or is taken.</exception>
    /// <example><code>weights = Register("weight_ih_l0", Initialize.UniformByFan(Parameter([64, 32]), 32));</code></example>
    protected Tensor Register(string name, Tensor tensor, bool isBuffer = false)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        Register(name, (object)tensor, isBuffer);
        return tensor;
    }

    /// <summary>Gives a module inside of this one a name that is not that of its field: <c>self_attn</c>. This module keeps it.</summary>
    /// <param name="name">The name in this module.</param>
    /// <param name="module">The module; it may be in a field as well, whose name then doesn't count.</param>
    /// <returns>The module.</returns>
    /// <exception cref="ArgumentException">The name is empty, has a dot in it, or is taken.</exception>
    protected TModule Register<TModule>(string name, TModule module)
        where TModule : Module
    {
        ArgumentNullException.ThrowIfNull(module);
        Register(name, module, isBuffer: false);
        return module;
    }

    private void Register(string name, object value, bool isBuffer)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length == 0 || name.Contains('.', StringComparison.Ordinal))
        {
            throw new ArgumentException($"register: '{name}' is no name in {TypeName}; it must not be empty, and dots stand between modules.", nameof(name));
        }

        registered ??= [];
        if (registered.Exists(member => member.Name == name))
        {
            throw new ArgumentException($"register: {TypeName} has registered '{name}' before; every name stands for one thing.", nameof(name));
        }

        registered.Add(new Member(name, value, isBuffer));
    }

    private void RequireGradients(bool required)
    {
        foreach (var (_, parameter) in ModuleTree.Of(this).Parameters)
        {
            parameter.RequireGradient(required);
        }
    }

    private void SetTraining(bool on)
    {
        foreach (var (_, module) in NamedModules())
        {
            module.IsTraining = on;
        }
    }

    /// <summary>Writes this module; <paramref name="above"/> are the modules around it, should a field point back to one.</summary>
    private void Write(StringBuilder text, string indent, Stack<Module> above)
    {
        text.Append(TypeName).Append('(').Append(Settings);
        if (!above.Contains(this) && Children() is { Count: > 0 } children)
        {
            above.Push(this);
            foreach (var (name, child) in children)
            {
                text.Append('\n').Append(indent).Append("  (").Append(name).Append("): ");
                child.Write(text, indent + "  ", above);
            }

            above.Pop();
            text.Append('\n').Append(indent);
        }

        text.Append(')');
    }
}
