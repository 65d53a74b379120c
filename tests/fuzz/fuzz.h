/* fuzz/fuzz.h: what each tests/fuzz/fuzz_NAME.c defines. It is built with libFuzzer (clang,
 * -DPAIL_FUZZ=ON: the program fuzz_NAME) and, always, with replay.c, which the tests run over
 * tests/fuzz/corpus/NAME/. */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Uses the bytes as a hostile input; aborts where a promise is broken. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
