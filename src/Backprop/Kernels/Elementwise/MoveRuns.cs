using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Backprop.Kernels;

/// <summary>A copy. Operands: destination, source. T stands for any type of its size.</summary>
internal readonly unsafe struct CopyRun<T> : IRun
    where T : unmanaged
{
    public bool ReadsOutput => false;

    public double NanosecondsPerElement => 0.15;

    public void Run(byte** operands, int count) =>
        Buffer.MemoryCopy(operands[1], operands[0], (long)count * sizeof(T), (long)count * sizeof(T));
}

/// <summary>destination += source. Operands: destination, source.</summary>
internal readonly unsafe struct AddToRun<N, T> : IRun
    where N : struct, ILanes<N, T>
    where T : unmanaged
{
    public bool ReadsOutput => true;

    public double NanosecondsPerElement => 0.2;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(byte** operands, int count)
    {
        var y = (T*)operands[0];
        var x = (T*)operands[1];
        var i = 0;
        for (; i <= count - N.Count; i += N.Count)
        {
            N.Store(N.Load(in y[i]) + N.Load(in x[i]), ref y[i]);
        }

        if (i < count)
        {
            N.StoreFirst(N.LoadFirst(y + i, count - i, default) + N.LoadFirst(x + i, count - i, default), y + i, count - i);
        }
    }
}

/// <summary>condition ? a : b. Operands: result, condition (bytes), a, b. T stands for any type of its size.</summary>
internal readonly unsafe struct WhereRun<T> : IRun
    where T : unmanaged
{
    public bool ReadsOutput => false;

    public double NanosecondsPerElement => 0.6;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(byte** operands, int count)
    {
        var result = (T*)operands[0];
        var condition = operands[1];
        var a = (T*)operands[2];
        var b = (T*)operands[3];
        var i = 0;
        if (Avx2.IsSupported && sizeof(T) == 4)
        {
            for (; i <= count - 8; i += 8)
            {
                var skip = Vector256.Equals(Avx2.ConvertToVector256Int32(condition + i), Vector256<int>.Zero);
                Vector256.ConditionalSelect(skip, Vector256.Load((int*)(b + i)), Vector256.Load((int*)(a + i))).Store((int*)(result + i));
            }
        }
        else if (Avx2.IsSupported && sizeof(T) == 8)
        {
            for (; i <= count - 4; i += 4)
            {
                var skip = Vector256.Equals(Avx2.ConvertToVector256Int64(condition + i), Vector256<long>.Zero);
                Vector256.ConditionalSelect(skip, Vector256.Load((long*)(b + i)), Vector256.Load((long*)(a + i))).Store((long*)(result + i));
            }
        }

        for (; i < count; i++)
        {
            result[i] = condition[i] != 0 ? a[i] : b[i];
        }
    }
}

/// <summary>A conversion of numbers; out of range saturates, NaN becomes 0. Operands: destination, source.</summary>
internal readonly unsafe struct ConvertRun<TFrom, TTo> : IRun
    where TFrom : unmanaged, INumberBase<TFrom>
    where TTo : unmanaged, INumberBase<TTo>
{
    public bool ReadsOutput => false;

    public double NanosecondsPerElement => 0.3;

    public void Run(byte** operands, int count) => TensorPrimitives.ConvertSaturating(
        new ReadOnlySpan<TFrom>(operands[1], count), new Span<TTo>(operands[0], count));
}

/// <summary>A number's truth: x ≠ 0. Operands: truth values (bytes), x.</summary>
internal readonly unsafe struct TruthRun<T> : IRun
    where T : unmanaged, INumberBase<T>
{
    public bool ReadsOutput => false;

    public double NanosecondsPerElement => 0.6;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(byte** operands, int count)
    {
        var x = (T*)operands[1];
        for (var i = 0; i < count; i++)
        {
            operands[0][i] = T.IsZero(x[i]) ? (byte)0 : (byte)1;
        }
    }
}
