using Backprop.Kernels.Recurrent;
using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>
    /// Gated recurrent units (Cho et al., 2014). With shares x of the input and s of the state in the pre-activations r, z, n of a step:
    /// r = σ(xᵣ + sᵣ), z = σ(x_z + s_z), n = tanh(xₙ + r sₙ), h′ = (1 − z) n + z h.
    /// </summary>
    internal sealed class Gru(bool hasBias, bool hasLengths, bool reverse)
        : SweepOp(UnitKind.Gru, gates: Gates, kept: 4, hasCell: false, hasBias, hasLengths, reverse)
    {
        public const int Gates = 3;

        public override string Name => "gru";

        protected override (Tensor Hidden, Tensor? Cell) Step(Tensor input, Tensor state, Tensor hidden, Tensor? cell)
        {
            var reset = (Gate(input, 0) + Gate(state, 0)).Sigmoid();
            var update = (Gate(input, 1) + Gate(state, 1)).Sigmoid();
            var news = (Gate(input, 2) + (reset * Gate(state, 2))).Tanh();
            return (((1 - update) * news) + (update * hidden), null);
        }
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>
        /// A layer of gated recurrent units over whole sequences: h′ = (1 − z) n + z h with r = σ(xᵣ + sᵣ), z = σ(x<sub>z</sub> + s<sub>z</sub>)
        /// and n = tanh(xₙ + r sₙ), where x = x W<sub>x</sub>ᵀ + b<sub>x</sub> and s = h W<sub>h</sub>ᵀ + b<sub>h</sub> have the parts r, z, n in
        /// that order (Cho et al., 2014, with the reset gate behind the product).
        /// </summary>
        /// <param name="x">[steps, batch, in].</param>
        /// <param name="hidden">The state before the first step, [batch, size].</param>
        /// <param name="weightInput">[3 · size, in].</param>
        /// <param name="weightHidden">[3 · size, size].</param>
        /// <param name="biasInput">[3 · size], or nothing.</param>
        /// <param name="biasHidden">[3 · size], or nothing.</param>
        /// <param name="lengths">
        /// How many steps of each sequence count, [batch] of int64; all if nothing. The steps beyond give zeros and leave the state alone, and in
        /// reverse each sequence begins at its own end.
        /// </param>
        /// <param name="reverse">Whether the last step comes first.</param>
        /// <returns>The states of all steps, [steps, batch, size], and the one after the last, [batch, size].</returns>
        /// <exception cref="ShapeException">The shapes don't fit.</exception>
        /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
        /// <exception cref="ArgumentOutOfRangeException">A length is negative or more than there are steps.</exception>
        public static (Tensor Output, Tensor Hidden) Gru(
            Tensor x, Tensor hidden, Tensor weightInput, Tensor weightHidden, Tensor? biasInput = null, Tensor? biasHidden = null,
            Tensor? lengths = null, bool reverse = false)
        {
            var packed = SweepGru("gru", steps: true, x, hidden, weightInput, weightHidden, biasInput, biasHidden, lengths, reverse);
            return (packed.Narrow(0, 0, x.Shape[0]), packed.Select(0, x.Shape[0]));
        }

        /// <summary>One step of <see cref="Gru"/>.</summary>
        /// <param name="x">[batch, in].</param>
        /// <param name="hidden">[batch, size].</param>
        /// <param name="weightInput">[3 · size, in].</param>
        /// <param name="weightHidden">[3 · size, size].</param>
        /// <param name="biasInput">[3 · size], or nothing.</param>
        /// <param name="biasHidden">[3 · size], or nothing.</param>
        /// <returns>The new state, [batch, size].</returns>
        /// <exception cref="ShapeException">The shapes don't fit.</exception>
        /// <exception cref="DTypeException">The dtypes differ or are not floating point.</exception>
        public static Tensor GruCell(
            Tensor x, Tensor hidden, Tensor weightInput, Tensor weightHidden, Tensor? biasInput = null, Tensor? biasHidden = null) =>
            SweepGru("gru_cell", steps: false, x, hidden, weightInput, weightHidden, biasInput, biasHidden, null, false).Select(0, 1);

        private static Tensor SweepGru(
            string operation, bool steps, Tensor x, Tensor hidden, Tensor weightInput, Tensor weightHidden, Tensor? biasInput, Tensor? biasHidden,
            Tensor? lengths, bool reverse)
        {
            ArgumentNullException.ThrowIfNull(x);
            ArgumentNullException.ThrowIfNull(hidden);
            ArgumentNullException.ThrowIfNull(weightInput);
            ArgumentNullException.ThrowIfNull(weightHidden);
            var shapes = new RecurrentShapes(operation, Ops.Gru.Gates);
            shapes.Check(x, steps, (weightInput, weightHidden), [hidden], [biasInput, biasHidden]);
            var dtype = x.DType;
            x = (steps ? x : x.Unsqueeze(0)).Wide;
            Tensor[] inputs = [Linear(x, weightInput.Wide, biasInput?.Wide), weightHidden.Wide, hidden.Wide];
            inputs = biasHidden is null ? inputs : [.. inputs, biasHidden.Wide];
            var counts = shapes.Lengths(lengths, x);
            inputs = counts is null ? inputs : [.. inputs, counts];
            return new Gru(biasHidden is not null, counts is not null, reverse).Apply(inputs).To(dtype);
        }
    }
}
