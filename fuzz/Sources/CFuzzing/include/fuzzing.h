#pragma once

#include <stddef.h>
#include <stdint.h>

// libFuzzer as a library, so that the program keeps a main of its own (https://llvm.org/docs/LibFuzzer.html).
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*each)(const uint8_t *bytes, size_t count));

// What judge_json() found.
typedef struct {
    const char *problem;   // what is wrong; NULL when the bytes are one JSON text
    size_t offset;         // where
    int is_object;         // whether the text is an object
    int has_duplicates;    // whether an object has a key twice, however it is escaped
    size_t depth;          // the deepest nesting
} judgement;

// Tells whether bytes are one JSON text after RFC 8259, in UTF-8.
judgement judge_json(const uint8_t *bytes, size_t count);
