using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>Applies a scalar function to each lane of a register: for functions too rare to have a vector form.</summary>
internal static class PerLane
{
    /// <summary>A function of one real number.</summary>
    internal interface IFunction
    {
        /// <summary>The function's value at <paramref name="x"/>.</summary>
        static abstract double Value(double x);
    }

    /// <summary>f of every lane of <paramref name="x"/>; T is float or double.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static TRegister Map<F, TRegister, T>(TRegister x)
        where F : struct, IFunction
        where TRegister : unmanaged
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            ref var lane = ref Unsafe.As<TRegister, float>(ref x);
            for (var i = 0; i < Unsafe.SizeOf<TRegister>() / sizeof(float); i++)
            {
                Unsafe.Add(ref lane, i) = (float)F.Value(Unsafe.Add(ref lane, i));
            }
        }
        else
        {
            ref var lane = ref Unsafe.As<TRegister, double>(ref x);
            for (var i = 0; i < Unsafe.SizeOf<TRegister>() / sizeof(double); i++)
            {
                Unsafe.Add(ref lane, i) = F.Value(Unsafe.Add(ref lane, i));
            }
        }
        return x;
    }

    /// <summary>xʸ of every pair of lanes; T is float or double.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static TRegister Pow<TRegister, T>(TRegister x, TRegister y)
        where TRegister : unmanaged
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            ref var a = ref Unsafe.As<TRegister, float>(ref x);
            ref var b = ref Unsafe.As<TRegister, float>(ref y);
            for (var i = 0; i < Unsafe.SizeOf<TRegister>() / sizeof(float); i++)
            {
                Unsafe.Add(ref a, i) = (float)Math.Pow(Unsafe.Add(ref a, i), Unsafe.Add(ref b, i));
            }
        }
        else
        {
            ref var a = ref Unsafe.As<TRegister, double>(ref x);
            ref var b = ref Unsafe.As<TRegister, double>(ref y);
            for (var i = 0; i < Unsafe.SizeOf<TRegister>() / sizeof(double); i++)
            {
                Unsafe.Add(ref a, i) = Math.Pow(Unsafe.Add(ref a, i), Unsafe.Add(ref b, i));
            }
        }
        return x;
    }

    /// <summary>eˣ − 1.</summary>
    internal readonly struct Expm1 : IFunction
    {
        /// <inheritdoc/>
        public static double Value(double x) => ScalarMath.Expm1(x);
    }

    /// <summary>ln(1 + x).</summary>
    internal readonly struct Log1p : IFunction
    {
        /// <inheritdoc/>
        public static double Value(double x) => ScalarMath.Log1p(x);
    }

    /// <summary>Hyperbolic tangent.</summary>
    internal readonly struct Tanh : IFunction
    {
        /// <inheritdoc/>
        public static double Value(double x) => Math.Tanh(x);
    }

    /// <summary>Error function.</summary>
    internal readonly struct Erf : IFunction
    {
        /// <inheritdoc/>
        public static double Value(double x) => ScalarMath.Erf(x);
    }
}
