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
/// while capturing, with the advice to return them instead. State that lives on from one step to the next must be changed in place. All of the step's
/// work on tensors is done by the thread that calls it.
/// </para>
/// <para>
/// A replay looks first whether everything is as it was: modes of modules, which tensors require gradients, whether recording is on, which gradients
/// are there, whether tensors from outside still exist. If not, it runs the step anew and captures that too; four captures are kept. See
/// <see cref="LastReason"/>. Where it turns out in the middle of a replay that the step would take another course (<see cref="Capture.Observe"/> of computed
/// numbers, shapes that follow from numbers), the step is run anew from its beginning, and what was done up to there has been done twice. For inputs of
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
///     images.CopyFrom(batch.Inputs);
///     labels.CopyFrom(batch.Targets);
///     Console.WriteLine(step.Replay().Item());
/// }
/// </code></example>
public sealed class CapturedStep
{
    /// <summary>Captures that are kept: where gradients are there or not, or a model trains or evaluates, one for each.</summary>
    private const int MostRecipes = 4;

    /// <summary>A replay earns one, up to so many, and a capture costs two; in debt, the step is run as it is.</summary>
    private const int MostCredit = 16;

    private readonly Func<Tensor> step;
    private readonly List<Recipe> recipes = [];
    private Tensor result = null!;
    private int credit = MostCredit;
    private bool hasGivenUp;
    private int busy = 1;

    private CapturedStep(Func<Tensor> step) => this.step = step;

    /// <summary>What the step returned, detached: always the same tensor, overwritten by each replay, until the step is captured anew.</summary>
    public Tensor Result => result;

    /// <summary>How often the step was captured.</summary>
    public int Captures { get; private set; }

    /// <summary>Why the last replay that did not simply replay ran the step anew; null if there was none.</summary>
    public string? LastReason { get; private set; }

    /// <summary>The bytes of all intermediate results of a replay together; those that are not needed at the same time share their place.</summary>
    public long BufferBytes => recipes.Sum(recipe => recipe.Bytes);

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
        captured.busy = 0;
        return captured;
    }

    /// <summary>Does what the step does.</summary>
    /// <returns><see cref="Result"/>.</returns>
    /// <exception cref="InvalidOperationException">
    /// Called from within the step, by two threads at once, or while another step is captured.
    /// </exception>
    public Tensor Replay()
    {
        if (Ledger.IsOn || Interlocked.Exchange(ref busy, 1) != 0)
        {
            throw new InvalidOperationException("captured_step: Replay() can't be called from within a step, nor by two threads at once.");
        }

        try
        {
            return hasGivenUp ? result = RunPlainly() : Fitting(out var reason) is { } recipe ? Replay(recipe) : RunAnew(reason!);
        }
        finally
        {
            Volatile.Write(ref busy, 0);
        }
    }

    /// <summary>The capture that fits how things are, first of all the one that was used last; or why that one doesn't.</summary>
    private Recipe? Fitting(out string? reason)
    {
        reason = null;
        for (var i = 0; i < recipes.Count; i++)
        {
            var recipe = recipes[i];
            if (recipe.Misfit() is { } otherwise)
            {
                reason ??= otherwise;
                continue;
            }

            if (i > 0)
            {
                recipes.RemoveAt(i);
                recipes.Insert(0, recipe);
            }

            return recipe;
        }

        return null;
    }

    private Tensor Replay(Recipe recipe)
    {
        try
        {
            recipe.Replay();
        }
        catch (CourseException other)
        {
            return RunAnew(other.Message);
        }

        credit = Math.Min(credit + 1, MostCredit);
        return result = recipe.Result;
    }

    private Tensor RunAnew(string reason)
    {
        LastReason = reason;
        credit -= 2;
        if (credit < 0)
        {
            LastReason = $"after {Captures} captures, the last of which were hardly used, the step is run as it is; at last {reason}";
            hasGivenUp = true;
            recipes.Clear();
            return result = RunPlainly();
        }

        return Record();
    }

    private Tensor Record()
    {
        var recipe = Recipe.Of(step);
        Captures++;
        recipes.Insert(0, recipe);
        if (recipes.Count > MostRecipes)
        {
            recipes.RemoveAt(MostRecipes);
        }

        return result = recipe.Result;
    }

    private Tensor RunPlainly()
    {
        using var scope = TensorScope.Begin();
        return Recipe.Outlasting(step());
    }
}
