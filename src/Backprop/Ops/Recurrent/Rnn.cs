using Backprop.Kernels.Recurrent;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>Simple recurrent units (Elman, 1990): h′ = f(x + s), with x the input's and s the state's share of the pre-activations.</summary>
    internal sealed class Rnn(RecurrentActivation activation, bool hasLengths, bool reverse)
        : SweepOp(KindOf(activation), gates: Gates, kept: 0, hasCell: false, hasBias: false, hasLengths, reverse)
    {
        public const int Gates = 1;

        public override string Name => activation == RecurrentActivation.Relu ? "rnn_relu" : "rnn_tanh";

        protected override (Tensor Hidden, Tensor? Cell) Step(Tensor input, Tensor state, Tensor hidden, Tensor? cell) =>
            (activation == RecurrentActivation.Relu ? (input + state).Relu() : (input + state).Tanh(), null);

        private static UnitKind KindOf(RecurrentActivation activation) => activation == RecurrentActivation.Relu ? UnitKind.Relu : UnitKind.Tanh;
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// A layer of simple recurrent units over whole sequences: h′ = f(x W<sub>x</sub>ᵀ + h W<sub>h</sub>ᵀ + biases) (Elman, 1990).
        /// </summary>
        /// <param name="x">[steps, batch, in].</param>
        /// <param name="hidden">The state before the first step, [batch, size].</param>
        /// <param name="weightInput">[size, in].</param>
        /// <param name="weightHidden">[size, size].</param>
        /// <param name="biasInput">[size], or nothing.</param>
        /// <param name="biasHidden">[size], or nothing; added to the other one.</param>
        /// <param name="activation">f.</param>
        /// <param name="lengths">
        /// How many steps of each sequence count, [batch] of int64; all if nothing. The steps beyond give zeros and leave the state alone, and in
        /// reverse each sequence begins at its own end.
        /// </param>
        /// <param name="reverse">Whether the last step comes first.</param>
        /// <returns>The states of all steps, [steps, batch, size], and the one after the last, [batch, size].</returns>
        /// <exception cref="ShapeException">The shapes don't fit.</exception>
        /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
        /// <exception cref="ArgumentOutOfRangeException">
        /// A length is negative or more than there are steps, or the activation is none.
        /// </exception>
        public static (Tensor Output, Tensor Hidden) Rnn(
            Tensor x, Tensor hidden, Tensor weightInput, Tensor weightHidden, Tensor? biasInput = null, Tensor? biasHidden = null,
            RecurrentActivation activation = RecurrentActivation.Tanh, Tensor? lengths = null, bool reverse = false)
        {
            var packed = SweepRnn("rnn", steps: true, x, hidden, weightInput, weightHidden, biasInput, biasHidden, activation, lengths, reverse);
            return (packed.Narrow(0, 0, x.Shape[0]), packed.Select(0, x.Shape[0]));
        }

        /// <summary>One step of <see cref="Rnn"/>.</summary>
        /// <param name="x">[batch, in].</param>
        /// <param name="hidden">[batch, size].</param>
        /// <param name="weightInput">[size, in].</param>
        /// <param name="weightHidden">[size, size].</param>
        /// <param name="biasInput">[size], or nothing.</param>
        /// <param name="biasHidden">[size], or nothing.</param>
        /// <param name="activation">f.</param>
        /// <returns>The new state, [batch, size].</returns>
        /// <exception cref="ShapeException">The shapes don't fit.</exception>
        /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
        /// <exception cref="ArgumentOutOfRangeException">The activation is none.</exception>
        public static Tensor RnnCell(
            Tensor x, Tensor hidden, Tensor weightInput, Tensor weightHidden, Tensor? biasInput = null, Tensor? biasHidden = null,
            RecurrentActivation activation = RecurrentActivation.Tanh) =>
            SweepRnn("rnn_cell", steps: false, x, hidden, weightInput, weightHidden, biasInput, biasHidden, activation, null, false).Select(0, 1);

        private static Tensor SweepRnn(
            string operation, bool steps, Tensor x, Tensor hidden, Tensor weightInput, Tensor weightHidden, Tensor? biasInput, Tensor? biasHidden,
            RecurrentActivation activation, Tensor? lengths, bool reverse)
        {
            ArgumentNullException.ThrowIfNull(x);
            ArgumentNullException.ThrowIfNull(hidden);
            ArgumentNullException.ThrowIfNull(weightInput);
            ArgumentNullException.ThrowIfNull(weightHidden);
            if (activation is not (RecurrentActivation.Tanh or RecurrentActivation.Relu))
            {
                throw Error.Range(operation, nameof(activation), activation, "RecurrentActivation.Tanh or RecurrentActivation.Relu");
            }

            var shapes = new RecurrentShapes(operation, Ops.Rnn.Gates);
            shapes.Check(x, steps, (weightInput, weightHidden), [hidden], [biasInput, biasHidden]);
            var dtype = x.DType;
            x = (steps ? x : x.Unsqueeze(0)).Wide;
            (weightHidden, hidden, biasInput, biasHidden) = (weightHidden.Wide, hidden.Wide, biasInput?.Wide, biasHidden?.Wide);
            var bias = biasInput is null || biasHidden is null ? biasInput ?? biasHidden : biasInput + biasHidden;
            var gates = Linear(x, weightInput.Wide, bias);
            var packed = shapes.Lengths(lengths, x) is { } counts
                ? new Rnn(activation, hasLengths: true, reverse).Apply(gates, weightHidden, hidden, counts)
                : new Rnn(activation, hasLengths: false, reverse).Apply(gates, weightHidden, hidden);
            return packed.To(dtype);
        }
    }
}
