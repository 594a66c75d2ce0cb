using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Recurrent;

/// <summary>
/// Gates r, z, n with shares x of the input and s of the state: h′ = (1 − z) n + z h, where r = σ(xᵣ + sᵣ), z = σ(x_z + s_z) and
/// n = tanh(xₙ + r sₙ). Kept are r, z, n and sₙ.
/// </summary>
internal readonly unsafe struct GruUnit<N, T> : IUnit<T>
    where N : struct, ILanes<N, T>, IReal<N>
    where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(in UnitRow<T> row, int size)
    {
        for (var i = 0; i < size; i += N.Count)
        {
            var count = Math.Min(N.Count, size - i);
            var reset = N.Sigmoid(Part<N, T>.Load(row.Input + i, count) + Part<N, T>.Load(row.State + i, count));
            var update = N.Sigmoid(Part<N, T>.Load(row.Input + size + i, count) + Part<N, T>.Load(row.State + size + i, count));
            var share = Part<N, T>.Load(row.State + (2 * size) + i, count);
            var news = N.Tanh(Part<N, T>.Load(row.Input + (2 * size) + i, count) + (reset * share));
            var hidden = ((1 - update) * news) + (update * Part<N, T>.Load(row.Hidden + i, count));
            Part<N, T>.Store(hidden, row.Hidden + i, count);
            Part<N, T>.Store(hidden, row.Output + i, count);
            if (row.Kept != null)
            {
                Part<N, T>.Store(reset, row.Kept + i, count);
                Part<N, T>.Store(update, row.Kept + size + i, count);
                Part<N, T>.Store(news, row.Kept + (2 * size) + i, count);
                Part<N, T>.Store(share, row.Kept + (3 * size) + i, count);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(in UnitRow<T> row, int size)
    {
        for (var i = 0; i < size; i += N.Count)
        {
            var count = Math.Min(N.Count, size - i);
            var reset = Part<N, T>.Load(row.Kept + i, count);
            var update = Part<N, T>.Load(row.Kept + size + i, count);
            var news = Part<N, T>.Load(row.Kept + (2 * size) + i, count);
            var share = Part<N, T>.Load(row.Kept + (3 * size) + i, count);
            var g = Part<N, T>.Load(row.Gradient + i, count) + Part<N, T>.Load(row.Hidden + i, count);
            var dUpdate = g * (Part<N, T>.Load(row.OldHidden + i, count) - news) * update * (1 - update);
            var dNews = g * (1 - update) * (1 - (news * news));
            var dReset = dNews * share * reset * (1 - reset);

            Part<N, T>.Store(dReset, row.InputGradient + i, count);
            Part<N, T>.Store(dUpdate, row.InputGradient + size + i, count);
            Part<N, T>.Store(dNews, row.InputGradient + (2 * size) + i, count);
            Part<N, T>.Store(dReset, row.StateGradient + i, count);
            Part<N, T>.Store(dUpdate, row.StateGradient + size + i, count);
            Part<N, T>.Store(dNews * reset, row.StateGradient + (2 * size) + i, count);
            Part<N, T>.Store(g * update, row.Hidden + i, count);
        }
    }
}
