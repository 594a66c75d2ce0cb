namespace Backprop.Memory;

/// <summary>A replay has found that the step would take another course now.</summary>
internal sealed class CourseException(string reason) : Exception(reason);
