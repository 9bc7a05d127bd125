#pragma once
// The header-only form: no shared library, so no soname that differs between Debian releases.
#define XXH_INLINE_ALL
#include <xxhash.h>

// In the header-only form the functions' names are macros, which Swift does not see.
static inline uint64_t xxh3_64(const void *bytes, size_t count) {
    return XXH3_64bits(bytes, count);
}

static inline XXH128_hash_t xxh3_128(const void *bytes, size_t count, uint64_t seed) {
    return XXH3_128bits_withSeed(bytes, count, seed);
}
