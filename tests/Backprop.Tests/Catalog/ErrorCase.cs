namespace Backprop.Tests.Catalog;

/// <summary>A call that must be refused.</summary>
/// <param name="Operation">What the message must begin with.</param>
/// <param name="Situation">What is wrong, for the test's name.</param>
/// <param name="Exception">The type of the exception.</param>
/// <param name="Operands">What it is called with; nothing of it may change.</param>
/// <param name="Call">The call.</param>
/// <param name="Says">What the message must contain: the values, the legal range, the advice.</param>
internal sealed record ErrorCase(string Operation, string Situation, Type Exception, Tensor[] Operands, Action<Tensor[]> Call, string[] Says)
{
    public override string ToString() => $"{Operation}: {Situation}";
}
