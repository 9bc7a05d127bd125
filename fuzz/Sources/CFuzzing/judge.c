// A second opinion about JSON. It shares nothing with the JSON module, so that a mistake there is not made here again:
// it goes down the grammar byte by byte, and decodes what the module leaves as it is. It is in C because C is not
// instrumented in the fuzzer's build, and judging would take longer than mapping.

#include "fuzzing.h"

#include <stdlib.h>
#include <string.h>

enum { depth_max = 1000 };

typedef struct {
    const uint8_t *bytes;
    size_t position, count, depth;
    judgement result;
} judge;

static int fail(judge *self, const char *problem) {
    self->result.problem = problem;
    self->result.offset = self->position;
    return 0;
}

static int peek(const judge *self) { return self->position < self->count ? self->bytes[self->position] : -1; }

static int takes(judge *self, int expected) {
    if (peek(self) != expected) return 0;
    self->position++;
    return 1;
}

static void skip_space(judge *self) {
    while (takes(self, ' ') || takes(self, '\t') || takes(self, '\n') || takes(self, '\r')) {}
}

static int hex_unit(judge *self, uint32_t *unit) {
    *unit = 0;
    for (int digit = 0; digit < 4; digit++, self->position++) {
        int byte = peek(self);
        if (byte >= '0' && byte <= '9') byte -= '0';
        else if (byte >= 'a' && byte <= 'f') byte -= 'a' - 10;
        else if (byte >= 'A' && byte <= 'F') byte -= 'A' - 10;
        else return fail(self, "no hexadecimal digit");
        *unit = *unit << 4 | (uint32_t)byte;
    }
    return 1;
}

static int escape(judge *self, uint32_t *scalar) {
    static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    int byte = peek(self);
    const char *name = byte > 0 ? strchr(names, byte) : NULL;
    if (name) {
        self->position++;
        *scalar = (uint32_t)meanings[name - names];
        return 1;
    }
    if (!takes(self, 'u')) return fail(self, "unknown escape");
    if (!hex_unit(self, scalar)) return 0;
    if ((*scalar & 0xFC00) != 0xD800) return 1;
    // A high surrogate counts together with a low one that follows, and else alone.
    judge behind = *self;
    uint32_t low;
    if (takes(self, '\\') && takes(self, 'u') && hex_unit(self, &low) && (low & 0xFC00) == 0xDC00)
        *scalar = 0x10000 + ((*scalar & 0x3FF) << 10) + (low & 0x3FF);
    else
        *self = behind;
    return 1;
}

// A scalar of two to four bytes: its bits are put together and must make a scalar that needs that many bytes.
static int multibyte(judge *self, uint32_t *scalar) {
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t lead = self->bytes[self->position];
    size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC0 || lead >= 0xF8 || self->count - self->position < length) return fail(self, "no UTF-8");
    *scalar = lead & (0x7Fu >> length);
    for (size_t index = 1; index < length; index++) {
        uint8_t byte = self->bytes[self->position + index];
        if ((byte & 0xC0) != 0x80) return fail(self, "no UTF-8");
        *scalar = *scalar << 6 | (byte & 0x3F);
    }
    if (*scalar < smallest[length] || *scalar > 0x10FFFF || (*scalar & 0xFFFFF800) == 0xD800)
        return fail(self, "no UTF-8");
    self->position += length;
    return 1;
}

// Takes a string; the hash (FNV-1a, 64 bits) is of the scalars that it means.
static int string(judge *self, uint64_t *hash) {
    *hash = 0xcbf29ce484222325u;
    if (!takes(self, '"')) return fail(self, "no string");
    for (int byte; (byte = peek(self)) >= 0;) {
        uint32_t scalar = (uint32_t)byte;
        if (byte < 0x20) return fail(self, "control byte in a string");
        if (byte >= 0x80) {
            if (!multibyte(self, &scalar)) return 0;
        } else {
            self->position++;
            if (byte == '"') return 1;
            if (byte == '\\' && !escape(self, &scalar)) return 0;
        }
        *hash = (*hash ^ scalar) * 0x100000001b3u;
    }
    return fail(self, "string not closed");
}

static int digits(judge *self) {
    size_t begin = self->position;
    while (peek(self) >= '0' && peek(self) <= '9') self->position++;
    return self->position > begin || fail(self, "no value");
}

static int number(judge *self) {
    takes(self, '-');
    if (!takes(self, '0') && !digits(self)) return 0;
    if (takes(self, '.') && !digits(self)) return 0;
    if (!takes(self, 'e') && !takes(self, 'E')) return 1;
    if (!takes(self, '+')) takes(self, '-');
    return digits(self);
}

static int literal(judge *self, const char *text) {
    for (; *text; text++)
        if (!takes(self, *text)) return fail(self, "no value");
    return 1;
}

static int compare(const void *one, const void *other) {
    uint64_t left = *(const uint64_t *)one, right = *(const uint64_t *)other;
    return (left > right) - (left < right);
}

static int value(judge *self);

static int members(judge *self, uint64_t **keys, size_t *key_count) {
    size_t capacity = 0;
    uint64_t key;
    do {
        skip_space(self);
        if (!string(self, &key)) return 0;
        if (*key_count == capacity) *keys = realloc(*keys, sizeof(key) * (capacity = capacity * 2 + 16));
        (*keys)[(*key_count)++] = key;
        skip_space(self);
        if (!takes(self, ':')) return fail(self, "no colon");
        skip_space(self);
        if (!value(self)) return 0;
        skip_space(self);
    } while (takes(self, ','));
    return takes(self, '}') || fail(self, "object not closed");
}

static int object(judge *self) {
    uint64_t *keys = NULL;
    size_t count = 0;
    skip_space(self);
    int good = takes(self, '}') || members(self, &keys, &count);
    if (count) qsort(keys, count, sizeof(*keys), compare);
    for (size_t index = 1; index < count; index++)
        if (keys[index] == keys[index - 1]) self->result.has_duplicates = 1;
    free(keys);
    return good;
}

static int array(judge *self) {
    skip_space(self);
    if (takes(self, ']')) return 1;
    do {
        skip_space(self);
        if (!value(self)) return 0;
        skip_space(self);
    } while (takes(self, ','));
    return takes(self, ']') || fail(self, "array not closed");
}

static int value(judge *self) {
    uint64_t hash;
    int first = peek(self);
    switch (first) {
    case '{':
    case '[':
        if (++self->depth > depth_max) return fail(self, "deeper than is judged");
        if (self->depth > self->result.depth) self->result.depth = self->depth;
        self->position++;
        if (!(first == '{' ? object(self) : array(self))) return 0;
        self->depth--;
        return 1;
    case '"': return string(self, &hash);
    case 't': return literal(self, "true");
    case 'f': return literal(self, "false");
    case 'n': return literal(self, "null");
    default: return number(self);
    }
}

judgement judge_json(const uint8_t *bytes, size_t count) {
    judge self = {.bytes = bytes, .count = count};
    skip_space(&self);
    self.result.is_object = peek(&self) == '{';
    if (value(&self)) {
        skip_space(&self);
        if (self.position < count) fail(&self, "more behind the value");
    }
    return self.result;
}
