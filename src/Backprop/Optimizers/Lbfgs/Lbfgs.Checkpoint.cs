using System.Globalization;

namespace Backprop.Optimizers;

public sealed partial class Lbfgs
{
    private const string IterationsName = "iterations";
    private const string EvaluationsName = "evaluations";
    private const string StepLengthName = "step_length";
    private const string ScaleName = "inverse_curvature";
    private const string PairsName = "pairs";

    private protected override void SaveMore(Dictionary<string, Tensor> result)
    {
        result.Add(IterationsName, Tensor.Scalar(Iterations));
        result.Add(EvaluationsName, Tensor.Scalar(Evaluations));
        result.Add(StepLengthName, Tensor.Scalar(stepLength));
        result.Add(ScaleName, Tensor.Scalar(history.Scale));
        result.Add(PairsName, Tensor.Scalar((long)history.Pairs.Count));
        for (var k = 0; k < history.Pairs.Count; k++)
        {
            for (var i = 0; i < States.Count; i++)
            {
                result.Add(Key(i, Move(k)), history.Pairs[k].Move.Parts[i].Clone());
                result.Add(Key(i, Change(k)), history.Pairs[k].Change.Parts[i].Clone());
            }
        }
    }

    private protected override void CheckMore(IReadOnlyDictionary<string, Tensor> state, HashSet<string> known)
    {
        foreach (var name in new[] { IterationsName, EvaluationsName, PairsName })
        {
            known.Add(name);
            var value = SavedScalar.Read<long>(state, name);
            if (value < 0 || (name == PairsName && value > int.MaxValue))
            {
                throw Error.Range("load_state_dictionary", name, value, name == PairsName ? $"0 … {int.MaxValue}" : "0 or more");
            }
        }

        foreach (var name in new[] { StepLengthName, ScaleName })
        {
            known.Add(name);
            SavedScalar.Read<double>(state, name);
        }

        var pairs = state[PairsName].Item<long>();
        for (var k = 0; k < pairs; k++)
        {
            for (var i = 0; i < States.Count; i++)
            {
                foreach (var name in new[] { Move(k), Change(k) })
                {
                    CheckState(state, known, i, name);
                    if (!known.Contains(Key(i, name)))
                    {
                        throw new ArgumentException($"load_state_dictionary: '{Key(i, name)}' is missing; '{PairsName}' is {pairs}.", nameof(state));
                    }
                }
            }
        }
    }

    private protected override void LoadMore(IReadOnlyDictionary<string, Tensor> state)
    {
        Iterations = state[IterationsName].Item<long>();
        Evaluations = state[EvaluationsName].Item<long>();
        stepLength = state[StepLengthName].Item<double>();
        var pairs = (int)state[PairsName].Item<long>();
        history.Restore(
            state[ScaleName].Item<double>(),
            Enumerable.Range(0, pairs).Select(k => (Saved(state, Move(k)), Saved(state, Change(k)))));
    }

    private IReadOnlyList<Tensor> Saved(IReadOnlyDictionary<string, Tensor> state, string name) =>
        [.. Enumerable.Range(0, States.Count).Select(i => state[Key(i, name)])];

    private static string Move(int pair) => string.Create(CultureInfo.InvariantCulture, $"move_{pair}");

    private static string Change(int pair) => string.Create(CultureInfo.InvariantCulture, $"gradient_change_{pair}");
}
