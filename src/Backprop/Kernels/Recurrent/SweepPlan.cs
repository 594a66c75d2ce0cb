using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Recurrent;

/// <summary>The units there are.</summary>
internal enum UnitKind
{
    Tanh,
    Relu,
    Lstm,
    Gru,
}

/// <summary>
/// A recurrent layer in one direction over a whole batch of sequences: sizes, and where everything lies. All arrays are contiguous; of the
/// pointers for gradients a forward sweep needs none.
/// </summary>
internal unsafe struct SweepPlan<T>
    where T : unmanaged
{
    /// <summary>Steps of time.</summary>
    public int Steps;

    /// <summary>Sequences in the batch.</summary>
    public int Rows;

    /// <summary>Elements of a state.</summary>
    public int Size;

    /// <summary>Pre-activations per element of the state.</summary>
    public int Gates;

    /// <summary>Numbers kept per step and element of the state.</summary>
    public int Kept;

    /// <summary>Whether the last step comes first.</summary>
    public bool Reverse;

    /// <summary>[Rows]: how many steps of each sequence count; null if all.</summary>
    public long* Lengths;

    /// <summary>[Steps, Rows, Gates · Size]: the input's share of the pre-activations.</summary>
    public T* Inputs;

    /// <summary>[Gates · Size, Size].</summary>
    public T* Weight;

    /// <summary>The weight in panels, its transpose in the forward sweep; null where there are too few steps to pay for it.</summary>
    public T* Panels;

    /// <summary>[Gates · Size] or null.</summary>
    public T* Bias;

    /// <summary>[Rows, Size]: the state before the first step.</summary>
    public T* Hidden;

    /// <summary>[Rows, Size], or null for units without a cell state.</summary>
    public T* Cell;

    /// <summary>[Steps + 1 or 2, Rows, Size]: the results, then the last hidden state, then the last cell state.</summary>
    public T* Packed;

    /// <summary>[Steps, Rows, Kept · Size]: what the gradient needs, or null.</summary>
    public T* Keep;

    /// <summary>[Rows, Gates · Size]: scratch of the forward sweep.</summary>
    public T* Products;

    /// <summary>Like <see cref="Packed"/>.</summary>
    public T* Gradient;

    /// <summary>Like <see cref="Inputs"/>.</summary>
    public T* InputGradient;

    /// <summary>The gradient of the state's share; the same array as <see cref="InputGradient"/> where the two are equal.</summary>
    public T* StateGradient;

    /// <summary>[Rows, Size]: in the end the gradient of <see cref="Hidden"/>.</summary>
    public T* HiddenGradient;

    /// <summary>[Rows, Size]: in the end the gradient of <see cref="Cell"/>.</summary>
    public T* CellGradient;

    /// <summary>Whether anybody wants <see cref="HiddenGradient"/>.</summary>
    public bool WantsHiddenGradient;

    /// <summary>Elements of all states at a step.</summary>
    public readonly nint Plane
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        get => (nint)Rows * Size;
    }

    /// <summary>Whether step <paramref name="t"/> is part of sequence <paramref name="row"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public readonly bool Counts(int t, int row) => Lengths == null || t < Lengths[row];

    /// <summary>Whether step <paramref name="t"/> is the first that sequence <paramref name="row"/> comes to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public readonly bool IsFirst(int t, int row) => Reverse ? t == (Lengths == null ? Steps : Lengths[row]) - 1 : t == 0;
}
