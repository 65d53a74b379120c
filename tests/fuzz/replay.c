/* replay FILE|DIRECTORY...: runs the fuzz target that is linked in over files, and over each
 * cut of the short ones: every prefix of a good input is a truncated one. */
#include "fuzz/fuzz.h"

#include "base/buf.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#define INPUT_MAX    (16 * 1024 * 1024)
#define ALL_CUTS_MAX 4096 /* bytes of an input of which every prefix is tried */

static size_t inputs;

static void run(struct pail_str input)
{
    /* A copy of the exact size, so that reading past it is found. */
    uint8_t *copy = malloc(input.len ? input.len : 1);
    if (!copy)
        abort();
    if (input.len > 0)
        memcpy(copy, input.ptr, input.len);
    LLVMFuzzerTestOneInput(copy, input.len);
    free(copy);
}

static int run_file(const char *path)
{
    CLEANUP_DONE(buf) struct buf text;
    buf_init(&text, INPUT_MAX);
    FILE *file = fopen(path, "re");
    if (!file) {
        perror(path);
        return 1;
    }
    char chunk[4096];
    size_t n;
    while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0)
        buf_add(&text, chunk, n);
    fclose(file);
    if (buf_failed(&text)) {
        fprintf(stderr, "%s: too long\n", path);
        return 1;
    }
    inputs++;
    for (size_t len = 0; text.len <= ALL_CUTS_MAX && len < text.len; len++)
        run(str_sub(buf_str(&text), 0, len));
    run(buf_str(&text));
    return 0;
}

static int run_path(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return run_file(path);
    int failed = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_name[0] == '.')
            continue;
        CLEANUP_DONE(buf) struct buf name;
        buf_init(&name, 4096);
        buf_addf(&name, "%s/%s", path, entry->d_name);
        failed |= run_file(buf_c(&name));
    }
    closedir(dir);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = 0;
    for (int i = 1; i < argc; i++)
        failed |= run_path(argv[i]);
    printf("%zu inputs\n", inputs);
    return failed || inputs == 0;
}
