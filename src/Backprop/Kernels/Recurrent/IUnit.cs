using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Recurrent;

/// <summary>What a recurrent unit does at one step with one row of the batch, once the products are there: the pointwise part.</summary>
internal interface IUnit<T>
    where T : unmanaged
{
    /// <summary>New state and result from the products; keeps what the gradient needs where there is room.</summary>
    static abstract void Forward(in UnitRow<T> row, int size);

    /// <summary>Gradients of the products and of the old state, from those of the result and of the new state.</summary>
    static abstract void Backward(in UnitRow<T> row, int size);
}

/// <summary>Where the numbers of one row at one step lie; gates follow each other, <c>size</c> elements each.</summary>
internal unsafe struct UnitRow<T>
    where T : unmanaged
{
    /// <summary>The input's share of the pre-activations.</summary>
    public T* Input;

    /// <summary>The state's share of the pre-activations.</summary>
    public T* State;

    /// <summary>What the gradient needs; null where none is wanted.</summary>
    public T* Kept;

    /// <summary>The result of the step.</summary>
    public T* Output;

    /// <summary>The hidden state, which is overwritten; in <see cref="IUnit{T}.Backward"/> its gradient, new before and old after.</summary>
    public T* Hidden;

    /// <summary>The same for the cell state.</summary>
    public T* Cell;

    /// <summary>The hidden state before the step (backward only).</summary>
    public T* OldHidden;

    /// <summary>The cell state before the step (backward only).</summary>
    public T* OldCell;

    /// <summary>The gradient of <see cref="Output"/>.</summary>
    public T* Gradient;

    /// <summary>The gradient of <see cref="Input"/>, written.</summary>
    public T* InputGradient;

    /// <summary>The gradient of <see cref="State"/>, written; may be <see cref="InputGradient"/> itself where they are equal.</summary>
    public T* StateGradient;
}

/// <summary>Whole registers and the rest of a row alike.</summary>
internal static unsafe class Part<N, T>
    where N : struct, ILanes<N, T>, IReal<N>
    where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static N Load(T* source, int count) => count == N.Count ? N.Load(in *source) : N.LoadFirst(source, count, 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Store(N value, T* destination, int count)
    {
        if (count == N.Count)
        {
            N.Store(value, ref *destination);
        }
        else
        {
            N.StoreFirst(value, destination, count);
        }
    }
}
