/* cli/doctor.h: what pail doctor's files share: a bucket being checked, and what is found. Main
 * thread. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "cli/pail_output.h"

#include <pail/diagnose.h>
#include <pail/s3.h>

enum finding_result {
    FINDING_OK,
    FINDING_WARNING, /* it works, but not as well as it could */
    FINDING_FAILED,
    FINDING_SKIPPED, /* not checked */
};

/* What one check has found: a line. */
struct finding {
    const char *check; /* static: "list" */
    enum finding_result result;
    struct buf says, advises; /* as they are; escaped when they are shown */
    struct pail_error error;  /* of a failure: all zero if it has none */
};

void finding_init(struct finding *finding, const char *check, enum finding_result result);
void finding_done(struct finding *finding);
/* Append text. */
void finding_says(struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void finding_advises(struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
DEFINE_CLEANUP_DONE(finding, struct finding, finding_done);

struct doctor {
    struct pail_run *run;
    struct pail_client *client; /* NULL until the configuration was found good */
    struct pail_str bucket,
        key; /* as the URL has them; key: maybe of an object, maybe a prefix */
    bool json;
    int status; /* the first failed check's exit status */
    struct pail_client_facts facts;
    bool proxy_user;            /* requests go to a proxy, with a name and a password for it */
    bool keyless;               /* anonymous */
    char access_key_id[136];    /* "": anonymous, or not known yet */
    char server_region[64];     /* of the bucket, as the service says; "": it does not */
    struct buf found_key;       /* of an object that is there, or else may be */
    struct pail_int found_size; /* absent: not known */
};

/* Prints the finding, and keeps the exit status of the first failure. EXIT_OK, or as
 * pail_print. */
int doctor_tell(struct doctor *doctor, const struct finding *finding);
/* The same for a check that was not made, and why. */
int doctor_skip(struct doctor *doctor, const char *check, const char *why);
/* The same for this check and all after it, but that of the credentials, which needs nobody
 * else: it is made. */
int doctor_skip_from(struct doctor *doctor, const char *check, const char *why);
/* Deadline and attempts of a call. */
struct pail_call_options doctor_limits(const struct doctor *doctor);
int64_t doctor_connect_ms(const struct doctor *doctor);

/* Where the keys are from, or why there are none. As doctor_tell. doctor_access.c */
int doctor_check_credentials(struct doctor *doctor);
/* The checks, in order; each group ends the examination where it returns false: what is after
 * it cannot be known. *ret_status: of printing. */
bool doctor_check_connection(struct doctor *doctor, int *ret_status); /* doctor_connection.c */
bool doctor_check_service(struct doctor *doctor, int *ret_status);    /* doctor_service.c */
bool doctor_check_access(struct doctor *doctor, int *ret_status);     /* doctor_access.c */

/* doctor_explain.c: fills the finding of a failure in plain words, with what to do about it. */
enum doctor_matter { MATTER_SERVICE, MATTER_BUCKET, MATTER_LIST, MATTER_HEAD, MATTER_GET };
void doctor_explain(const struct doctor *doctor, struct finding *finding,
                    enum doctor_matter matter, const struct pail_error *error);
/* True of what is wrong with the keys themselves, whatever was asked with them. */
bool doctor_blames_keys(const struct pail_error *error);
/* The same for a connection that could not be made. */
void doctor_explain_probe(const struct doctor *doctor, struct finding *finding,
                          const struct pail_probe *probe, const struct pail_error *error);

#endif
