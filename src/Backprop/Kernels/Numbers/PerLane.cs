using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>Applies a scalar function to each lane of a register, where there is no vector form.</summary>
internal static class PerLane
{
    /// <summary>A function of one real number.</summary>
    internal interface IFunction
    {
        /// <summary>The function's value at <paramref name="x"/>.</summary>
        static abstract double Value(double x);
    }

    /// <summary>f of every lane of a register of doubles.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static TRegister Map<F, TRegister>(TRegister x)
        where F : struct, IFunction
        where TRegister : unmanaged
    {
        ref var lane = ref Unsafe.As<TRegister, double>(ref x);
        for (var i = 0; i < Unsafe.SizeOf<TRegister>() / sizeof(double); i++)
        {
            Unsafe.Add(ref lane, i) = F.Value(Unsafe.Add(ref lane, i));
        }
        return x;
    }

    /// <summary>f of every lane of a register of floats.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static TRegister MapSingle<F, TRegister>(TRegister x)
        where F : struct, IFunction
        where TRegister : struct
    {
        ref var lane = ref Unsafe.As<TRegister, float>(ref x);
        for (var i = 0; i < Unsafe.SizeOf<TRegister>() / sizeof(float); i++)
        {
            Unsafe.Add(ref lane, i) = (float)F.Value(Unsafe.Add(ref lane, i));
        }
        return x;
    }

    /// <summary>xʸ of every pair of lanes of registers of doubles.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static TRegister Pow<TRegister>(TRegister x, TRegister y)
        where TRegister : unmanaged
    {
        ref var a = ref Unsafe.As<TRegister, double>(ref x);
        ref var b = ref Unsafe.As<TRegister, double>(ref y);
        for (var i = 0; i < Unsafe.SizeOf<TRegister>() / sizeof(double); i++)
        {
            Unsafe.Add(ref a, i) = Math.Pow(Unsafe.Add(ref a, i), Unsafe.Add(ref b, i));
        }
        return x;
    }

    /// <summary>a mod b with the sign of a, of every pair of lanes of registers of doubles.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static TRegister Fmod<TRegister>(TRegister x, TRegister y)
        where TRegister : unmanaged
    {
        ref var a = ref Unsafe.As<TRegister, double>(ref x);
        ref var b = ref Unsafe.As<TRegister, double>(ref y);
        for (var i = 0; i < Unsafe.SizeOf<TRegister>() / sizeof(double); i++)
        {
            Unsafe.Add(ref a, i) %= Unsafe.Add(ref b, i);
        }
        return x;
    }

    /// <summary>a mod b with the sign of a, of every pair of lanes of registers of floats.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static TRegister FmodSingle<TRegister>(TRegister x, TRegister y)
        where TRegister : unmanaged
    {
        ref var a = ref Unsafe.As<TRegister, float>(ref x);
        ref var b = ref Unsafe.As<TRegister, float>(ref y);
        for (var i = 0; i < Unsafe.SizeOf<TRegister>() / sizeof(float); i++)
        {
            Unsafe.Add(ref a, i) %= Unsafe.Add(ref b, i);
        }
        return x;
    }

    /// <summary>The polygamma function of every lane of a register of doubles.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static TRegister Polygamma<TRegister>(int order, TRegister x)
        where TRegister : unmanaged
    {
        ref var lane = ref Unsafe.As<TRegister, double>(ref x);
        for (var i = 0; i < Unsafe.SizeOf<TRegister>() / sizeof(double); i++)
        {
            Unsafe.Add(ref lane, i) = ScalarMath.Polygamma(order, Unsafe.Add(ref lane, i));
        }
        return x;
    }

    /// <summary>The polygamma function of every lane of a register of floats.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static TRegister PolygammaSingle<TRegister>(int order, TRegister x)
        where TRegister : unmanaged
    {
        ref var lane = ref Unsafe.As<TRegister, float>(ref x);
        for (var i = 0; i < Unsafe.SizeOf<TRegister>() / sizeof(float); i++)
        {
            Unsafe.Add(ref lane, i) = (float)ScalarMath.Polygamma(order, Unsafe.Add(ref lane, i));
        }
        return x;
    }

    /// <summary>eˣ − 1.</summary>
    internal readonly struct Expm1 : IFunction
    {
        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static double Value(double x) => ScalarMath.Expm1(x);
    }

    /// <summary>ln(1 + x).</summary>
    internal readonly struct Log1p : IFunction
    {
        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static double Value(double x) => ScalarMath.Log1p(x);
    }

    /// <summary>Sine.</summary>
    internal readonly struct Sin : IFunction
    {
        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static double Value(double x) => Math.Sin(x);
    }

    /// <summary>Cosine.</summary>
    internal readonly struct Cos : IFunction
    {
        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static double Value(double x) => Math.Cos(x);
    }

    /// <summary>Hyperbolic tangent.</summary>
    internal readonly struct Tanh : IFunction
    {
        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static double Value(double x) => Math.Tanh(x);
    }

    /// <summary>Error function.</summary>
    internal readonly struct Erf : IFunction
    {
        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static double Value(double x) => ScalarMath.Erf(x);
    }

    /// <summary>1 − erf x.</summary>
    internal readonly struct Erfc : IFunction
    {
        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static double Value(double x) => ScalarMath.Erfc(x);
    }

    /// <summary>The inverse of the error function.</summary>
    internal readonly struct ErfInv : IFunction
    {
        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static double Value(double x) => ScalarMath.ErfInv(x);
    }

    /// <summary>ln |Γ(x)|.</summary>
    internal readonly struct LogGamma : IFunction
    {
        /// <inheritdoc/>
        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        public static double Value(double x) => ScalarMath.LogGamma(x);
    }
}
