/* Names past their metadata_ttl. */
#include "mount/fixture.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#define FILES 3000

static void put_numbered(unsigned count)
{
    char key[64];
    for (unsigned i = 0; i < count; i++) {
        (void)snprintf(key, sizeof(key), "k%05u", i);
        put(key, i + 1, i);
    }
}

/* Reads the directory, and waits until its first name has to be asked for again. */
static void read_and_expire(void)
{
    struct names names;
    ck_assert_int_eq(names_read(top(), &names), 0);
    ck_assert_uint_eq(names.count, FILES);
    names_done(&names);
    peer_clear(peer);
    while (requests("HEAD", "k00000") == 0) {
        ck_assert_int_eq(try_stat(at("k00000")), 0);
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
}

/* One name after another, as a walk does: a page of a listing confirms a thousand. */
START_TEST(a_walk_of_expired_names)
{
    put_numbered(FILES);
    fixture_mount("metadata_ttl=1,negative_ttl=0");
    read_and_expire();
    put("k01500", 7, 1);
    peer_s3_delete(s3, "bkt", "k02000");
    put("k02500/in", 8, 2);
    for (unsigned i = 1; i < FILES; i++) {
        struct stat attributes;
        int r = stat(at("k%05u", i), &attributes);
        ck_assert_int_eq(r == 0, i != 2000);
        if (r < 0)
            continue;
        ck_assert_int_eq(S_ISDIR(attributes.st_mode), i == 2500);
        if (i != 2500)
            ck_assert_int_eq(attributes.st_size, i == 1500 ? 7 : (off_t)i + 1);
    }
    /* Two names before the first page, and the one that is gone; a slow machine takes several
     * times the TTL. */
    ck_assert_uint_le(peer_count(peer, PEER_MATCH(.method = "HEAD")), 60);
    ck_assert_uint_le(listings(NULL), 30);
    check_content(at("k01500"), 7, 1);
    check_names(at("k02500"), "in");
}
END_TEST

/* The same where no listing is to be had any more. */
START_TEST(a_walk_without_the_right_to_list)
{
    put_numbered(FILES);
    fixture_mount("metadata_ttl=1,negative_ttl=0");
    read_and_expire();
    (void)peer_rule_add(peer, &(struct peer_rule){
                                  .match = PEER_S3_LISTING("bkt"),
                                  PEER_ANSWERS(PEER_S3_ERROR(403, "AccessDenied")),
                              });
    for (unsigned i = 1; i < 100; i++)
        ck_assert_int_eq(try_stat(at("k%05u", i)), 0);
    ck_assert_uint_ge(peer_count(peer, PEER_MATCH(.method = "HEAD")), 99);
}
END_TEST

MOUNT_SUITE("mount/expiry", 120, tcase_add_test(tc, a_walk_of_expired_names);
            tcase_add_test(tc, a_walk_without_the_right_to_list));
