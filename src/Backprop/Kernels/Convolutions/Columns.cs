using System.Numerics;
using System.Runtime.CompilerServices;

namespace Backprop.Kernels.Convolutions;

/// <summary>
/// The windows of images as columns: [batch, channels, height, width] to [batch, channels · kernel, positions], and the columns summed back.
/// </summary>
internal static unsafe class Columns
{
    /// <summary>Copies every window into its column; what lies in the padding is zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Take<T>(ConvolutionShape shape, T* images, T* columns)
        where T : unmanaged, INumberBase<T> => Run(shape, images, columns, takes: true);

    /// <summary>Adds every column to its window; the images are overwritten.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add<T>(ConvolutionShape shape, T* columns, T* images)
        where T : unmanaged, INumberBase<T> => Run(shape, images, columns, takes: false);

    private static void Run<T>(ConvolutionShape shape, T* images, T* columns, bool takes)
        where T : unmanaged, INumberBase<T>
    {
        // Columns of one channel go to one plane of the images: blocks don't meet.
        var planes = shape.Batch * shape.Inputs;
        Workers.Run(new Body<T>(shape, images, columns, takes), planes, 0.5 * planes * shape.Taps * shape.OutputPlane);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunPlane<T>(ConvolutionShape shape, T* image, T* column, bool takes)
        where T : unmanaged, INumberBase<T>
    {
        var (height, width) = (shape.InputSizes[1], shape.InputSizes[2]);
        var (rows, length, step) = (shape.OutputSizes[1], shape.OutputSizes[2], shape.Stride[2]);
        if (!takes)
        {
            new Span<T>(image, height * width).Clear();
        }

        for (var tapY = 0; tapY < shape.Kernel[1]; tapY++)
        {
            for (var tapX = 0; tapX < shape.Kernel[2]; tapX++)
            {
                var shift = ((nint)tapX * shape.Dilation[2]) - shape.Padding[2];
                var from = (int)Math.Min(length, shift >= 0 ? 0 : (-shift + step - 1) / step);
                var to = shift >= width ? from : (int)Math.Max(from, Math.Min(length, ((width - 1 - shift) / step) + 1));
                for (var row = 0; row < rows; row++, column += length)
                {
                    var y = ((nint)row * shape.Stride[1]) + ((nint)tapY * shape.Dilation[1]) - shape.Padding[1];
                    var inside = y >= 0 && y < height;
                    var line = image + (y * width) + shift;
                    if (takes)
                    {
                        var (first, end) = inside ? (from, to) : (length, length);
                        new Span<T>(column, first).Clear();
                        for (var i = first; i < end; i++)
                        {
                            column[i] = line[i * (nint)step];
                        }

                        new Span<T>(column + end, length - end).Clear();
                    }
                    else if (inside)
                    {
                        for (var i = from; i < to; i++)
                        {
                            line[i * (nint)step] += column[i];
                        }
                    }
                }
            }
        }
    }

    private readonly struct Body<T>(ConvolutionShape shape, T* images, T* columns, bool takes) : IBlockBody
        where T : unmanaged, INumberBase<T>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Run(int plane) => RunPlane(
            shape, images + ((nint)plane * shape.InputPlane), columns + ((nint)plane * shape.Taps * shape.OutputPlane), takes);
    }
}
