using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Backprop.Kernels;

/// <summary>float16 → float32. Operands: destination, source.</summary>
internal readonly unsafe struct WidenHalfRun : IRun
{
    public bool ReadsOutput => false;

    public double NanosecondsPerElement => 0.3;

    public void Run(byte** operands, int count) =>
        TensorPrimitives.ConvertToSingle(new ReadOnlySpan<Half>(operands[1], count), new Span<float>(operands[0], count));
}

/// <summary>float32 → float16, to the nearest. Operands: destination, source.</summary>
internal readonly unsafe struct NarrowHalfRun : IRun
{
    public bool ReadsOutput => false;

    public double NanosecondsPerElement => 0.5;

    public void Run(byte** operands, int count) =>
        TensorPrimitives.ConvertToHalf(new ReadOnlySpan<float>(operands[1], count), new Span<Half>(operands[0], count));
}

/// <summary>bfloat16 → float32. Operands: destination, source.</summary>
internal readonly unsafe struct WidenBrainRun : IRun
{
    public bool ReadsOutput => false;

    public double NanosecondsPerElement => 0.2;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(byte** operands, int count)
    {
        var to = (uint*)operands[0];
        var from = (ushort*)operands[1];
        var i = 0;
        for (; i <= count - 16; i += 16)
        {
            var (low, high) = Vector256.Widen(Vector256.Load(from + i));
            (low << 16).Store(to + i);
            (high << 16).Store(to + i + 8);
        }

        for (; i < count; i++)
        {
            to[i] = (uint)from[i] << 16;
        }
    }
}

/// <summary>float32 → bfloat16, to the nearest. Operands: destination, source.</summary>
internal readonly unsafe struct NarrowBrainRun : IRun
{
    public bool ReadsOutput => false;

    public double NanosecondsPerElement => 0.3;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(byte** operands, int count)
    {
        var to = (ushort*)operands[0];
        var from = (uint*)operands[1];
        var i = 0;
        for (; i <= count - 16; i += 16)
        {
            Vector256.Narrow(Upper(Vector256.Load(from + i)), Upper(Vector256.Load(from + i + 8))).Store(to + i);
        }

        for (; i < count; i++)
        {
            to[i] = BrainFloat.Round(from[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Upper(Vector256<uint> raw)
    {
        var rounded = raw + Vector256.Create(0x7FFFu) + ((raw >> 16) & Vector256<uint>.One);
        var isNumber = Vector256.Equals(raw.AsSingle(), raw.AsSingle()).AsUInt32();
        return Vector256.ConditionalSelect(isNumber, rounded, raw | Vector256.Create(0x400000u)) >> 16;
    }
}
