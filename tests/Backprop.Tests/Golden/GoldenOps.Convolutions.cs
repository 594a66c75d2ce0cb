namespace Backprop.Tests.Golden;

internal static partial class GoldenOps
{
    private static void AddConvolutions(OpTable table)
    {
        table.One("conv1d", c => Tensor.Conv1d(
            c.Input, c["weight"], c.Optional("bias"), Numbers(c, "stride"), PaddingOf(c), Numbers(c, "dilation"), c.Arguments.Integer("groups", 1)));
        table.One("conv2d", c => Tensor.Conv2d(
            c.Input, c["weight"], c.Optional("bias"), Numbers(c, "stride"), PaddingOf(c), Numbers(c, "dilation"), c.Arguments.Integer("groups", 1)));
        table.One("conv3d", c => Tensor.Conv3d(
            c.Input, c["weight"], c.Optional("bias"), Numbers(c, "stride"), PaddingOf(c), Numbers(c, "dilation"), c.Arguments.Integer("groups", 1)));
        table.One("conv_transpose1d", c => Tensor.ConvTranspose1d(
            c.Input, c["weight"], c.Optional("bias"), Numbers(c, "stride"), Numbers(c, "padding"), Numbers(c, "output_padding"),
            c.Arguments.Integer("groups", 1), Numbers(c, "dilation")));
        table.One("conv_transpose2d", c => Tensor.ConvTranspose2d(
            c.Input, c["weight"], c.Optional("bias"), Numbers(c, "stride"), Numbers(c, "padding"), Numbers(c, "output_padding"),
            c.Arguments.Integer("groups", 1), Numbers(c, "dilation")));
        table.One("unfold", c => c.Input.Unfold(Numbers(c, "kernel_size"), Numbers(c, "dilation"), Numbers(c, "padding"), Numbers(c, "stride")));
        table.One("fold", c => c.Input.Fold(
            Numbers(c, "output_size"), Numbers(c, "kernel_size"), Numbers(c, "dilation"), Numbers(c, "padding"), Numbers(c, "stride")));
        table.One("pixel_shuffle", c => c.Input.PixelShuffle(c.Arguments.Integer("upscale_factor")));
        table.One("interpolate", c => c.Arguments.Has("size")
            ? c.Input.Interpolate(Numbers(c, "size"), ModeOf(c), c.Arguments.Flag("align_corners"))
            : c.Input.InterpolateBy(c.Arguments.Number("scale_factor"), ModeOf(c), c.Arguments.Flag("align_corners")));
    }

    private static InterpolationMode ModeOf(GoldenCall c) => c.Arguments.Text("mode") switch
    {
        "nearest" => InterpolationMode.Nearest,
        "bicubic" => InterpolationMode.Cubic,
        "area" => InterpolationMode.Area,
        _ => InterpolationMode.Linear,
    };

    private static PerAxis Numbers(GoldenCall c, string name) => c.Arguments.Integers(name);

    private static Padding PaddingOf(GoldenCall c) => c.Arguments["padding"].ValueKind != System.Text.Json.JsonValueKind.String ? (Padding)Numbers(c, "padding")
        : c.Arguments.Text("padding") == "same" ? Padding.Same : Padding.Valid;
}
