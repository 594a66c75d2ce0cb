namespace Backprop;

/// <summary>How <see cref="Tensor.Interpolate"/> finds a value between the given ones.</summary>
public enum InterpolationMode
{
    /// <summary>The element at ⌊position · size / new size⌋, as PyTorch's "nearest".</summary>
    Nearest,

    /// <summary>The element whose centre is nearest, as PyTorch's "nearest-exact", scikit-image and Pillow do.</summary>
    NearestExact,

    /// <summary>Between two neighbours on each axis: linear, bilinear, trilinear.</summary>
    Linear,

    /// <summary>Through four neighbours on each axis, by Keys' cubic convolution with a = −3/4: bicubic for images.</summary>
    Cubic,

    /// <summary>The mean of all elements that a new one covers, as an adaptive average pool.</summary>
    Area,
}
