using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Backprop;

/// <summary>The inputs of an operation.</summary>
public readonly struct Operands
{
    private readonly Tensor? first;
    private readonly Tensor? second;
    private readonly Tensor? third;
    private readonly Tensor[]? all;

    internal Operands(Tensor first)
    {
        this.first = first;
        Count = 1;
    }

    internal Operands(Tensor first, Tensor second)
    {
        this.first = first;
        this.second = second;
        Count = 2;
    }

    internal Operands(Tensor first, Tensor second, Tensor third)
    {
        this.first = first;
        this.second = second;
        this.third = third;
        Count = 3;
    }

    internal Operands(ReadOnlySpan<Tensor> tensors)
    {
        all = tensors.ToArray();
        Count = all.Length;
    }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>Input number <paramref name="index"/>, from 0.</summary>
    public Tensor this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((uint)index >= (uint)Count)
            {
                ThrowOutside(index);
            }

            return all is not null ? all[index] : index == 0 ? first! : index == 1 ? second! : third!;
        }
    }

    [DoesNotReturn]
    private void ThrowOutside(int index) => throw new ArgumentOutOfRangeException(nameof(index), index, $"There are {Count} operands.");
}
