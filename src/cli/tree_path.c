#include "cli/tree_path.h"

#include <errno.h>
#include <sys/stat.h>

#define DIRECTORY_MODE 0777 /* less the umask */

int tree_path_add(struct buf *b, const char *root, struct pail_str name)
{
    struct pail_str part;
    if (str_ends(name, PAIL_STR("/")))
        name.len--;
    if (name.len == 0 || memchr(name.ptr, '\0', name.len))
        return -EINVAL;
    for (struct pail_str rest = name; str_next(&rest, '/', &part);) {
        if (part.len == 0 || str_eq_c(part, ".") || str_eq_c(part, ".."))
            return -EINVAL;
    }
    buf_add_c(b, root);
    buf_add_c(b, str_ends(str_c(root), PAIL_STR("/")) ? "" : "/");
    buf_add_str(b, name);
    return 0;
}

/* What is at a path below the root: 0 if it is a directory. */
static int look(const char *path)
{
    struct stat st;
    if (lstat(path, &st) < 0)
        return -errno;
    if (S_ISLNK(st.st_mode))
        return -ELOOP;
    return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

static int make(const char *path)
{
    if (mkdir(path, DIRECTORY_MODE) == 0)
        return 0;
    return errno == EEXIST ? look(path) : -errno;
}

int tree_path_make(char *path, const char *root, bool whole)
{
    int r = 0;
    for (char *at = path + strlen(root) + 1; r == 0 && (at = strchr(at, '/')); at++) {
        *at = '\0';
        r = make(path);
        *at = '/';
    }
    if (r < 0)
        return r;
    if (whole)
        return make(path);
    r = look(path);
    return r == -ELOOP ? r : 0;
}
