using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Backprop.Replay;

/// <summary>
/// The variables of tensors that a step captures. One whose tensor the step uses and then replaces by another that it makes carries a state on by
/// assignment, which no replay does. As far as can be seen: what is not found isn't refused.
/// </summary>
internal sealed class StepVariables
{
    private const int Depth = 3;

    private readonly List<(object Owner, FieldInfo Field, Tensor Before)> variables = [];

    /// <summary>The variables of a step as they are.</summary>
    public static StepVariables Of(Delegate step)
    {
        var found = new StepVariables();
        found.Add(step.Target, Depth);
        return found;
    }

    /// <summary>Refuses a state that is carried on by assignment.</summary>
    public void Check(Recorder recorder)
    {
        foreach (var (owner, field, before) in variables)
        {
            if (field.GetValue(owner) is Tensor now && !ReferenceEquals(now, before)
                && recorder.Made.Contains(now.Storage) && recorder.Found.Contains(before.Storage))
            {
                throw new InvalidOperationException(
                    $"captured_step: the step uses the tensor in '{field.Name}' and then assigns another one to it, which it made; a replay would go on with "
                    + $"the first. Change it in place: {field.Name}.CopyFrom(…), of Detach()ed elements.");
            }
        }
    }

    [UnconditionalSuppressMessage("Trimming", "IL2075", Justification = "Where fields were trimmed away, a mistake goes unnoticed and nothing breaks.")]
    private void Add(object? owner, int depth)
    {
        if (owner is null || depth == 0)
        {
            return;
        }

        foreach (var field in owner.GetType().GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
        {
            if (field.GetValue(owner) is not { } value)
            {
                continue;
            }

            if (value is Tensor tensor)
            {
                variables.Add((owner, field, tensor));
            }
            else if (field.FieldType.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) || field.Name.Contains("__this", StringComparison.Ordinal))
            {
                Add(value, depth - 1);
            }
            else if (value is Delegate inner)
            {
                Add(inner.Target, depth - 1);
            }
        }
    }
}
