using System.Runtime.CompilerServices;
using Backprop.Kernels.Products;

namespace Backprop.Kernels.Convolutions;

/// <summary>Packs the weights of a <see cref="ChannelCorrelation{T}"/>: [group, panel of target channels, tap, source channel, target channel].</summary>
internal static unsafe class ChannelPanels<V, T, I>
    where V : struct
    where T : unmanaged
    where I : IRegister<V, T>
{
    /// <summary>Panels are two registers wide, the last one may be one.</summary>
    public static int Count(int rows) => (rows + (2 * I.Lanes) - 1) / (2 * I.Lanes);

    /// <summary>Registers of a panel.</summary>
    public static int Width(int rows, int panel) => Math.Min(2, ((rows + I.Lanes - 1) / I.Lanes) - (2 * panel));

    /// <summary>Elements of a group's panels.</summary>
    public static nint Size(ChannelCorrelation<T> plan) => (nint)((plan.Rows + I.Lanes - 1) / I.Lanes * I.Lanes) * plan.Taps * plan.Channels;

    /// <summary>Packs everything.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(ChannelCorrelation<T> plan, T* weights, T* packed, T* square)
    {
        // What lies together in memory is turned together.
        var places = plan.Places;
        var length = places.Length;
        var parts = length == plan.KernelTaps ? plan.Channels : 1;
        var turned = square + (I.Lanes * I.Lanes);
        for (var group = 0; group < plan.Groups; group++)
        {
            var kernels = weights + ((nint)group * plan.Rows * plan.Channels * plan.KernelTaps);
            for (var row = 0; row < plan.Rows; row += I.Lanes)
            {
                var panel = row / (2 * I.Lanes);
                var step = Width(plan.Rows, panel) * I.Lanes;
                var to = packed + (group * Size(plan)) + (panel * 2 * I.Lanes * (nint)plan.Taps * plan.Channels) + (row % (2 * I.Lanes));
                var rows = Math.Min(I.Lanes, plan.Rows - row);
                for (var part = 0; part < parts; part++)
                {
                    var from = kernels + (row * plan.WeightRow) + (part * plan.WeightChannel);
                    for (var first = 0; first < length; first += I.Lanes)
                    {
                        var count = Math.Min(I.Lanes, length - first);
                        if (rows == I.Lanes && count == I.Lanes)
                        {
                            I.Transpose(from + first, plan.WeightRow, turned, I.Lanes);
                        }
                        else
                        {
                            ChannelsLast.Stage<V, T, I>(from + first, plan.WeightRow, rows, count, square);
                            I.Transpose(square, I.Lanes, turned, I.Lanes);
                        }

                        for (var i = 0; i < count; i++)
                        {
                            var place = places[first + i];
                            if (place >= 0)
                            {
                                I.Store(to + ((place + part) * step), I.Load(turned + (i * I.Lanes)));
                            }
                        }
                    }
                }
            }
        }
    }
}
