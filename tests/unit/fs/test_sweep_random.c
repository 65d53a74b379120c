/* Walks over trees with odd names, with pages of any size, answered in any order: who walks
 * finds exactly what is there. */
#include "unit/fs/keys.h"

#include "fs/sweep.h"

#include <errno.h>
#include <stdio.h>

static const char *const components[] = {
    "a", "a-", "a.b", "a!", "a0", "ab", "b", "b-b", "c", ".hidden", "z", "~", "...",
};
static const char *const bad_components[] = {"", ".", ".."};

/* Random keys: few names a level, so that files and directories meet. */
static void grow(struct keys *keys, uint64_t *random, size_t count, bool unreachable)
{
    for (size_t i = 0; i < count; i++) {
        char key[256] = "";
        size_t len = 0, depth = 1 + random_below(random, 5);
        for (size_t d = 0; d < depth; d++) {
            const char *name = components[random_below(random, ARRAY_LEN(components))];
            if (unreachable && random_below(random, 20) == 0)
                name = bad_components[random_below(random, ARRAY_LEN(bad_components))];
            len += (size_t)snprintf(key + len, sizeof key - len, "%s%s", d ? "/" : "", name);
        }
        if (random_below(random, 8) == 0)
            len += (size_t)snprintf(key + len, sizeof key - len, "/");
        if (len > 0)
            keys_put(keys, "%s", key);
    }
}

static void start(struct fixture *f, int64_t ttl_ms)
{
    fixture_init(f);
    f->options.metadata_ttl_ms = ttl_ms;
    fixture_start(f);
}

START_TEST(one_walker)
{
    struct fixture f;
    struct keys keys;
    uint64_t random = (uint64_t)_i;
    start(&f, _i % 3 == 0 ? -1 : FIXTURE_TTL_MS);
    keys_init(&keys, 1 + random_below(&random, 12));
    grow(&keys, &random, random_below(&random, 200), _i % 2 == 1);
    struct walker w = {.random = _i % 4 == 3 ? &random : NULL,
                       .backwards = _i % 4 == 2,
                       .forgets = _i % 5 == 4};
    walker_start(&w, &f, root_of(&f));
    struct walker *const all[] = {&w};
    walkers_run(all, 1, &keys,
                &(struct weather){.random = &random, .step_ms = _i % 6 == 5 ? 300 : 10});
    ck_assert_int_eq(w.status, 0);
    walker_check(&w, &keys);
    walker_done(&w);
    keys_done(&keys);
    fixture_done(&f);
}
END_TEST

START_TEST(several_walkers)
{
    struct fixture f;
    struct keys keys;
    uint64_t random = (uint64_t)_i;
    start(&f, FIXTURE_TTL_MS);
    keys_init(&keys, 1 + random_below(&random, 30));
    grow(&keys, &random, 100 + random_below(&random, 300), _i % 2 == 1);
    struct walker w[5] = {{.forgets = true},
                          {.random = &random},
                          {0},
                          {.backwards = true},
                          {.backwards = _i % 2 == 0, .stop_after = 5}};
    struct walker *all[5];
    for (size_t i = 0; i < 5; i++) {
        walker_start(&w[i], &f, root_of(&f));
        all[i] = &w[i];
    }
    walkers_run(all, 5, &keys, &(struct weather){.random = &random, .step_ms = 20});
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(w[i].status, 0);
        walker_check(&w[i], &keys);
    }
    for (size_t i = 0; i < 5; i++)
        walker_done(&w[i]);
    keys_done(&keys);
    fixture_done(&f);
}
END_TEST

/* Wide enough to be shared out. */
START_TEST(ranges_at_once)
{
    struct fixture f;
    struct keys keys;
    uint64_t random = (uint64_t)_i;
    start(&f, -1);
    keys_init(&keys, 20 + random_below(&random, 80));
    size_t wide = 30 + random_below(&random, 100);
    for (size_t i = 0; i < wide; i++) {
        size_t below = random_below(&random, 20);
        if (random_below(&random, 4) == 0)
            keys_put(&keys, "d%03zu/", i);
        if (random_below(&random, 6) == 0)
            keys_put(&keys, "d%03zu", i);
        if (random_below(&random, 6) == 0)
            keys_put(&keys, "d%03zu-", i);
        for (size_t k = 0; k < below; k++)
            keys_put(&keys, "d%03zu/%s%zu", i, random_below(&random, 3) == 0 ? "s/" : "f", k);
    }
    struct walker w = {.random = _i % 4 == 3 ? &random : NULL, .backwards = _i % 4 == 2};
    walker_start(&w, &f, root_of(&f));
    struct walker *const all[] = {&w};
    walkers_run(all, 1, &keys, &(struct weather){.random = &random, .step_ms = 5});
    ck_assert_int_eq(w.status, 0);
    walker_check(&w, &keys);
    walker_done(&w);
    keys_done(&keys);
    fixture_done(&f);
}
END_TEST

/* Flat pages fail: that is nobody's failure, as the directories can be listed by themselves. */
START_TEST(failing_sweeps)
{
    struct fixture f;
    struct keys keys;
    uint64_t random = (uint64_t)_i;
    start(&f, FIXTURE_TTL_MS);
    keys_init(&keys, 1 + random_below(&random, 10));
    grow(&keys, &random, 100 + random_below(&random, 200), _i % 2 == 1);
    struct walker w[2] = {{.backwards = _i % 4 == 2}, {.random = &random}};
    struct walker *const all[] = {&w[0], &w[1]};
    for (size_t i = 0; i < 2; i++)
        walker_start(&w[i], &f, root_of(&f));
    walkers_run(all, 2, &keys,
                &(struct weather){.random = &random, .step_ms = 50, .flat_failing = 8});
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(w[i].status, 0);
        walker_check(&w[i], &keys);
        walker_done(&w[i]);
    }
    keys_done(&keys);
    fixture_done(&f);
}
END_TEST

START_TEST(unmounted_on_the_way)
{
    struct fixture f;
    struct keys keys;
    uint64_t random = (uint64_t)_i;
    start(&f, _i % 2 ? FIXTURE_TTL_MS : -1);
    keys_init(&keys, 1 + random_below(&random, 50));
    grow(&keys, &random, 300, _i % 3 == 0);
    struct walker w[2] = {{.random = &random}, {.backwards = _i % 2 == 1}};
    struct walker *const all[] = {&w[0], &w[1]};
    for (size_t i = 0; i < 2; i++)
        walker_start(&w[i], &f, root_of(&f));
    walkers_run(
        all, 2, &keys,
        &(struct weather){.random = &random, .step_ms = 30, .stop_after = 1 + (size_t)_i});
    /* With directories open, too. */
    if (_i % 3 == 2)
        sweeps_end(&f.fs);
    walker_done(&w[0]);
    walker_done(&w[1]);
    fixture_done(&f);
    keys_done(&keys);
}
END_TEST

/* Every allocation of an answer's delivery fails in turn: a listing may fail, but is never
 * short. */
START_TEST(out_of_memory)
{
    struct keys keys;
    size_t failures = 0;
    keys_init(&keys, 6);
    for (size_t i = 0; i < 7; i++) {
        for (size_t k = 0; k < 3; k++)
            keys_put(&keys, "d%zu/s%zu/f", i, k);
    }
    for (long after = 0; after < 40; after++) {
        struct fixture f;
        start(&f, -1);
        struct walker w = {0};
        struct walker *const all[] = {&w};
        walker_start(&w, &f, root_of(&f));
        walkers_run(
            all, 1, &keys,
            &(struct weather){.step_ms = 1, .poor_at = 1 + (size_t)_i, .poor_after = after});
        if (w.status == 0)
            walker_check(&w, &keys);
        else
            ck_assert_int_eq(w.status, -ENOMEM);
        failures += w.status != 0;
        walker_done(&w);
        fixture_done(&f);
    }
    ck_assert_uint_lt(failures, 40);
    keys_done(&keys);
}
END_TEST

SUITE_MAIN("fs/sweep_random", tcase_add_loop_test(tc, one_walker, 0, 300);
           tcase_add_loop_test(tc, several_walkers, 0, 100);
           tcase_add_loop_test(tc, ranges_at_once, 0, 100);
           tcase_add_loop_test(tc, failing_sweeps, 0, 100);
           tcase_add_loop_test(tc, unmounted_on_the_way, 0, 60);
           tcase_add_loop_test(tc, out_of_memory, 0, 12));
