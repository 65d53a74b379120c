#include "aws/profile.h"

#include "aws/words.h"
#include "base/arena.h"
#include "base/whole_file.h"

#include <errno.h>
#include <stdio.h>

#define ARENA_MAX                                                                              \
    (64 * PROFILE_FILE_MAX) /* of both files; a key of three bytes costs about a hundred */

struct entry {
    struct entry *next;
    struct pail_str key, value;
    bool block;           /* `nested` instead of `value` */
    struct entry *nested; /* newest first; value and line as here */
    size_t line;
};

struct section {
    struct section *next;
    enum profile_file file;
    struct pail_str header; /* as written */
    struct pail_str kind;   /* "profile", "sso-session", "services" */
    struct pail_str name;   /* absent: skipped, or replaced by a later one */
    struct entry *entries;
    size_t keys;
};

struct profile_files {
    struct arena *arena;
    struct section *sections; /* newest first */
    const char *names[2];     /* of the files */
};

/* State of one file's reading. */
struct parser {
    struct profile_files *files;
    enum profile_file file;
    struct section *section; /* NULL: before the first */
    size_t sections;
    struct entry *entry; /* whose value goes on; NULL: none */
    struct buf value;    /* of `entry`, as far as it is known */
    size_t indent;       /* of the key or section line that rules now */
    size_t line;
    char *reason;
    size_t reason_size;
};

static int fail(const struct parser *p, size_t line, const char *what)
{
    if (p->reason_size > 0)
        snprintf(p->reason, p->reason_size, "%s:%zu: %s", p->files->names[p->file], line, what);
    return -EINVAL;
}

static struct pail_str lower(struct arena *arena, struct pail_str s)
{
    char *bytes = arena_alloc(arena, s.len + 1);
    if (!bytes)
        return (struct pail_str){0};
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        bytes[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return str_of(bytes, s.len);
}

/* Fills kind and name from the header; the name stays absent where it is not a section we know.
 */
static int name_section(struct profile_files *files, struct section *s)
{
    static const char *const kinds[] = {"profile", "sso-session", "services"};
    if (s->file == PROFILE_CREDENTIALS_FILE || str_eq_c(s->header, "default")) {
        s->kind = PAIL_STR("profile");
        s->name = s->header;
        return 0;
    }
    CLEANUP_DONE(buf) struct buf kind, name, more;
    buf_init(&kind, PROFILE_FILE_MAX);
    buf_init(&name, PROFILE_FILE_MAX);
    buf_init(&more, PROFILE_FILE_MAX);
    struct pail_str rest = s->header;
    if (words_next(&rest, &kind) != 1 || words_next(&rest, &name) != 1 ||
        words_next(&rest, &more) != 0)
        return buf_failed(&kind) || buf_failed(&name) ? -ENOMEM : 0;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq_c(buf_str(&kind), kinds[i]))
            s->kind = str_c(kinds[i]);
    if (!s->kind.ptr)
        return 0;
    s->name = arena_str(files->arena, buf_str(&name));
    return s->name.ptr ? 0 : -ENOMEM;
}

static int add_section(struct parser *p, struct pail_str header)
{
    if (++p->sections > PROFILE_SECTIONS_MAX)
        return fail(p, p->line, "too many sections");
    struct section *s = arena_alloc(p->files->arena, sizeof(*s));
    if (!s)
        return -ENOMEM;
    s->file = p->file;
    s->header = arena_str(p->files->arena, header);
    if (!s->header.ptr)
        return -ENOMEM;
    int r = name_section(p->files, s);
    if (r < 0)
        return r;
    for (struct section *other = p->files->sections; other; other = other->next) {
        if (other->file != s->file)
            continue;
        if (str_eq(other->header, s->header))
            return fail(p, p->line, "the section is there twice");
        /* [default] and [profile default]: the later replaces the earlier. */
        if (s->name.ptr && str_eq(other->kind, s->kind) && str_eq(other->name, s->name))
            other->name = (struct pail_str){0};
    }
    s->next = p->files->sections;
    p->files->sections = s;
    p->section = s;
    return 0;
}

static int parse_block(struct parser *p, struct entry *entry, struct pail_str text)
{
    size_t count = 0, line_number = entry->line - 1;
    struct pail_str line;
    entry->block = true;
    while (str_next(&text, '\n', &line)) {
        line_number++;
        line = str_trim(line);
        if (line.len == 0)
            continue;
        size_t equals = str_find(line, '=', 0);
        if (equals == line.len)
            return fail(p, line_number, "expected \"key = value\" in the indented block");
        if (++count > PROFILE_KEYS_MAX)
            return fail(p, line_number, "too many keys in the indented block");
        struct entry *nested = arena_alloc(p->files->arena, sizeof(*nested));
        if (!nested)
            return -ENOMEM;
        nested->key = arena_str(p->files->arena, str_trim(str_sub(line, 0, equals)));
        nested->value =
            arena_str(p->files->arena, str_trim(str_sub(line, equals + 1, line.len)));
        nested->line = line_number;
        if (!nested->key.ptr || !nested->value.ptr)
            return -ENOMEM;
        nested->next = entry->nested;
        entry->nested = nested;
    }
    return 0;
}

/* The value of the newest key is complete. */
static int finish_entry(struct parser *p)
{
    struct entry *entry = p->entry;
    p->entry = NULL;
    if (!entry)
        return 0;
    if (buf_failed(&p->value))
        return -ENOMEM;
    struct pail_str value = buf_str(&p->value);
    while (value.len > 0 && strchr(" \t\r\n\v\f", value.ptr[value.len - 1]))
        value.len--;
    if (str_starts(value, PAIL_STR("\n")))
        return parse_block(p, entry, value);
    entry->value = arena_str(p->files->arena, value);
    return entry->value.ptr ? 0 : -ENOMEM;
}

static int add_entry(struct parser *p, struct pail_str line)
{
    size_t end = 0;
    while (end < line.len && line.ptr[end] != '=' && line.ptr[end] != ':')
        end++;
    if (end == line.len || end == 0)
        return fail(p, p->line, "expected \"key = value\" or \"[section]\"");
    if (++p->section->keys > PROFILE_KEYS_MAX)
        return fail(p, p->line, "too many keys in the section");
    struct entry *entry = arena_alloc(p->files->arena, sizeof(*entry));
    if (!entry)
        return -ENOMEM;
    entry->key = lower(p->files->arena, str_trim(str_sub(line, 0, end)));
    if (!entry->key.ptr)
        return -ENOMEM;
    for (struct entry *other = p->section->entries; other; other = other->next)
        if (str_eq(other->key, entry->key))
            return fail(p, p->line, "the key is there twice");
    entry->line = p->line;
    entry->next = p->section->entries;
    p->section->entries = entry;
    p->entry = entry;
    buf_reset(&p->value);
    buf_add_str(&p->value, str_trim(str_sub(line, end + 1, line.len)));
    return 0;
}

static int parse_line(struct parser *p, struct pail_str raw)
{
    struct pail_str line = str_trim(raw);
    bool comment = str_starts(line, PAIL_STR("#")) || str_starts(line, PAIL_STR(";"));
    if (line.len == 0 || comment) {
        /* A comment is no line of a value; in a block, where empty lines mean nothing, it is
         * kept as one, so that the lines are counted right. */
        if (p->entry && (!comment || p->value.len == 0 || buf_c(&p->value)[0] == '\n'))
            buf_add_byte(&p->value, '\n');
        return 0;
    }
    if (memchr(line.ptr, '\0', line.len))
        return fail(p, p->line, "a NUL byte");
    size_t indent = (size_t)(line.ptr - raw.ptr);
    if (p->entry && indent > p->indent) {
        buf_add_byte(&p->value, '\n');
        buf_add_str(&p->value, line);
        return 0;
    }
    int r = finish_entry(p);
    if (r < 0)
        return r;
    p->indent = indent;
    size_t end = str_rfind(line, ']');
    if (line.ptr[0] == '[' && end < line.len && end > 1)
        return add_section(p, str_trim(str_sub(line, 1, end - 1)));
    if (!p->section)
        return fail(p, p->line, "expected a \"[section]\" before the first key");
    return add_entry(p, line);
}

static int parse_file(struct profile_files *files, enum profile_file file, struct pail_str text,
                      char *reason, size_t reason_size)
{
    struct parser p = {
        .files = files, .file = file, .reason = reason, .reason_size = reason_size};
    if (!text.ptr)
        return 0;
    if (text.len > PROFILE_FILE_MAX)
        return fail(&p, 1, "the file is too long");
    if (str_starts(text, PAIL_STR("\xef\xbb\xbf")))
        text = str_sub(text, 3, text.len);
    buf_init_secret(&p.value, 2 * PROFILE_FILE_MAX);
    struct pail_str line;
    int r = 0;
    while (r == 0 && str_next(&text, '\n', &line)) {
        p.line++;
        r = parse_line(&p, line);
    }
    if (r == 0)
        r = finish_entry(&p);
    buf_done(&p.value);
    return r;
}

int profile_parse(struct pail_str config_text, const char *config_name,
                  struct pail_str credentials_text, const char *credentials_name,
                  struct profile_files **ret, char *reason, size_t reason_size)
{
    CLEANUP(profile) struct profile_files *files = calloc(1, sizeof(*files));
    if (!files)
        return -ENOMEM;
    files->arena = arena_new_secret(ARENA_MAX);
    if (!files->arena)
        return -ENOMEM;
    files->names[PROFILE_CONFIG_FILE] = arena_str(files->arena, str_c(config_name)).ptr;
    files->names[PROFILE_CREDENTIALS_FILE] =
        arena_str(files->arena, str_c(credentials_name)).ptr;
    for (size_t i = 0; i < ARRAY_LEN(files->names); i++)
        if (!files->names[i])
            files->names[i] = "";
    int r = parse_file(files, PROFILE_CONFIG_FILE, config_text, reason, reason_size);
    if (r == 0)
        r = parse_file(files, PROFILE_CREDENTIALS_FILE, credentials_text, reason, reason_size);
    if (r < 0)
        return r;
    *ret = STEAL(files);
    return 0;
}

/* Into `text`, which stays absent (1 returned) where there is no such file. */
static int read_file(const char *path, struct buf *text, char *reason, size_t reason_size)
{
    int r = path ? whole_file_read(path, text) : -ENOENT;
    if (r == -ENOENT || r == -ENOTDIR)
        return 1;
    if (r == 0 || r == -ENOMEM)
        return r;
    if (reason_size > 0)
        snprintf(reason, reason_size, "%s: %s", path,
                 r == -EFBIG ? "the file is too long" : strerror(-r));
    return -EINVAL;
}

int profile_load(const char *config_path, const char *credentials_path,
                 struct profile_files **ret, char *reason, size_t reason_size)
{
    const char *paths[] = {config_path, credentials_path};
    struct buf texts[2];
    struct pail_str strs[2] = {{0}};
    int r = 0;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        buf_init_secret(&texts[i], PROFILE_FILE_MAX);
        if (r < 0)
            continue;
        r = read_file(paths[i], &texts[i], reason, reason_size);
        if (r == 0)
            strs[i] = buf_str(&texts[i]);
    }
    if (r >= 0)
        r = profile_parse(strs[0], config_path, strs[1], credentials_path, ret, reason,
                          reason_size);
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        buf_done(&texts[i]);
    return r;
}

void profile_free(struct profile_files *files)
{
    if (!files)
        return;
    arena_free(files->arena);
    free(files);
}

static const struct section *find_section(const struct profile_files *files,
                                          enum profile_file file, const char *kind,
                                          const char *name)
{
    for (const struct section *s = files->sections; s; s = s->next)
        if (s->file == file && s->name.ptr && str_eq_c(s->kind, kind) &&
            str_eq_c(s->name, name))
            return s;
    return NULL;
}

static const struct entry *find_entry(const struct entry *entries, const char *key)
{
    for (; entries; entries = entries->next)
        if (str_eq_c(entries->key, key))
            return entries;
    return NULL;
}

static const struct entry *find_in(const struct profile_files *files, enum profile_file file,
                                   const char *profile, const char *key)
{
    const struct section *s = find_section(files, file, "profile", profile);
    return s ? find_entry(s->entries, key) : NULL;
}

/* The credentials file's, else the config file's. */
static const struct entry *find(const struct profile_files *files, const char *profile,
                                const char *key, enum profile_file *ret_file)
{
    *ret_file = PROFILE_CREDENTIALS_FILE;
    const struct entry *entry = find_in(files, PROFILE_CREDENTIALS_FILE, profile, key);
    if (entry)
        return entry;
    *ret_file = PROFILE_CONFIG_FILE;
    return find_in(files, PROFILE_CONFIG_FILE, profile, key);
}

static struct pail_str value_of(const struct entry *entry)
{
    return entry && !entry->block ? entry->value : (struct pail_str){0};
}

bool profile_exists(const struct profile_files *files, const char *profile)
{
    return find_section(files, PROFILE_CONFIG_FILE, "profile", profile) ||
           find_section(files, PROFILE_CREDENTIALS_FILE, "profile", profile);
}

struct pail_str profile_get(const struct profile_files *files, const char *profile,
                            const char *key)
{
    enum profile_file file;
    return value_of(find(files, profile, key, &file));
}

struct pail_str profile_get_from(const struct profile_files *files, enum profile_file file,
                                 const char *profile, const char *key)
{
    return value_of(find_in(files, file, profile, key));
}

struct pail_str profile_get_nested(const struct profile_files *files, const char *profile,
                                   const char *key, const char *nested)
{
    enum profile_file file;
    const struct entry *entry = find(files, profile, key, &file);
    return value_of(entry ? find_entry(entry->nested, nested) : NULL);
}

struct pail_str profile_get_section(const struct profile_files *files, const char *kind,
                                    const char *name, const char *key, const char *nested)
{
    const struct section *s = find_section(files, PROFILE_CONFIG_FILE, kind, name);
    const struct entry *entry = s ? find_entry(s->entries, key) : NULL;
    if (entry && nested)
        entry = find_entry(entry->nested, nested);
    return value_of(entry);
}

bool profile_section_exists(const struct profile_files *files, const char *kind,
                            const char *name)
{
    return find_section(files, PROFILE_CONFIG_FILE, kind, name) != NULL;
}

void profile_where(const struct profile_files *files, const char *profile, const char *key,
                   char *text, size_t size)
{
    enum profile_file file;
    const struct entry *entry = find(files, profile, key, &file);
    if (size == 0)
        return;
    text[0] = '\0';
    if (entry)
        snprintf(text, size, "%s:%zu", files->names[file], entry->line);
}
