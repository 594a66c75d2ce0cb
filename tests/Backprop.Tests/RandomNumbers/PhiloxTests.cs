using Backprop.Kernels;

namespace Backprop.Tests.RandomNumbers;

public class PhiloxTests
{
    // The known answers that Salmon et al. published with Random123 (kat_vectors, philox4x32 with 10 rounds).
    [Theory]
    [InlineData(0UL, 0UL, 0UL, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x85a308d3_243f6a88, 0x03707344_13198a2e, 0x299f31d0_a4093822, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void KnownAnswers(ulong counter, ulong stream, ulong key, uint w0, uint w1, uint w2, uint w3)
    {
        Assert.Equal((w0, w1, w2, w3), Philox.Block(counter, key, stream));
        var words = new uint[4];
        Philox.Words(words, counter, key, stream);
        Assert.Equal([w0, w1, w2, w3], words);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(0xFFFF_FFFDUL)] // the carry into the second word falls inside one register
    [InlineData(ulong.MaxValue - 5)] // the counter wraps round
    public void WordsAreTheBlocksInOrderForEveryLength(ulong counter)
    {
        const ulong Key = 0x0123_4567_89AB_CDEF;
        const ulong Stream = 0xFEDC_BA98_7654_3210;
        var expected = new List<uint>();
        for (var block = 0UL; expected.Count < 101; block++)
        {
            var (w0, w1, w2, w3) = Philox.Block(unchecked(counter + block), Key, Stream);
            expected.AddRange([w0, w1, w2, w3]);
        }

        for (var length = 0; length <= 101; length++)
        {
            var words = new uint[length];
            Philox.Words(words, counter, Key, Stream);
            Assert.Equal(expected.Take(length), words);
        }
    }
}
