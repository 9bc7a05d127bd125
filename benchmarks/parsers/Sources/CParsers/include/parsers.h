// A C face of the parsers that the own scanner is compared with. Every function returns a checksum over what it saw, so
// that no work can be left out by the optimizer, or UINT64_MAX when the text is not JSON.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// One token as the mapping needs it: where the raw text of a value or key lies, and where the next sibling is.
typedef struct {
    uint32_t start, end, link;
    uint8_t kind, flags;
} parsers_token;

/// simdjson, DOM: stage 1 and 2 only. `text` must be followed by 64 readable bytes.
uint64_t parsers_simdjson_dom(const char *text, size_t count);
/// simdjson, DOM, then every key and value visited once.
uint64_t parsers_simdjson_dom_walk(const char *text, size_t count);
/// simdjson, on demand: the same token tape that the own scanner leaves, with raw text kept.
uint64_t parsers_simdjson_tape(const char *text, size_t count, parsers_token *tokens, size_t capacity);
/// yyjson, then every key and value visited once; UINT64_MAX - 1 when built without yyjson.
uint64_t parsers_yyjson_walk(const char *text, size_t count, int walk);

#ifdef __cplusplus
}
#endif
