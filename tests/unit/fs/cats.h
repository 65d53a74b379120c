/* unit/fs/cats.h: programs that open, read and close one file after another, over a bucket that
 * answers only what they wait for: what is fetched ahead stays under way. */
#ifndef UNIT_FS_CATS_H
#define UNIT_FS_CATS_H

#include "unit/fs/keys.h"

/* Those of the running test. */
extern struct fixture f;
extern struct keys keys;
/* The program that opens. */
extern pid_t cats_caller;

/* Before keys are put and options set; fixture_start comes after that. */
void cats_start(void);
void cats_finish(void);

/* Puts PREFIXf0000, PREFIXf0001 and so on. */
void put_numbers(const char *prefix, unsigned count);
/* The directory `path` ("" the root), held as by the kernel. */
struct node *directory(const char *path);
/* Reads a directory as ls does; the kernel holds what it shows. */
struct node *list(const char *path);
/* Starts with six directories, d0 and so on, of 20 files, the one above them listed. */
void start_directories(void);
struct node *list_numbered(unsigned number);
/* A name that is known. */
struct node *child(struct node *dir, const char *name);

/* Opens, reads and closes. True if it was fetched ahead. */
bool cat_node(struct node *node);
bool cat(struct node *dir, const char *name);
bool cat_number(struct node *dir, unsigned number);

/* open(2), read(2) and close(2) of [from, to), a stretch after the other, as fs/ops_file.c has
 * them; of what is under way only the file's own reads are answered. */
struct handle *cats_open(struct node *node);
void cats_read(struct handle *handle, uint64_t from, uint64_t to);
void cats_close(struct handle *handle);
#define CATS_READ (256 * 1024) /* of such a stretch */

/* The oldest unanswered read of the file, NULL if there is none. */
struct scripted *read_of(const char *path);
/* Reads asked for and not answered. */
size_t under_way(void);

#endif
