/* cli/pail_cp.h: what the files of pail cp share. Main thread. Each that returns an exit status
 * other than EXIT_OK has filled run->line, or left it empty where all has been told. */
#ifndef CLI_PAIL_CP_H
#define CLI_PAIL_CP_H

#include "cli/pail_output.h"
#include "cli/progress.h"

struct cp_settings {
    bool quiet, recursive;
    uint64_t part_size; /* 0: the default */
    unsigned parallel;  /* 0: the default */
    const char *version_id;
};

static inline uint64_t cp_part_size(const struct cp_settings *settings)
{
    return settings->part_size ? settings->part_size : UINT64_C(8) * 1024 * 1024;
}

static inline unsigned cp_parallel(const struct cp_settings *settings)
{
    return settings->parallel ? settings->parallel : 8;
}

/* Copies one object to a file, or (`path` NULL) to standard output. The exit status. */
int cp_object(struct pail_run *run, struct pail_str bucket, struct pail_str key,
              const char *path);

/* Copies the objects below `prefix` ("" or ending in '/') to files below `directory`, which is
 * made if it is missing. Complains of each that fails; *ret_found: how many there are. The
 * first exit status that is not EXIT_OK. */
int cp_tree(struct pail_run *run, struct pail_str bucket, struct pail_str prefix,
            const char *directory, size_t *ret_found);

/* The same for what went wrong at `path` (NULL: standard output): -errno. Where a file is to be
 * a directory, or the other way round, the key (absent: none) is told too: two may have one
 * path. */
int cp_fail_local(struct pail_run *run, struct pail_str bucket, struct pail_str key,
                  const char *path, int r);

/* ---- small objects: several at a time, each whole in memory before its file is begun ---- */

struct cp_few;

/* What is told of each: the exit status, with run->line as pail_fail leaves it. */
typedef void cp_few_told(void *user, int status, uint64_t bytes);

/* NULL on ENOMEM. All borrowed; tick may be NULL. */
struct cp_few *cp_few_new(struct pail_run *run, struct pail_str bucket, cp_few_told *told,
                          void (*tick)(void *user), void *user);
/* Waits for what is on its way. */
void cp_few_finish(struct cp_few *few);
/* With nothing on its way. NULL-safe. */
void cp_few_free(struct cp_few *few);
/* Waits for what is on its way to a file that `path` would be below. */
void cp_few_wait_above(struct cp_few *few, const char *path);
/* Sets one going, waiting for its turn: `size` (> 0) bytes of the version `etag`, a strong one.
 * Everything is copied. If the object is another one by then it is asked for anew. */
void cp_few_add(struct cp_few *few, struct pail_str key, struct pail_str etag, uint64_t size,
                const char *path);

#endif
