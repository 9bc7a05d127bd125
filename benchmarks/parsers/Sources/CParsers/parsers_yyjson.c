#include "parsers.h"

#ifdef WITH_YYJSON
#include "yyjson.c"

static uint64_t visit(yyjson_val *value) {
    size_t index, max;
    yyjson_val *key, *member;
    uint64_t sum = 1;
    if (yyjson_is_obj(value)) {
        yyjson_obj_foreach(value, index, max, key, member) sum += yyjson_get_len(key) + visit(member);
        return sum;
    }
    if (yyjson_is_arr(value)) {
        yyjson_arr_foreach(value, index, max, member) sum += visit(member);
        return sum;
    }
    return yyjson_is_str(value) ? yyjson_get_len(value) : 1;
}

uint64_t parsers_yyjson_walk(const char *text, size_t count, int walk) {
    static char memory[64 << 20];
    yyjson_alc pool;
    yyjson_alc_pool_init(&pool, memory, sizeof memory);
    yyjson_doc *document = yyjson_read_opts((char *)text, count, 0, &pool, NULL);
    if (!document) return UINT64_MAX;
    uint64_t sum = walk ? visit(yyjson_doc_get_root(document)) : 1;
    yyjson_doc_free(document);
    return sum;
}
#else
uint64_t parsers_yyjson_walk(const char *text, size_t count, int walk) { return UINT64_MAX - 1; }
#endif
