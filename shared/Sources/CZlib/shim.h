#pragma once
#include <zlib.h>

// deflateInit2 is a macro that adds the version and the size of the structure, which Swift does not import.
static inline int czlib_deflate_init_gzip(z_stream *stream, int level) {
    return deflateInit2(stream, level, Z_DEFLATED, 15 + 16 /* a gzip header */, 8, Z_DEFAULT_STRATEGY);
}
