using Backprop.Ops;

namespace Backprop.Ops
{
    /// <summary>y = x in new contiguous storage.</summary>
    internal sealed class Copy : Op
    {
        public static readonly Copy Instance = new();

        public override string Name => "copy";

        protected internal override ResultSpec Infer(in Operands inputs) => ResultSpec.Like(inputs[0]);

        protected internal override void Compute(in Operands inputs, Tensor output) => output.CopyElements(inputs[0]);

        internal override bool TakesSixteen => true;

        protected internal override Saved Saves(int needs) => Saved.None;

        protected internal override void Differentiate(Adjoint adjoint) => adjoint.Add(0, adjoint.Gradient);

        internal override void DifferentiatePerSample(SampleAdjoint adjoint) => adjoint.Broadcast();
    }
}

namespace Backprop
{
    public sealed partial class Tensor
    {
        /// <summary>This tensor if its elements lie in row-major order, else a copy that does.</summary>
        public Tensor Contiguous() => Layout.IsContiguous ? this : Copy.Instance.Run(new Operands(this));

        /// <summary>A copy in storage of its own.</summary>
        public Tensor Clone() => Copy.Instance.Run(new Operands(this));

        /// <summary>
        /// This result, copied if it came out as a view of <paramref name="source"/>: what usually has storage of its own must have it always, or writing
        /// to it would change the source for some values of a parameter.
        /// </summary>
        internal Tensor Apart(Tensor source) => ReferenceEquals(Storage, source.Storage) ? Clone() : this;
    }
}
