using System.Runtime.CompilerServices;
using Backprop.Kernels.Products;

namespace Backprop.Kernels.Convolutions;

/// <summary>
/// One tile of a product whose inner dimension lies in runs: C[rows, columns] = Σ over runs and steps of A · B + bias, all of it held in registers.
/// Strides count elements.
/// </summary>
/// <typeparam name="T">The element.</typeparam>
internal unsafe struct RunTile<T>
    where T : unmanaged
{
    /// <summary>Steps of a run.</summary>
    public nint Inner;

    public int Runs;

    /// <summary>Row i, step p of run r of A is <c>A[ARuns[r] + i * ARow + p * AStep]</c>.</summary>
    public T* A;

    /// <inheritdoc cref="A"/>
    public nint* ARuns;

    /// <inheritdoc cref="A"/>
    public nint ARow;

    /// <inheritdoc cref="A"/>
    public nint AStep;

    /// <summary>Step p, column j of run r of B is <c>B[BRuns[r] + p * BStep + j]</c>.</summary>
    public T* B;

    /// <inheritdoc cref="B"/>
    public nint* BRuns;

    /// <inheritdoc cref="B"/>
    public nint BStep;

    /// <summary>From one tap's to the next in a <see cref="NeighbourTile{V, T, I}"/>.</summary>
    public nint BTap;

    /// <summary>The result, whole registers.</summary>
    public T* C;

    /// <inheritdoc cref="C"/>
    public nint CRow;

    /// <summary>What every row's sums begin with, or null for zero.</summary>
    public T* Bias;

    /// <summary>Whether the sums are added to what C holds.</summary>
    public bool Accumulates;

    /// <summary>Rows, at most those of the kernel.</summary>
    public int Rows;
}

/// <summary>Chooses the kernel of a <see cref="RunTile{T}"/>.</summary>
internal static unsafe class RunTiles<V, T, I>
    where V : struct
    where T : unmanaged
    where I : IRegister<V, T>
{
    /// <summary>The most rows of a tile of this many registers.</summary>
    public static int MostRows(int width) => width == 1 ? I.Rows1 : I.Rows2;

    /// <summary>
    /// Computes all rows of a panel, whose first are those of <paramref name="tile"/>, in tiles of even height; moves the tile behind them. By reference: what
    /// has just been written to it piece by piece cannot be copied as a whole before all stores of the last tile are done.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ref RunTile<T> tile, int rows, int width, bool areNeighbours = false)
    {
        var count = (rows + MostRows(width) - 1) / MostRows(width);
        for (; count > 0; count--)
        {
            tile.Rows = (rows + count - 1) / count;
            if (areNeighbours)
            {
                RunNeighbours(tile);
            }
            else
            {
                Run(width, tile);
            }

            rows -= tile.Rows;
            tile.A += tile.Rows * tile.ARow;
            tile.C += tile.Rows * tile.CRow;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunNeighbours(in RunTile<T> tile)
    {
        switch (tile.Rows)
        {
            case 1: NeighbourTile<V, T, I>.Run<Rows1>(tile); break;
            case 2: NeighbourTile<V, T, I>.Run<Rows2>(tile); break;
            case 3: NeighbourTile<V, T, I>.Run<Rows3>(tile); break;
            case 4: NeighbourTile<V, T, I>.Run<Rows4>(tile); break;
            case 5: NeighbourTile<V, T, I>.Run<Rows5>(tile); break;
            case 6: NeighbourTile<V, T, I>.Run<Rows6>(tile); break;
            case 7: NeighbourTile<V, T, I>.Run<Rows7>(tile); break;
            case 8: NeighbourTile<V, T, I>.Run<Rows8>(tile); break;
            case 9: NeighbourTile<V, T, I>.Run<Rows9>(tile); break;
            case 10: NeighbourTile<V, T, I>.Run<Rows10>(tile); break;
            case 11 when I.Rows1 > 10: NeighbourTile<V, T, I>.Run<Rows11>(tile); break;
            case 12 when I.Rows1 > 10: NeighbourTile<V, T, I>.Run<Rows12>(tile); break;
            case 13 when I.Rows1 > 10: NeighbourTile<V, T, I>.Run<Rows13>(tile); break;
            case 14 when I.Rows1 > 10: NeighbourTile<V, T, I>.Run<Rows14>(tile); break;
            case 15 when I.Rows1 > 10: NeighbourTile<V, T, I>.Run<Rows15>(tile); break;
            default: NeighbourTile<V, T, I>.Run<Rows16>(tile); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run(int width, in RunTile<T> tile)
    {
        switch (width, tile.Rows)
        {
            case (1, 1): RunTile1<V, T, I>.Run<Rows1>(tile); break;
            case (1, 2): RunTile1<V, T, I>.Run<Rows2>(tile); break;
            case (1, 3): RunTile1<V, T, I>.Run<Rows3>(tile); break;
            case (1, 4): RunTile1<V, T, I>.Run<Rows4>(tile); break;
            case (1, 5): RunTile1<V, T, I>.Run<Rows5>(tile); break;
            case (1, 6): RunTile1<V, T, I>.Run<Rows6>(tile); break;
            case (1, 7): RunTile1<V, T, I>.Run<Rows7>(tile); break;
            case (1, 8): RunTile1<V, T, I>.Run<Rows8>(tile); break;
            case (1, 9): RunTile1<V, T, I>.Run<Rows9>(tile); break;
            case (1, 10): RunTile1<V, T, I>.Run<Rows10>(tile); break;
            case (1, 11) when I.Rows1 > 10: RunTile1<V, T, I>.Run<Rows11>(tile); break;
            case (1, 12) when I.Rows1 > 10: RunTile1<V, T, I>.Run<Rows12>(tile); break;
            case (1, 13) when I.Rows1 > 10: RunTile1<V, T, I>.Run<Rows13>(tile); break;
            case (1, 14) when I.Rows1 > 10: RunTile1<V, T, I>.Run<Rows14>(tile); break;
            case (1, 15) when I.Rows1 > 10: RunTile1<V, T, I>.Run<Rows15>(tile); break;
            case (1, 16) when I.Rows1 > 10: RunTile1<V, T, I>.Run<Rows16>(tile); break;
            case (2, 1): RunTile2<V, T, I>.Run<Rows1>(tile); break;
            case (2, 2): RunTile2<V, T, I>.Run<Rows2>(tile); break;
            case (2, 3): RunTile2<V, T, I>.Run<Rows3>(tile); break;
            case (2, 4): RunTile2<V, T, I>.Run<Rows4>(tile); break;
            case (2, 5): RunTile2<V, T, I>.Run<Rows5>(tile); break;
            case (2, 6): RunTile2<V, T, I>.Run<Rows6>(tile); break;
            case (2, 7) when I.Rows2 > 6: RunTile2<V, T, I>.Run<Rows7>(tile); break;
            case (2, 8) when I.Rows2 > 6: RunTile2<V, T, I>.Run<Rows8>(tile); break;
            case (2, 9) when I.Rows2 > 6: RunTile2<V, T, I>.Run<Rows9>(tile); break;
            case (2, 10) when I.Rows2 > 6: RunTile2<V, T, I>.Run<Rows10>(tile); break;
            case (2, 11) when I.Rows2 > 6: RunTile2<V, T, I>.Run<Rows11>(tile); break;
            case (2, 12) when I.Rows2 > 6: RunTile2<V, T, I>.Run<Rows12>(tile); break;
            case (2, 13) when I.Rows2 > 6: RunTile2<V, T, I>.Run<Rows13>(tile); break;
            default: RunTile2<V, T, I>.Run<Rows14>(tile); break;
        }
    }
}

internal readonly struct Rows1 : IRows
{
    public static int Count => 1;
}

internal readonly struct Rows3 : IRows
{
    public static int Count => 3;
}

internal readonly struct Rows5 : IRows
{
    public static int Count => 5;
}

internal readonly struct Rows7 : IRows
{
    public static int Count => 7;
}

internal readonly struct Rows9 : IRows
{
    public static int Count => 9;
}

internal readonly struct Rows11 : IRows
{
    public static int Count => 11;
}

internal readonly struct Rows13 : IRows
{
    public static int Count => 13;
}

internal readonly struct Rows15 : IRows
{
    public static int Count => 15;
}
