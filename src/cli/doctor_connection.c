/* cli/doctor_connection.c: the configuration, and the steps to a connection. */
#include "cli/doctor.h"

#include "base/date.h"

#include <inttypes.h>
#include <time.h>

#define EXPIRES_SOON_S (14 * 24 * 3600)

static const struct pail_operation *asked(const struct doctor *d)
{
    return d->bucket.ptr ? &pail_s3_head_bucket_operation : &pail_s3_list_buckets_operation;
}

/* ---- configuration ---- */

static int configure(struct doctor *d, struct pail_error *error)
{
    const struct options *o = &d->run->arguments->options;
    int r = pail_client_new(&o->config, &d->client, error);
    if (r == 0)
        r = pail_client_get_facts(d->client, asked(d), d->bucket, &d->facts, error);
    d->keyless = d->facts.anonymous;
    return r;
}

static bool check_configuration(struct doctor *d, int *ret_status)
{
    CLEANUP_DONE(finding) struct finding f;
    finding_init(&f, "configuration", FINDING_OK);
    int r = configure(d, &f.error);
    const struct pail_client_facts *facts = &d->facts;
    if (r < 0) {
        f.result = FINDING_FAILED;
        finding_says(&f, "%s", f.error.message);
        finding_advises(&f,
                        "Mend what it names: an option, a variable of the environment, or a "
                        "line of a profile file");
    } else {
        finding_says(&f, "%s (%s), region %s (%s), profile %s", facts->url,
                     facts->endpoint_source[0] ? facts->endpoint_source : "AWS's own",
                     facts->region,
                     facts->region_source[0] ? facts->region_source : "none is configured",
                     facts->profile);
    }
    *ret_status = doctor_tell(d, &f);
    return r == 0 && *ret_status == EXIT_OK;
}

/* ---- name, connection, TLS ---- */

static void say_name(const struct doctor *d, const struct pail_probe *probe, struct finding *f)
{
    if (probe->proxied)
        finding_says(f, "requests go through a proxy, which resolves names itself");
    else
        finding_says(f, "%s has the address %s", d->facts.url, probe->address);
    if (probe->name_ms >= 0)
        finding_says(f, " (%" PRId64 " ms)", probe->name_ms);
}

static void say_connection(const struct pail_probe *probe, struct finding *f)
{
    finding_says(f, "%s%s accepts connections", probe->proxied ? "the proxy " : "",
                 probe->address);
    if (probe->connection_ms >= 0)
        finding_says(f, " (%" PRId64 " ms)", probe->connection_ms);
}

static void say_tls(const struct doctor *d, const struct pail_probe *probe, struct finding *f)
{
    const struct pail_certificate *c = &probe->certificate;
    char until[32] = "?";
    CLEANUP_DONE(buf) struct buf date;
    buf_init(&date, sizeof(until));
    if (str_starts(str_c(d->facts.url), PAIL_STR("http://"))) {
        f->result = FINDING_WARNING;
        finding_says(f, "the connection is not encrypted: the endpoint is http://");
        finding_advises(f, "Everyone on the way can read what is fetched");
        return;
    }
    if (c->not_after.present)
        buf_add_iso8601(&date, c->not_after);
    (void)str_copy(until, sizeof(until), buf_str(&date));
    finding_says(f, "the certificate is of %s, by %s, until %s", c->subject, c->issuer, until);
    if (d->run->arguments->options.config.insecure) {
        f->result = FINDING_WARNING;
        finding_says(f, "; it is not verified");
        finding_advises(f, "--no-verify-ssl trusts whoever answers");
    } else if (c->not_after.present && c->not_after.seconds - time(NULL) < EXPIRES_SOON_S) {
        f->result = FINDING_WARNING;
        finding_advises(f, "It ends soon: the server's administrator has to renew it");
    } else {
        finding_says(f, ", and trusted");
    }
}

/* By enum pail_probe_step. */
static const char *const steps[] = {"name", "connection", "tls", "service"};

static bool check_steps(struct doctor *d, const struct pail_probe *probe,
                        const struct pail_error *error, int *ret_status)
{
    for (int step = PAIL_PROBE_NAME; step < PAIL_PROBE_DONE; step++) {
        CLEANUP_DONE(finding) struct finding f;
        bool failed = (int)probe->reached == step;
        finding_init(&f, steps[step], failed ? FINDING_FAILED : FINDING_OK);
        if (failed)
            doctor_explain_probe(d, &f, probe, error);
        else if (step == PAIL_PROBE_NAME)
            say_name(d, probe, &f);
        else if (step == PAIL_PROBE_CONNECTION)
            say_connection(probe, &f);
        else
            say_tls(d, probe, &f);
        *ret_status = doctor_tell(d, &f);
        if (failed || *ret_status != EXIT_OK)
            return false;
    }
    return true;
}

bool doctor_check_connection(struct doctor *d, int *ret_status)
{
    if (!check_configuration(d, ret_status)) {
        if (*ret_status == EXIT_OK)
            *ret_status = doctor_skip_from(d, "name", "there is no configuration to go by");
        return false;
    }
    struct pail_probe probe;
    struct pail_error error = {0};
    (void)pail_client_probe(d->client, asked(d), d->bucket, doctor_connect_ms(d), &probe,
                            &error);
    d->proxy_user = probe.proxy_user;
    if (check_steps(d, &probe, &error, ret_status))
        return true;
    if (*ret_status == EXIT_OK)
        *ret_status = doctor_skip_from(d, steps[probe.reached + 1], "there is no connection");
    return false;
}
