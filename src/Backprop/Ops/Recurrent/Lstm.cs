using Backprop.Kernels.Recurrent;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>
    /// Long short-term memory (Hochreiter and Schmidhuber, 1997; forget gates of Gers et al., 2000). With pre-activations i, f, g, o of a step:
    /// c′ = σ(f) c + σ(i) tanh(g), h′ = σ(o) tanh(c′).
    /// </summary>
    internal sealed class Lstm(bool hasLengths, bool reverse)
        : SweepOp(UnitKind.Lstm, gates: Gates, kept: 5, hasCell: true, hasBias: false, hasLengths, reverse)
    {
        public const int Gates = 4;

        public override string Name => "lstm";

        protected override (Tensor Hidden, Tensor? Cell) Step(Tensor input, Tensor state, Tensor hidden, Tensor? cell)
        {
            var gates = input + state;
            var next = (Gate(gates, 1).Sigmoid() * cell!) + (Gate(gates, 0).Sigmoid() * Gate(gates, 2).Tanh());
            return (Gate(gates, 3).Sigmoid() * next.Tanh(), next);
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// A layer of long short-term memory over whole sequences: c′ = σ(f) c + σ(i) tanh(g), h′ = σ(o) tanh(c′), where i, f, g, o are the parts
        /// of x W<sub>x</sub>ᵀ + h W<sub>h</sub>ᵀ + biases, in that order (Hochreiter and Schmidhuber, 1997; Gers et al., 2000).
        /// </summary>
        /// <param name="x">[steps, batch, in].</param>
        /// <param name="hidden">The hidden state before the first step, [batch, size].</param>
        /// <param name="cell">The cell state before the first step, [batch, size].</param>
        /// <param name="weightInput">[4 · size, in].</param>
        /// <param name="weightHidden">[4 · size, size].</param>
        /// <param name="biasInput">[4 · size], or nothing.</param>
        /// <param name="biasHidden">[4 · size], or nothing; added to the other one.</param>
        /// <param name="lengths">
        /// How many steps of each sequence count, [batch] of int64; all if nothing. The steps beyond give zeros and leave the states alone, and in
        /// reverse each sequence begins at its own end.
        /// </param>
        /// <param name="reverse">Whether the last step comes first.</param>
        /// <returns>The hidden states of all steps, [steps, batch, size], and the states after the last one, [batch, size] each.</returns>
        /// <exception cref="ShapeException">The shapes don't fit.</exception>
        /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A length is negative or more than there are steps.</exception>
        public static (Tensor Output, Tensor Hidden, Tensor Cell) Lstm(
            Tensor x, Tensor hidden, Tensor cell, Tensor weightInput, Tensor weightHidden, Tensor? biasInput = null, Tensor? biasHidden = null,
            Tensor? lengths = null, bool reverse = false)
        {
            var packed = SweepLstm("lstm", steps: true, x, hidden, cell, weightInput, weightHidden, biasInput, biasHidden, lengths, reverse);
            var steps = x.Shape[0];
            return (packed.Narrow(0, 0, steps), packed.Select(0, steps), packed.Select(0, steps + 1));
        }

        /// <summary>One step of <see cref="Lstm"/>.</summary>
        /// <param name="x">[batch, in].</param>
        /// <param name="hidden">[batch, size].</param>
        /// <param name="cell">[batch, size].</param>
        /// <param name="weightInput">[4 · size, in].</param>
        /// <param name="weightHidden">[4 · size, size].</param>
        /// <param name="biasInput">[4 · size], or nothing.</param>
        /// <param name="biasHidden">[4 · size], or nothing.</param>
        /// <returns>The new states, [batch, size] each.</returns>
        /// <exception cref="ShapeException">The shapes don't fit.</exception>
        /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
        public static (Tensor Hidden, Tensor Cell) LstmCell(
            Tensor x, Tensor hidden, Tensor cell, Tensor weightInput, Tensor weightHidden, Tensor? biasInput = null, Tensor? biasHidden = null)
        {
            var packed = SweepLstm("lstm_cell", steps: false, x, hidden, cell, weightInput, weightHidden, biasInput, biasHidden, null, false);
            return (packed.Select(0, 1), packed.Select(0, 2));
        }

        private static Tensor SweepLstm(
            string operation, bool steps, Tensor x, Tensor hidden, Tensor cell, Tensor weightInput, Tensor weightHidden, Tensor? biasInput,
            Tensor? biasHidden, Tensor? lengths, bool reverse)
        {
            ArgumentNullException.ThrowIfNull(x);
            ArgumentNullException.ThrowIfNull(hidden);
            ArgumentNullException.ThrowIfNull(cell);
            ArgumentNullException.ThrowIfNull(weightInput);
            ArgumentNullException.ThrowIfNull(weightHidden);
            var shapes = new RecurrentShapes(operation, Ops.Lstm.Gates);
            shapes.Check(x, steps, (weightInput, weightHidden), [hidden, cell], [biasInput, biasHidden]);
            var dtype = x.DType;
            x = (steps ? x : x.Unsqueeze(0)).Wide;
            (weightHidden, hidden, cell, biasInput, biasHidden) = (weightHidden.Wide, hidden.Wide, cell.Wide, biasInput?.Wide, biasHidden?.Wide);
            var bias = biasInput is null || biasHidden is null ? biasInput ?? biasHidden : biasInput + biasHidden;
            var gates = Linear(x, weightInput.Wide, bias);
            var packed = shapes.Lengths(lengths, x) is { } counts
                ? new Lstm(hasLengths: true, reverse).Apply(gates, weightHidden, hidden, cell, counts)
                : new Lstm(hasLengths: false, reverse).Apply(gates, weightHidden, hidden, cell);
            return packed.To(dtype);
        }
    }
}
