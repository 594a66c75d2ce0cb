using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Backprop.Kernels;

/// <summary>
/// The normal distribution function Φ of 16 floats by polynomials of degree seven, one for each of 32 cells of width 0.34375: registers of 512 bits choose
/// among 32 numbers at the cost of one multiplication, which saves the exponential function and the quotient that tails take. Within 2 units in the last
/// place. Minimax in relative error for each cell, from −5.67, above which the outputs of a training network nearly always lie, to where Φ rounds to 1.
/// </summary>
internal static class NormalTable
{
    private const float Width = 0.34375f;

    // Adding 1.5 · 2²³ leaves the nearest integer in the low bits; the lowest cell is that of -16 widths.
    private const float Rounder = 12582912f + 16;

    /// <summary>Within the lowest cell; what lies below is not in the table.</summary>
    private const float Lowest = -16.4f * Width;

    /// <summary>Up to here on both sides the derivatives of the polynomials are good to 4 · 10⁻⁷.</summary>
    private const float Near = 4.6f;

    /// <summary>Within the highest cell; Φ is 1 from there on.</summary>
    private const float Highest = 15.4f * Width;

    /// <summary>Φ of every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static Vector512<float> Distribution(Vector512<float> x)
    {
        Vector512<float> y;
        if (!Avx512F.IsSupported || Vector512.LessThanAny(x, Vector512.Create(Lowest)))
        {
            // A copy of its own, so that x and y stay in registers where this isn't reached.
            var lanes = x;
            WithTail(ref lanes);
            y = lanes;
        }
        else
        {
            y = FromCells(x).P;
        }

        return y;
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void WithTail(ref Vector512<float> x)
    {
        var tail = SingleMath.NormalDistribution(new Singles512(x)).Register;
        x = Avx512F.IsSupported ? Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512.Create(Lowest)), tail, FromCells(x).P) : tail;
    }

    /// <summary>Φ of every lane and its derivative, the density φ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    public static (Vector512<float> Distribution, Vector512<float> Density) Both(Vector512<float> x)
    {
        Vector512<float> distribution, density;
        if (!Avx512F.IsSupported || !Vector512.LessThanOrEqualAll(Vector512.Abs(x), Vector512.Create(Near)))
        {
            // Copies of their own, as above.
            Vector512<float> lanes = x, slopes = x;
            BothWithTails(ref lanes, ref slopes);
            (distribution, density) = (lanes, slopes);
        }
        else
        {
            (distribution, density) = FromCells(x);
        }

        return (distribution, density);
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void BothWithTails(ref Vector512<float> x, ref Vector512<float> density)
    {
        var near = Vector512.LessThanOrEqual(Vector512.Abs(x), Vector512.Create(Near));
        var distribution = Distribution(x);
        density = SingleMath.Exp(new Singles512(x * x * Vector512.Create(-0.5f))).Register * Vector512.Create(0.398942280f);
        if (Avx512F.IsSupported)
        {
            density = Vector512.ConditionalSelect(near, FromCells(x).Q, density);
        }

        x = distribution;
    }

    /// <summary>Φ of every lane that is not below <see cref="Lowest"/>, and NaN of NaN; its derivative where x is <see cref="Near"/>; else undefined.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
    private static (Vector512<float> P, Vector512<float> Q) FromCells(Vector512<float> x)
    {
        // The minimum gives its second argument where one is NaN.
        var bounded = Avx512F.Min(Vector512.Create(Highest), x);
        var biased = Vector512.FusedMultiplyAdd(bounded, Vector512.Create(1 / Width), Vector512.Create(Rounder));
        var r = Vector512.FusedMultiplyAdd(biased - Vector512.Create(Rounder), Vector512.Create(-Width), bounded);
        var cell = biased.AsInt32();
        var p = Avx512F.PermuteVar16x32x2(
            Vector512.Create(
                3.18177342e-7f, 1.22083907e-6f, 3.91853246e-6f, 1.02766871e-5f, 2.10387207e-5f, 2.99180556e-5f, 1.57732411e-5f, -5.26406693e-5f,
                -0.000178122034f, -0.000274505466f, -0.000170685249f, 0.000226726144f, 0.000706932275f, 0.000790738966f, 0.00019187927f, -0.000729017775f),
            cell,
            Vector512.Create(
                -0.00117956242f, -0.000736106595f, 0.00018385303f, 0.000788190693f, 0.00071085128f, 0.000232761944f, -0.000167273596f, -0.000274868507f,
                -0.000180334522f, -5.44990507e-5f, 1.50398328e-5f, 2.99620096e-5f, 2.13163767e-5f, 1.04978135e-5f, 4.03260719e-6f, 1.26574139e-6f));
        var q = p;
        p = Vector512.FusedMultiplyAdd(p, r, Avx512F.PermuteVar16x32x2(
            Vector512.Create(
                5.25827431e-7f, 2.22806125e-6f, 8.06152639e-6f, 2.46171403e-5f, 6.22520238e-5f, 0.000125889594f, 0.000187916172f, 0.000153771893f,
                -0.000122107289f, -0.000691760739f, -0.00128088787f, -0.00125336368f, -9.04451445e-5f, 0.00183971389f, 0.00313806557f, 0.00246596267f),
            cell,
            Vector512.Create(
                1.03296145e-8f, -0.00246593193f, -0.00313802739f, -0.0018397097f, 9.03903492e-5f, 0.00125328312f, 0.00128084247f, 0.000691777735f,
                0.000122155427f, -0.000153730376f, -0.000187899437f, -0.000125892358f, -6.22607258e-5f, -2.46242998e-5f, -8.06542539e-6f, -2.22967878e-6f)));
        q = Vector512.FusedMultiplyAdd(q, r, p);
        p = Vector512.FusedMultiplyAdd(p, r, Avx512F.PermuteVar16x32x2(
            Vector512.Create(
                6.61631645e-7f, 3.08569429e-6f, 1.24528087e-5f, 4.32180932e-5f, 0.000127830499f, 0.000317746657f, 0.000647898181f, 0.00103192113f,
                0.00112266454f, 0.000327963877f, -0.00175452512f, -0.00455225259f, -0.00616054097f, -0.00439492567f, 0.0010167805f, 0.00722297281f),
            cell,
            Vector512.Create(
                0.00997338258f, 0.00722333929f, 0.00101719541f, -0.00439479388f, -0.00616074307f, -0.00455256412f, -0.00175470102f, 0.000327982241f,
                0.00112277828f, 0.00103201659f, 0.000647935842f, 0.000317744474f, 0.000127816325f, 4.32068155e-5f, 1.24470007e-5f, 3.08341305e-6f)));
        q = Vector512.FusedMultiplyAdd(q, r, p);
        p = Vector512.FusedMultiplyAdd(p, r, Avx512F.PermuteVar16x32x2(
            Vector512.Create(
                6.72386136e-7f, 3.40688985e-6f, 1.50784072e-5f, 5.80984815e-5f, 0.000194012406f, 0.000557943946f, 0.00136879238f, 0.00282138027f,
                0.00475404272f, 0.0061710556f, 0.00512419129f, -0.000299585663f, -0.00985240284f, -0.0195052829f, -0.0228030644f, -0.0155218253f),
            cell,
            Vector512.Create(
                -3.87691157e-10f, 0.0155218234f, 0.0228030626f, 0.0195052829f, 0.00985240471f, 0.000299589243f, -0.00512418943f, -0.00617105654f,
                -0.00475404458f, -0.00282138214f, -0.00136879319f, -0.000557943829f, -0.000194012027f, -5.80981687e-5f, -1.50782353e-5f, -3.40681891e-6f)));
        q = Vector512.FusedMultiplyAdd(q, r, p);
        p = Vector512.FusedMultiplyAdd(p, r, Avx512F.PermuteVar16x32x2(
            Vector512.Create(
                5.25016844e-7f, 2.86745944e-6f, 1.3777335e-5f, 5.81363456e-5f, 0.000214984058f, 0.000694706279f, 0.00195407798f, 0.0047580176f,
                0.00994608551f, 0.0176119264f, 0.0257893149f, 0.0296640806f, 0.0230096299f, 0.00247994042f, -0.0276832171f, -0.0552697591f),
            cell,
            Vector512.Create(
                -0.066490382f, -0.0552697666f, -0.0276832227f, 0.00247993832f, 0.0230096318f, 0.0296640843f, 0.0257893186f, 0.0176119264f,
                0.00994608365f, 0.00475801621f, 0.00195407751f, 0.000694706338f, 0.000214984262f, 5.81365093e-5f, 1.37774186e-5f, 2.86749241e-6f)));
        q = Vector512.FusedMultiplyAdd(q, r, p);
        p = Vector512.FusedMultiplyAdd(p, r, Avx512F.PermuteVar16x32x2(
            Vector512.Create(
                2.96169247e-7f, 1.73356341e-6f, 8.9760897e-6f, 4.10861358e-5f, 0.000166114696f, 0.00059262017f, 0.00186304247f, 0.00515212351f,
                0.0125036482f, 0.0265417658f, 0.0490399525f, 0.0782740489f, 0.106570937f, 0.120868474f, 0.10827215f, 0.0646344051f),
            cell,
            Vector512.Create(
                3.49295527e-12f, -0.0646344051f, -0.10827215f, -0.120868474f, -0.106570937f, -0.0782740489f, -0.0490399525f, -0.0265417658f,
                -0.0125036482f, -0.00515212351f, -0.00186304236f, -0.00059262017f, -0.000166114696f, -4.10861394e-5f, -8.97609152e-6f, -1.7335642e-6f)));
        q = Vector512.FusedMultiplyAdd(q, r, p);
        p = Vector512.FusedMultiplyAdd(p, r, Avx512F.PermuteVar16x32x2(
            Vector512.Create(
                1.0769763e-7f, 6.72411431e-7f, 3.7303198e-6f, 1.8388193e-5f, 8.05404488e-5f, 0.000313452008f, 0.00108395203f, 0.00333066587f,
                0.00909356214f, 0.0220606886f, 0.0475538895f, 0.0910825282f, 0.155012265f, 0.234411582f, 0.314973533f, 0.376054734f),
            cell,
            Vector512.Create(
                0.398942292f, 0.376054734f, 0.314973533f, 0.234411582f, 0.155012265f, 0.0910825282f, 0.0475538895f, 0.0220606886f,
                0.00909356214f, 0.00333066587f, 0.00108395203f, 0.000313452008f, 8.05404488e-5f, 1.8388193e-5f, 3.73031958e-6f, 6.72411318e-7f)));
        q = Vector512.FusedMultiplyAdd(q, r, p);
        p = Vector512.FusedMultiplyAdd(p, r, Avx512F.PermuteVar16x32x2(
            Vector512.Create(
                1.89895619e-8f, 1.25972235e-7f, 7.45269347e-7f, 3.9339011e-6f, 1.85367371e-5f, 7.80214395e-5f, 0.000293555349f, 0.000988219748f,
                0.00297976332f, 0.00805861596f, 0.0195800792f, 0.0428299531f, 0.0845657215f, 0.151211798f, 0.245883852f, 0.365517139f),
            cell,
            Vector512.Create(
                0.5f, 0.634482861f, 0.754116178f, 0.848788202f, 0.915434301f, 0.957170069f, 0.980419934f, 0.991941392f,
                0.997020245f, 0.999011755f, 0.999706447f, 0.999921978f, 0.999981463f, 0.999996066f, 0.999999225f, 0.999999881f)));
        return (p, q);
    }
}
