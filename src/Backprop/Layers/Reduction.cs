namespace Backprop.Layers;

/// <summary>What becomes of the losses of single elements or samples.</summary>
public enum Reduction
{
    /// <summary>Their mean; where samples have weights, the weighted mean.</summary>
    Mean,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>They are returned as they are.</summary>
    None,

    /// <summary>Their sum divided by the number of samples, the size of axis 0: for <see cref="Losses.KlDivergence"/> only.</summary>
    BatchMean,
}
