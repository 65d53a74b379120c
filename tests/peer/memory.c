#include "peer/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK ((size_t)1 << 20)

struct mapping {
    char line[256];
    uint64_t start, end;
    bool readable, undumped;
};

static void die(const char *what)
{
    (void)fprintf(stderr, "memory: %s: %s\n", what, strerror(errno));
    _exit(99);
}

static FILE *open_smaps(pid_t pid)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/smaps", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        die(path);
    return file;
}

/* "55e0-55f0 rw-p ..." starts one; its line "VmFlags: rd wr ... dd" is the last. */
static bool next_mapping(FILE *smaps, struct mapping *ret)
{
    char line[512], permissions[8];
    bool any = false;
    while (fgets(line, sizeof(line), smaps)) {
        unsigned long long start, end;
        if (sscanf(line, "%llx-%llx %7s", &start, &end, permissions) == 3) {
            *ret =
                (struct mapping){.start = start, .end = end, .readable = permissions[0] == 'r'};
            (void)snprintf(ret->line, sizeof(ret->line), "%.*s", (int)strcspn(line, "\n"),
                           line);
            any = true;
        } else if (any && strncmp(line, "VmFlags:", 8) == 0) {
            ret->undumped = strstr(line, " dd") != NULL;
            return true;
        }
    }
    return false;
}

bool memory_undumped(pid_t pid, const void *address)
{
    struct mapping mapping;
    bool undumped = false;
    FILE *smaps = open_smaps(pid);
    while (next_mapping(smaps, &mapping))
        if ((uintptr_t)address >= mapping.start && (uintptr_t)address < mapping.end)
            undumped = mapping.undumped;
    (void)fclose(smaps);
    return undumped;
}

static size_t count(const char *data, size_t len, const char *text, size_t text_len)
{
    size_t found = 0;
    for (const char *at = data; (at = memmem(at, (size_t)(data + len - at), text, text_len));
         at++)
        found++;
    return found;
}

/* Chunks overlap by one byte less than the text has, so that each place is counted once. */
static size_t find_in(int memory, const struct mapping *mapping, const char *text)
{
    static char chunk[CHUNK];
    size_t found = 0, text_len = strlen(text), kept = 0;
    for (uint64_t at = mapping->start; at < mapping->end;) {
        size_t want = CHUNK - kept;
        if (want > mapping->end - at)
            want = (size_t)(mapping->end - at);
        ssize_t n = pread(memory, chunk + kept, want, (off_t)at);
        if (n <= 0)
            break; /* a device's, or gone meanwhile */
        size_t len = kept + (size_t)n;
        found += count(chunk, len, text, text_len);
        kept = len < text_len - 1 ? len : text_len - 1;
        memmove(chunk, chunk + len - kept, kept);
        at += (uint64_t)n;
    }
    return found;
}

size_t memory_find(pid_t pid, const char *text, char ret_where[256])
{
    char path[64];
    struct mapping mapping;
    size_t found = 0;
    (void)snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
    int memory = open(path, O_RDONLY | O_CLOEXEC);
    if (memory < 0)
        die(path);
    if (ret_where)
        ret_where[0] = '\0';
    FILE *smaps = open_smaps(pid);
    while (next_mapping(smaps, &mapping)) {
        size_t here =
            mapping.readable && !mapping.undumped ? find_in(memory, &mapping, text) : 0;
        if (here > 0 && found == 0 && ret_where)
            memcpy(ret_where, mapping.line, sizeof(mapping.line));
        found += here;
    }
    (void)fclose(smaps);
    (void)close(memory);
    return found;
}
