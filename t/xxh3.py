"""XXH3-64 with seed 0 of the xxHash library, in plain Python: xxh3(bytes) -> int. Some megabytes a second."""

import struct

SECRET = bytes.fromhex(
    "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f"
    "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c"
    "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8"
    "a8fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364"
    "eac5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e"
    "2b16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e")

P32_1, P32_2, P32_3 = 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D
P64_1, P64_2, P64_3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
P64_4, P64_5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5
MIX_1, MIX_2 = 0x165667919E3779F9, 0x9FB21C651E98DF25
M32, M64 = 2**32 - 1, 2**64 - 1

STRIPE = struct.Struct("<8Q")       # 64 bytes, eight lanes; a block is 16 of them


def u32(data, at):
    return int.from_bytes(data[at:at + 4], "little")


def u64(data, at):
    return int.from_bytes(data[at:at + 8], "little")


def key(at):
    """What short inputs are keyed with: two neighbouring words of the secret."""
    return u64(SECRET, at) ^ u64(SECRET, at + 8)


def rotl(x, n):
    return (x << n | x >> (64 - n)) & M64


def fold(a, b):
    """The two halves of the 128-bit product."""
    product = a * b
    return (product ^ product >> 64) & M64


def avalanche(h):
    h = (h ^ h >> 37) * MIX_1 & M64
    return h ^ h >> 32


def avalanche_xxh64(h):
    h = (h ^ h >> 33) * P64_2 & M64
    h = (h ^ h >> 29) * P64_3 & M64
    return h ^ h >> 32


def mix16(data, at, secret_at):
    return fold(u64(data, at) ^ u64(SECRET, secret_at), u64(data, at + 8) ^ u64(SECRET, secret_at + 8))


def up_to_3(data, n):
    if n == 0:
        return avalanche_xxh64(key(56))
    word = data[0] << 16 | data[n >> 1] << 24 | data[n - 1] | n << 8
    return avalanche_xxh64(word ^ u32(SECRET, 0) ^ u32(SECRET, 4))


def up_to_8(data, n):
    h = (u32(data, 0) << 32) + u32(data, n - 4) ^ key(8)
    h ^= rotl(h, 49) ^ rotl(h, 24)
    h = h * MIX_2 & M64
    h = (h ^ (h >> 35) + n) * MIX_2 & M64
    return h ^ h >> 28


def up_to_16(data, n):
    low, high = u64(data, 0) ^ key(24), u64(data, n - 8) ^ key(40)
    swapped = int.from_bytes(low.to_bytes(8, "little"), "big")
    return avalanche(n + swapped + high + fold(low, high) & M64)


def up_to_128(data, n):
    h = n * P64_1
    for i in range((n + 31) // 32):     # from both ends towards the middle
        h += mix16(data, 16 * i, 32 * i) + mix16(data, n - 16 * (i + 1), 32 * i + 16)
    return avalanche(h & M64)


def up_to_240(data, n):
    h = n * P64_1 + sum(mix16(data, 16 * i, 16 * i) for i in range(8))
    h = avalanche(h & M64)
    h += sum(mix16(data, 16 * i, 16 * (i - 8) + 3) for i in range(8, n // 16))
    return avalanche(h + mix16(data, n - 16, 119) & M64)


def accumulate(acc, data, at, secret):
    lanes = STRIPE.unpack_from(data, at)
    for i in range(8):
        word = lanes[i] ^ secret[i]
        acc[i] = acc[i] + lanes[i ^ 1] + (word & M32) * (word >> 32) & M64


def longer(data, n):
    acc = [P32_3, P64_1, P64_2, P64_3, P64_4, P32_2, P64_5, P32_1]
    secrets = [STRIPE.unpack_from(SECRET, 8 * i) for i in range(16)]
    scramble = STRIPE.unpack_from(SECRET, 128)
    for number, at in enumerate(range(0, (n - 1) // 64 * 64, 64)):
        accumulate(acc, data, at, secrets[number % 16])
        if number % 16 == 15:
            acc = [(a ^ a >> 47 ^ s) * P32_1 & M64 for a, s in zip(acc, scramble)]
    accumulate(acc, data, n - 64, STRIPE.unpack_from(SECRET, 121))
    h = n * P64_1
    for i in range(0, 8, 2):
        h += fold(acc[i] ^ u64(SECRET, 11 + 8 * i), acc[i + 1] ^ u64(SECRET, 19 + 8 * i))
    return avalanche(h & M64)


def xxh3(data):
    n = len(data)
    for limit, short in ((3, up_to_3), (8, up_to_8), (16, up_to_16), (128, up_to_128), (240, up_to_240)):
        if n <= limit:
            return short(data, n)
    return longer(data, n)
