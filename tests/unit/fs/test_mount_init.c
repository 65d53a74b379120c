#include "unit/check.h"

#include "fs/mount_init.h"

#include <linux/fuse.h>
#include <sys/uio.h>

struct request {
    struct fuse_in_header header;
    struct fuse_init_in init;
};

static struct request init_request(uint32_t opcode, uint32_t flags)
{
    return (struct request){
        .header = {.opcode = opcode, .unique = 42, .len = sizeof(struct request)},
        .init = {.major = 7, .minor = 38, .flags = flags},
    };
}

static uint32_t reply_flags(const struct mount_init *init, uint64_t unique, int32_t error,
                            bool *ret_taken)
{
    struct fuse_out_header header = {.unique = unique, .error = error};
    struct fuse_init_out out = {.flags = FUSE_ASYNC_READ};
    struct iovec iov[] = {{&header, sizeof(header)}, {&out, sizeof(out)}};
    *ret_taken = mount_init_reply(init, iov, 2);
    return out.flags;
}

static const struct {
    uint32_t opcode, offered;
    uint64_t unique;
    int32_t error;
    bool taken, added;
} cases[] = {
    {FUSE_INIT, FUSE_PARALLEL_DIROPS | FUSE_ASYNC_READ, 42, 0, true, true},
    {FUSE_INIT, FUSE_ASYNC_READ, 42, 0, true, false},
    {FUSE_INIT, FUSE_PARALLEL_DIROPS, 43, 0, false, false},
    {FUSE_INIT, FUSE_PARALLEL_DIROPS, 42, -71, false, false},
    {FUSE_LOOKUP, FUSE_PARALLEL_DIROPS, 42, 0, false, false},
};

START_TEST(patches_one_reply)
{
    struct mount_init init = {0};
    struct request request = init_request(cases[_i].opcode, cases[_i].offered);
    mount_init_request(&init, &request, sizeof(request));
    bool taken;
    uint32_t flags = reply_flags(&init, cases[_i].unique, cases[_i].error, &taken);
    ck_assert(taken == cases[_i].taken);
    ck_assert_uint_eq(flags,
                      FUSE_ASYNC_READ | (cases[_i].added ? (uint32_t)FUSE_PARALLEL_DIROPS : 0));
}
END_TEST

START_TEST(leaves_what_is_too_short)
{
    struct mount_init init = {0};
    struct request request = init_request(FUSE_INIT, FUSE_PARALLEL_DIROPS);
    for (size_t len = 0; len < sizeof(struct fuse_in_header) + 16; len++) {
        mount_init_request(&init, &request, len);
        ck_assert_uint_eq(init.unique, 0);
    }
    mount_init_request(&init, &request, sizeof(request));
    ck_assert_uint_eq(init.unique, 42);
    struct fuse_out_header header = {.unique = 42};
    struct fuse_init_out out = {0};
    struct iovec iov[] = {{&header, sizeof(header)}, {&out, 15}};
    ck_assert(!mount_init_reply(&init, iov, 2));
    ck_assert(!mount_init_reply(&init, iov, 1));
    ck_assert_uint_eq(out.flags, 0);
    iov[1].iov_len = 24; /* what an old kernel gets */
    ck_assert(mount_init_reply(&init, iov, 2));
    ck_assert_uint_eq(out.flags, FUSE_PARALLEL_DIROPS);
}
END_TEST

SUITE_MAIN("fs/mount_init", tcase_add_loop_test(tc, patches_one_reply, 0,
                                                (int)(sizeof(cases) / sizeof(cases[0])));
           tcase_add_test(tc, leaves_what_is_too_short));
