namespace Backprop.Tests.Golden;

internal static partial class GoldenOps
{
    private static void AddPooling(OpTable table)
    {
        table.One("max_pool1d", c => c.Input.MaxPool1d(
            c.Arguments.Integer("kernel_size"), c.Arguments.Integer("stride"), c.Arguments.Integer("padding"), c.Arguments.Integer("dilation", 1), Ceil(c)));
        table.One("max_pool2d", c => c.Input.MaxPool2d(Axes(c, "kernel_size"), Axes(c, "stride"), Axes(c, "padding"), Axes(c, "dilation"), Ceil(c)));
        table.Several("max_pool2d_indices", c =>
        {
            var (values, indices) = c.Input.MaxPool2dWithIndices(
                Axes(c, "kernel_size"), Axes(c, "stride"), Axes(c, "padding"), Axes(c, "dilation"), Ceil(c));
            return [values, indices];
        });
        table.One("max_pool3d", c => c.Input.MaxPool3d(Axes(c, "kernel_size"), Axes(c, "stride"), Axes(c, "padding"), Axes(c, "dilation"), Ceil(c)));
        table.One("avg_pool1d", c => c.Input.AvgPool1d(
            c.Arguments.Integer("kernel_size"), c.Arguments.Integer("stride"), c.Arguments.Integer("padding"), Ceil(c), CountsPadding(c)));
        table.One("avg_pool2d", c => c.Input.AvgPool2d(
            Axes(c, "kernel_size"), Axes(c, "stride"), Axes(c, "padding"), Ceil(c), CountsPadding(c),
            c.Arguments.Has("divisor_override") ? c.Arguments.Integer("divisor_override") : null));
        table.One("avg_pool3d", c => c.Input.AvgPool3d(Axes(c, "kernel_size"), Axes(c, "stride"), Axes(c, "padding"), Ceil(c), CountsPadding(c)));
        table.One("adaptive_avg_pool1d", c => c.Input.AdaptiveAvgPool1d(c.Arguments.Integer("output_size")));
        table.One("adaptive_avg_pool2d", c => c.Input.AdaptiveAvgPool2d(OutputSize(c)));
        table.One("adaptive_max_pool1d", c => c.Input.AdaptiveMaxPool1d(c.Arguments.Integer("output_size")));
        table.One("adaptive_max_pool2d", c => c.Input.AdaptiveMaxPool2d(OutputSize(c)));
    }

    private static PerAxis Axes(GoldenCall c, string name) => c.Arguments.Integers(name);

    private static bool Ceil(GoldenCall c) => c.Arguments.Flag("ceil_mode");

    private static bool CountsPadding(GoldenCall c) => c.Arguments.Flag("count_include_pad", true);

    /// <summary>None keeps an axis.</summary>
    private static PerAxis OutputSize(GoldenCall c) =>
        c.Arguments["output_size"].EnumerateArray().Select(e => e.ValueKind == System.Text.Json.JsonValueKind.Null ? -1 : e.GetInt32()).ToArray();
}
