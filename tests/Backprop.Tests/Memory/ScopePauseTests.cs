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

    [Fact]
    public void ATokenDisposedAgainDoesNothing()
    {
        var scope = TensorScope.Begin();
        var pause = TensorScope.Pause();
        pause.Dispose();
        scope.Dispose();
        pause.Dispose();
        Assert.Null(TensorScope.Current);
        Assert.Equal(3, Tensor.Ones([3]).Sum().Item());
        using var next = TensorScope.Begin();
        pause.Dispose();
        Assert.Same(next, TensorScope.Current);
    }

    [Fact]
    public void AScopeMayEndInItsPause()
    {
        using var outer = TensorScope.Begin();
        var inner = TensorScope.Begin();
        var x = Tensor.Ones([3]);
        var pause = TensorScope.Pause();
        inner.Dispose();
        Assert.Throws<ObjectDisposedException>(() => x.Clone());
        Assert.Same(outer, TensorScope.Current);
        pause.Dispose();
        Assert.Same(outer, TensorScope.Current);
    }

    [Fact]
    public void APauseEndsTheScopesForgottenInIt()
    {
        using var outer = TensorScope.Begin();
        Tensor x;
        using (TensorScope.Pause())
        {
            using (TensorScope.Pause())
            {
                Assert.Null(TensorScope.Current);
            }

            TensorScope.Begin();
            x = Tensor.Ones([3]);
        }

        Assert.Same(outer, TensorScope.Current);
        Assert.Throws<ObjectDisposedException>(() => x.Clone());
    }
}
