#include "unit/fs/memory_rig.h"

#include "aws/client.h"
#include "aws/settings.h"

#include <errno.h>

#define ALLOCATIONS_MAX 2000

struct source *memory_source;
static struct transport *transport;
static struct pail_client *client;
static struct mailbox *mailbox;
static size_t dones;

static const char *no_environment(const char *name, void *user)
{
    (void)name, (void)user;
    return NULL;
}

void memory_rig_setup(const char *url,
                      void (*respond)(void *user, const struct scripted_request *request,
                                      struct scripted_response *ret))
{
    const struct pail_config config = {.endpoint_url = "http://localhost:1",
                                       .region = "us-east-1",
                                       .no_sign_request = true,
                                       .addressing = PAIL_ADDRESSING_PATH,
                                       .max_attempts = 1};
    struct pail_error error;
    struct settings *settings;
    ck_assert_int_eq(settings_load(&config, no_environment, NULL, &settings, &error), 0);
    transport = scripted_new();
    scripted_set_responder(transport, NULL, respond);
    const struct client_parts parts = {.transport = transport, .settings = settings};
    ck_assert_int_eq(client_new_with(&parts, &client), 0);
    mailbox = mailbox_new();
    const struct source_config source_config = {
        .client = client, .mailbox = mailbox, .url = str_c(url)};
    ck_assert_int_eq(source_scheme_of(source_config.url)->make(&source_config, &memory_source),
                     0);
}

void memory_rig_teardown(void)
{
    memory_source->ops->free(memory_source);
    client_stop(client);
    pail_client_free(client);
    mailbox_free(mailbox);
}

static void count_done(struct source_request *request)
{
    (void)request;
    dones++;
}

int memory_rig_once(const struct memory_operation *operation)
{
    dones = 0;
    operation->start(count_done);
    do {
        scripted_run(transport);
    } while (mailbox_deliver(mailbox) > 0);
    alloc_fail_after(-1);
    ck_assert_uint_eq(dones, 1);
    return operation->request->status;
}

void memory_rig_run(const struct memory_operation *operation)
{
    const struct source_request *r = operation->request;
    int status = -ENOMEM;
    for (long count = 0; status != 0; count++) {
        ck_assert_int_lt(count, ALLOCATIONS_MAX);
        alloc_fail_after(count);
        status = memory_rig_once(operation);
        ck_assert_msg(status == 0 || status == -ENOMEM, "after %ld: %d, %s", count, status,
                      r->error.message);
        ck_assert_int_eq(r->error.sys, -status);
        if (status == 0)
            operation->check();
        memory_source->ops->release(memory_source, operation->request);
    }
}
