namespace Backprop.Ops;

/// <summary>What the gradient of each row that was looked up counts: 0 for padding, else 1, or 1 / how often the row was looked up.</summary>
internal sealed class EmbeddingShares(int padding, bool byFrequency, DType dtype) : Op
{
    public override string Name => "embedding_shares";

    protected internal override ResultSpec Infer(in Operands inputs) => new(inputs[0].Layout.Dense(), dtype);

    protected internal override void Compute(in Operands inputs, Tensor output)
    {
        var positions = inputs[0].AsSpan<int>();
        var counts = byFrequency ? new Dictionary<int, int>() : null;
        if (counts is not null)
        {
            foreach (var position in positions)
            {
                counts[position] = counts.GetValueOrDefault(position) + 1;
            }
        }

        if (dtype == DType.Float64)
        {
            var shares = output.Storage.Span<double>();
            for (var i = 0; i < positions.Length; i++)
            {
                shares[i] = positions[i] == padding ? 0 : counts is null ? 1 : 1.0 / counts[positions[i]];
            }
        }
        else
        {
            var shares = output.Storage.Span<float>();
            for (var i = 0; i < positions.Length; i++)
            {
                shares[i] = positions[i] == padding ? 0 : counts is null ? 1 : (float)(1.0 / counts[positions[i]]);
            }
        }
    }

    protected internal override void Differentiate(Adjoint adjoint)
    {
    }

    internal override double CountFlops(ReadOnlySpan<Layout?> inputs, Layout output) => 0;
}
