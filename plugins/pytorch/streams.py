"""The random numbers of the candle plugins, in PyTorch: one seed, one ChaCha8 stream a purpose.

Word for word what `plugins/support/src/random.rs` draws with rand 0.10 and rand_chacha 0.10, so that weights, dropout
masks, pairs and windows are the same. Nothing here is specific to a plugin.
"""

import torch

_U32 = 0xFFFF_FFFF
_U64 = 0xFFFF_FFFF_FFFF_FFFF
_DOUBLE_ROUNDS = 4
_WORDS_OF_BLOCK = 16
_AHEAD = 4096
"""Words that are made at once for those who draw one after the other."""


class Stream:
    """The stream of random numbers for `purpose` under `seed`; `position` counts words of 32 bits."""

    def __init__(self, seed: int, purpose: str) -> None:
        nonce = _fnv1a(purpose)
        self.key = [0x6170_7865, 0x3320_646E, 0x7962_2D32, 0x6B20_6574, *_pcg32(seed, 8)]
        self.nonce = [nonce & _U32, nonce >> 32]
        self.position = 0
        self._first, self._ahead = 0, []

    def words(self, count: int) -> torch.Tensor:
        """The next `count` words, as i64."""
        first, skipped = divmod(self.position, _WORDS_OF_BLOCK)
        blocks = -(-(skipped + count) // _WORDS_OF_BLOCK)
        self.position += count
        return self._blocks(first, blocks)[skipped : skipped + count].long() & _U32

    def word(self) -> int:
        """The next word."""
        at = self.position - self._first
        if not 0 <= at < len(self._ahead):
            self._first, at = self.position, 0
            self._ahead = self.words(_AHEAD).tolist()
            self.position = self._first
        self.position += 1
        return self._ahead[at]

    def below(self, count: int) -> int:
        """One of 0 … count − 1, by Canon's method as in `random_range` of rand: a second word where one is biased."""
        high, low = divmod(self.word() * count, 1 << 32)
        if low > (1 << 32) - count and low + (self.word() * count >> 32) > _U32:
            high += 1
        return high

    def uniform(self, count: int, limit: float = 0.0) -> torch.Tensor:
        """Numbers in [0, 1); with a limit in [−limit, limit). f32."""
        numbers = (self.words(count) >> 8).float() * 2.0**-24
        return (2.0 * numbers - 1.0) * limit if limit else numbers

    def normal(self, count: int) -> torch.Tensor:
        """N(0, 1) by Box and Muller, two at a time. f32, with functions as precise as those of libm."""
        pairs = self.uniform(2 * (-(-count // 2))).view(-1, 2)
        radius = (-2.0 * (1.0 - pairs[:, 0]).double().log().float()).sqrt()
        angle = (torch.tensor(6.283185307179586) * pairs[:, 1]).double()
        both = torch.stack([radius * angle.cos().float(), radius * angle.sin().float()], dim=1)
        return both.flatten()[:count]

    def _blocks(self, first: int, count: int) -> torch.Tensor:
        """The words of `count` blocks, as i32. Source: Bernstein (2008), ChaCha, a variant of Salsa20."""
        counter = torch.arange(first, first + count)
        state = _i32(torch.tensor([*self.key, 0, 0, *self.nonce])).repeat(count, 1).T.reshape(4, 4, count)
        state[3, 0], state[3, 1] = _i32(counter & _U32), _i32(counter >> 32)
        a, b, c, d = state
        for _ in range(_DOUBLE_ROUNDS):
            a, b, c, d = _round(a, b, c, d)
            a, b, c, d = _round(a, b.roll(-1, 0), c.roll(-2, 0), d.roll(-3, 0))
            b, c, d = b.roll(1, 0), c.roll(2, 0), d.roll(3, 0)
        return (torch.stack([a, b, c, d]) + state).view(_WORDS_OF_BLOCK, count).T.flatten()


def _round(a, b, c, d):
    """The quarter rounds of all four columns; i32 wraps as it should."""
    a = a + b
    d = _rotated(d ^ a, 16)
    c = c + d
    b = _rotated(b ^ c, 12)
    a = a + b
    d = _rotated(d ^ a, 8)
    c = c + d
    b = _rotated(b ^ c, 7)
    return a, b, c, d


def _rotated(x: torch.Tensor, left: int) -> torch.Tensor:
    # A shift to the right brings the sign along.
    return (x << left) | ((x >> (32 - left)) & ((1 << left) - 1))


def _i32(words: torch.Tensor) -> torch.Tensor:
    return torch.where(words >= 1 << 31, words - (1 << 32), words).to(torch.int32)


def _pcg32(state: int, count: int) -> list:
    """`seed_from_u64` of rand_core: a key from a number."""
    key = []
    for _ in range(count):
        state = (state * 0x5851_F42D_4C95_7F2D + 0xA176_54E4_6FBE_17F3) & _U64
        shifted, turn = (((state >> 18) ^ state) >> 27) & _U32, state >> 59
        key.append((shifted >> turn | shifted << (32 - turn)) & _U32)
    return key


def _fnv1a(text: str) -> int:
    """A name to a number. Source: Fowler, Noll, Vo, draft-eastlake-fnv."""
    number = 0xCBF2_9CE4_8422_2325
    for byte in text.encode():
        number = (number ^ byte) * 0x100_0000_01B3 & _U64
    return number
