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
    }

    private static PerAxis Numbers(GoldenCall c, string name) => c.Arguments.Integers(name);

    private static Padding PaddingOf(GoldenCall c) => c.Arguments["padding"].ValueKind != System.Text.Json.JsonValueKind.String ? (Padding)Numbers(c, "padding")
        : c.Arguments.Text("padding") == "same" ? Padding.Same : Padding.Valid;
}
