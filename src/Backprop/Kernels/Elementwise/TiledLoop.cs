using System.Runtime.CompilerServices;

namespace Backprop.Kernels;

/// <summary>
/// The elementwise loop over operands one of which is turned: it lies contiguously along another axis than the last. Tiles of these two axes are
/// turned in registers as they are brought into a buffer, or straight to their place where they are only copied.
/// </summary>
internal static unsafe class TiledLoop
{
    private const int TileElements = 4096;
    private const int LeastElements = 256;
    private const int Side = 64;
    private const int TilesPerBlock = 4;

    /// <summary>Runs, if an operand is turned; false if none is and nothing was done. The plan must have been coalesced.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryRun<TRun>(TRun run, StridedPlan* plan)
        where TRun : struct, IRun
    {
        var across = plan->Count >= LeastElements ? TurnedAxis(plan) : -1;
        if (across < 0)
        {
            return false;
        }

        var body = new Body<TRun>(run, plan, across);
        var blocks = (body.Tiles + TilesPerBlock - 1) / TilesPerBlock;
        Workers.Run(body, (int)blocks, (run.NanosecondsPerElement + 0.3) * plan->Count);
        return true;
    }

    /// <summary>The axis along which an operand lies contiguously that is strided along the last axis; −1 if none is worth it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int TurnedAxis(StridedPlan* plan)
    {
        var last = plan->Rank - 1;
        for (var operand = plan->Operands - 1; operand >= 0; operand--)
        {
            var strides = plan->Strides + (operand * StridedPlan.MaxRank);
            var size = plan->ElementSizes[operand];
            if (strides[last] == size || strides[last] == 0)
            {
                continue;
            }

            for (var axis = 0; axis < last; axis++)
            {
                if (strides[axis] == size && plan->Sizes[axis] >= 4)
                {
                    return axis;
                }
            }
        }

        return -1;
    }

    private readonly struct Body<TRun> : IBlockBody
        where TRun : struct, IRun
    {
        private readonly TRun run;
        private readonly StridedPlan* plan;
        private readonly int across;
        private readonly int height;
        private readonly int width;
        private readonly long tilesAcross;
        private readonly long tilesAlong;

        public Body(TRun run, StridedPlan* plan, int across)
        {
            this.run = run;
            this.plan = plan;
            this.across = across;
            var (rows, columns) = (plan->Sizes[across], plan->Sizes[plan->Rank - 1]);
            width = Math.Min(columns, Side);
            height = Math.Min(rows, TileElements / width);
            tilesAcross = (rows + height - 1) / height;
            tilesAlong = (columns + width - 1) / width;
            Tiles = plan->Count / ((long)rows * columns) * tilesAcross * tilesAlong;
        }

        /// <summary>How many tiles there are.</summary>
        public long Tiles { get; }

        private static bool IsCopy
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
            get => typeof(TRun) == typeof(CopyRun<byte>) || typeof(TRun) == typeof(CopyRun<short>)
                || typeof(TRun) == typeof(CopyRun<int>) || typeof(TRun) == typeof(CopyRun<long>);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int block)
        {
            var pointers = stackalloc byte*[StridedPlan.MaxOperands];
            var buffers = stackalloc byte[plan->Operands * TileElements * sizeof(double)];
            var last = plan->Rank - 1;
            var end = Math.Min(Tiles, ((long)block + 1) * TilesPerBlock);
            for (var tile = (long)block * TilesPerBlock; tile < end; tile++)
            {
                // Tiles follow one another along the last axis, then along the other one.
                var (column, rest) = ((int)(tile % tilesAlong) * width, tile / tilesAlong);
                var (row, outer) = ((int)(rest % tilesAcross) * height, rest / tilesAcross);
                for (var i = 0; i < plan->Operands; i++)
                {
                    var strides = plan->Strides + (i * StridedPlan.MaxRank);
                    pointers[i] = (byte*)plan->Pointers[i] + (row * strides[across]) + (column * strides[last]);
                    var index = outer;
                    for (var axis = last - 1; axis >= 0; axis--)
                    {
                        if (axis != across)
                        {
                            pointers[i] += index % plan->Sizes[axis] * strides[axis];
                            index /= plan->Sizes[axis];
                        }
                    }
                }

                var (rows, columns) = (Math.Min(height, plan->Sizes[across] - row), Math.Min(width, plan->Sizes[last] - column));
                if (!IsCopy || !TryTurn(pointers, rows, columns))
                {
                    Tile(pointers, buffers, rows, columns);
                }
            }
        }

        /// <summary>Copies straight to the place, if source and destination lie along different axes.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private bool TryTurn(byte** pointers, int rows, int columns)
        {
            var last = plan->Rank - 1;
            var to = plan->Strides;
            var from = to + StridedPlan.MaxRank;
            var size = plan->ElementSizes[0];
            if (to[last] == size && from[across] == size)
            {
                Turning.Turn(pointers[1], (nint)from[last], pointers[0], (nint)to[across], rows, columns, size);
                return true;
            }

            if (to[across] == size && from[last] == size)
            {
                Turning.Turn(pointers[1], (nint)from[across], pointers[0], (nint)to[last], columns, rows, size);
                return true;
            }

            return false;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Tile(byte** pointers, byte* buffers, int rows, int columns)
        {
            var operands = stackalloc byte*[StridedPlan.MaxOperands];
            var steps = stackalloc long[StridedPlan.MaxOperands];
            for (var i = 0; i < plan->Operands; i++)
            {
                var (along, down, size) = (Stride(i, plan->Rank - 1), Stride(i, across), plan->ElementSizes[i]);
                operands[i] = pointers[i];
                steps[i] = down;
                if (along == size)
                {
                    continue;
                }

                // A row that repeats is brought in once.
                var buffer = buffers + ((nint)i * TileElements * sizeof(double));
                operands[i] = buffer;
                steps[i] = i > 0 && down == 0 ? 0 : (long)width * size;
                if (i > 0 || run.ReadsOutput)
                {
                    Bring(pointers[i], along, down, buffer, steps[i], steps[i] == 0 ? 1 : rows, columns, size);
                }
            }

            var row = stackalloc byte*[StridedPlan.MaxOperands];
            for (var r = 0; r < rows; r++)
            {
                for (var i = 0; i < plan->Operands; i++)
                {
                    row[i] = operands[i] + (r * steps[i]);
                }

                run.Run(row, columns);
            }

            if (operands[0] != pointers[0])
            {
                TakeBack(buffers, steps[0], pointers[0], rows, columns);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining | MethodImplOptions.AggressiveOptimization)]
        private long Stride(int operand, int axis) => plan->Strides[(operand * StridedPlan.MaxRank) + axis];

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Bring(byte* from, long along, long down, byte* buffer, long step, int rows, int columns, int size)
        {
            if (down == size)
            {
                Turning.Turn(from, (nint)along, buffer, (nint)step, rows, columns, size);
                return;
            }

            for (var r = 0; r < rows; r++)
            {
                ElementwiseLoop.Move(buffer + (r * step), size, from + (r * down), along, columns, size);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void TakeBack(byte* buffer, long step, byte* to, int rows, int columns)
        {
            var (along, down, size) = (Stride(0, plan->Rank - 1), Stride(0, across), plan->ElementSizes[0]);
            if (down == size)
            {
                Turning.Turn(buffer, (nint)step, to, (nint)along, columns, rows, size);
                return;
            }

            for (var r = 0; r < rows; r++)
            {
                ElementwiseLoop.Move(to + (r * down), along, buffer + (r * step), size, columns, size);
            }
        }
    }
}
