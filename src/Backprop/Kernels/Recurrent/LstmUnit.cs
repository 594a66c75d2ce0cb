using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Recurrent;

/// <summary>
/// Gates i, f, g, o: c′ = σ(f) c + σ(i) tanh(g), h′ = σ(o) tanh(c′). Kept are the four activated gates and c′.
/// </summary>
internal readonly unsafe struct LstmUnit<N, T> : IUnit<T>
    where N : struct, ILanes<N, T>, IReal<N>
    where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(in UnitRow<T> row, int size)
    {
        for (var i = 0; i < size; i += N.Count)
        {
            var count = Math.Min(N.Count, size - i);
            var enter = N.Sigmoid(Sum(row, i, count));
            var forget = N.Sigmoid(Sum(row, size + i, count));
            var news = N.Tanh(Sum(row, (2 * size) + i, count));
            var leave = N.Sigmoid(Sum(row, (3 * size) + i, count));
            var cell = (forget * Part<N, T>.Load(row.Cell + i, count)) + (enter * news);
            var hidden = leave * N.Tanh(cell);
            Part<N, T>.Store(cell, row.Cell + i, count);
            Part<N, T>.Store(hidden, row.Hidden + i, count);
            Part<N, T>.Store(hidden, row.Output + i, count);
            if (row.Kept != null)
            {
                Part<N, T>.Store(enter, row.Kept + i, count);
                Part<N, T>.Store(forget, row.Kept + size + i, count);
                Part<N, T>.Store(news, row.Kept + (2 * size) + i, count);
                Part<N, T>.Store(leave, row.Kept + (3 * size) + i, count);
                Part<N, T>.Store(cell, row.Kept + (4 * size) + i, count);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(in UnitRow<T> row, int size)
    {
        for (var i = 0; i < size; i += N.Count)
        {
            var count = Math.Min(N.Count, size - i);
            var enter = Part<N, T>.Load(row.Kept + i, count);
            var forget = Part<N, T>.Load(row.Kept + size + i, count);
            var news = Part<N, T>.Load(row.Kept + (2 * size) + i, count);
            var leave = Part<N, T>.Load(row.Kept + (3 * size) + i, count);
            var squashed = N.Tanh(Part<N, T>.Load(row.Kept + (4 * size) + i, count));
            var g = Part<N, T>.Load(row.Gradient + i, count) + Part<N, T>.Load(row.Hidden + i, count);
            var cell = Part<N, T>.Load(row.Cell + i, count) + (g * leave * (1 - (squashed * squashed)));

            Part<N, T>.Store(cell * news * enter * (1 - enter), row.InputGradient + i, count);
            Part<N, T>.Store(cell * Part<N, T>.Load(row.OldCell + i, count) * forget * (1 - forget), row.InputGradient + size + i, count);
            Part<N, T>.Store(cell * enter * (1 - (news * news)), row.InputGradient + (2 * size) + i, count);
            Part<N, T>.Store(g * squashed * leave * (1 - leave), row.InputGradient + (3 * size) + i, count);
            Part<N, T>.Store(cell * forget, row.Cell + i, count);
            Part<N, T>.Store(0, row.Hidden + i, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static N Sum(in UnitRow<T> row, int i, int count) => Part<N, T>.Load(row.Input + i, count) + Part<N, T>.Load(row.State + i, count);
}
