namespace Backprop.Tests.Memory;

public class ScopePauseTests
{
    [Fact]
    public void WhatIsMadeInAPauseOutlivesTheScopes()
    {
        Tensor made, inner, after;
        using (TensorScope.Begin())
        {
            using (TensorScope.Begin())
            {
                using (TensorScope.Pause())
                {
                    made = Tensor.Ones([3]);
                    using (TensorScope.Begin())
                    {
                        inner = Tensor.Ones([3]);
                    }
                }

                after = Tensor.Ones([3]);
            }

            Assert.Throws<ObjectDisposedException>(() => after.ToArray<float>());
        }

        Assert.Equal([1f, 1, 1], made.ToArray<float>());
        Assert.Throws<ObjectDisposedException>(() => inner.ToArray<float>());
    }

    [Fact]
    public void APauseWithoutAScopeChangesNothing()
    {
        using (TensorScope.Pause())
        {
            Assert.Equal([1f], Tensor.Ones([1]).ToArray<float>());
        }
    }
}
