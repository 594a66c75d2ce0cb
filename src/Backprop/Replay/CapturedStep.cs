using Backprop.Memory;
using Backprop.Replay;

namespace Backprop;

/// <summary>
/// A step of computation, usually forward, backward and optimizer, that was run once and is then replayed: the same kernels on the same tensors in the same
/// order, with nothing recorded, looked up or allocated in between, and with the memory of all intermediate results planned beforehand.
/// </summary>
/// <remarks>
/// <para>
/// A replay gives the same bits as the step itself. New data come in by <see cref="Tensor.CopyFrom(Tensor)"/> into the tensors that the step uses; random
/// numbers are drawn anew, optimizers count on, running statistics move.
/// </para>
/// <para>
/// The step is ordinary code, but it runs only once. What a replay repeats are operations on tensors, and what was noted with
/// <see cref="Capture.Repeat"/>: variables of your own don't change, and a branch is taken as it was. Code that reads numbers out of tensors is refused
/// while capturing, with the advice to return them instead. State that lives on from one step to the next must be changed in place.
/// </para>
/// <para>
/// A replay looks first whether everything is as it was: modes of modules, which tensors require gradients, whether recording is on, which gradients
/// are there, whether tensors from outside still exist. If not, it runs the step anew and captures it again; see <see cref="LastReason"/>. For inputs of
/// several shapes there is <see cref="CapturedFunction"/>. Not for use by several threads at once.
/// </para>
/// </remarks>
/// <example><code>
/// var step = CapturedStep.Capture(() =>
/// {
///     var loss = Losses.CrossEntropy(model.Forward(images), labels);
///     optimizer.ZeroGradients();
///     loss.Backward();
///     optimizer.Step();
///     return loss;
/// });
/// foreach (var batch in loader)
/// {
///     images.CopyFrom(batch.Images);
///     labels.CopyFrom(batch.Labels);
///     Console.WriteLine(step.Replay().Item());
/// }
/// </code></example>
public sealed class CapturedStep
{
    /// <summary>After so many captures in a row that were good for one replay or none, the step is run as it is.</summary>
    private const int Patience = 8;

    private readonly Func<Tensor> step;
    private Recipe? recipe;
    private Tensor result = null!;
    private int futile;
    private bool isBusy;

    private CapturedStep(Func<Tensor> step) => this.step = step;

    /// <summary>What the step returned, detached: always the same tensor, overwritten by each replay, until the step is captured anew.</summary>
    public Tensor Result => result;

    /// <summary>How often the step was captured.</summary>
    public int Captures { get; private set; }

    /// <summary>Why the last replay that did not simply replay ran the step anew; null if there was none.</summary>
    public string? LastReason { get; private set; }

    /// <summary>The bytes of all intermediate results of a replay together; those that are not needed at the same time share their place.</summary>
    public long BufferBytes => recipe?.Bytes ?? 0;

    /// <summary>Runs a step, for real, and captures it.</summary>
    /// <param name="step">
    /// The step. What it returns is there to be read afterwards; other tensors that it makes are not. Changes it makes to parameters, gradients and statistics
    /// are made once, now.
    /// </param>
    /// <exception cref="InvalidOperationException">
    /// The step does something that can't be replayed, such as reading a number out of a tensor; or it is called while another step is captured. What the
    /// step did up to there has been done.
    /// </exception>
    public static CapturedStep Capture(Func<Tensor> step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var captured = new CapturedStep(step);
        captured.Record();
        return captured;
    }

    /// <summary>Does what the step does.</summary>
    /// <returns><see cref="Result"/>.</returns>
    /// <exception cref="InvalidOperationException">Called from within the step, or while another one is captured.</exception>
    public Tensor Replay()
    {
        if (isBusy || Backprop.Capture.IsOn)
        {
            throw new InvalidOperationException("captured_step: Replay() can't be called from within a step.");
        }

        if (recipe is null)
        {
            return RunPlainly();
        }

        return recipe.Misfit() is { } reason ? RunAnew(reason) : ReplayNow();
    }

    private Tensor RunAnew(string reason)
    {
        LastReason = reason;
        futile = recipe!.Replays > 1 ? 0 : futile + 1;
        if (futile >= Patience)
        {
            LastReason = $"after {Captures} captures that were good for one replay at most the step is run as it is; at last {reason}";
            recipe = null;
            return RunPlainly();
        }

        Record();
        return result;
    }

    private Tensor ReplayNow()
    {
        isBusy = true;
        try
        {
            recipe!.Replay();
        }
        catch (CourseException other)
        {
            isBusy = false;
            return RunAnew(other.Message);
        }
        finally
        {
            isBusy = false;
        }

        return result;
    }

    private void Record()
    {
        isBusy = true;
        try
        {
            recipe = null;
            (recipe, result) = Recipe.Of(step);
            Captures++;
        }
        finally
        {
            isBusy = false;
        }
    }

    private Tensor RunPlainly()
    {
        isBusy = true;
        try
        {
            using var scope = TensorScope.Begin();
            return result = Recipe.Outlasting(step());
        }
        finally
        {
            isBusy = false;
        }
    }
}
