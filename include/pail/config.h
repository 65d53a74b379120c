/* pail/config.h: what a client is told. All zero is the default: what is not said here comes
 * from the environment, then from the profile files, then from the defaults named below, as
 * botocore has it. */
#ifndef PAIL_CONFIG_H
#define PAIL_CONFIG_H

#include <pail/types.h>

#ifdef __cplusplus
extern "C" {
#endif

enum pail_addressing {
    PAIL_ADDRESSING_DEFAULT = 0, /* as configured; else auto */
    PAIL_ADDRESSING_AUTO, /* the bucket in the host name where it can be; custom endpoints: in
                             the path */
    PAIL_ADDRESSING_PATH,
    PAIL_ADDRESSING_VIRTUAL,
};

enum pail_retry_mode {
    PAIL_RETRY_DEFAULT = 0, /* as configured; else standard */
    PAIL_RETRY_LEGACY,
    PAIL_RETRY_STANDARD,
    PAIL_RETRY_ADAPTIVE,
};

/* What holds where nothing else is said, as AWS's defaults modes have it: all but LEGACY use
 * S3's own host of us-east-1 in place of the global one (which
 * AWS_S3_US_EAST_1_REGIONAL_ENDPOINT says too: legacy or regional), and another connect
 * timeout. In none is STS's global host used (AWS_STS_REGIONAL_ENDPOINTS: legacy brings it
 * back). */
enum pail_defaults_mode {
    PAIL_DEFAULTS_DEFAULT = 0,  /* as configured; else legacy */
    PAIL_DEFAULTS_LEGACY,       /* connect timeout 60 s */
    PAIL_DEFAULTS_STANDARD,     /* 3.1 s */
    PAIL_DEFAULTS_IN_REGION,    /* 1.1 s */
    PAIL_DEFAULTS_CROSS_REGION, /* 3.1 s */
    PAIL_DEFAULTS_MOBILE,       /* 30 s */
    PAIL_DEFAULTS_AUTO, /* IN_REGION or CROSS_REGION, by the region that this runs in: where
                         * AWS_EXECUTION_ENV is set, AWS_REGION, AWS_DEFAULT_REGION; else the
                         * EC2 instance's. That is asked in the background, if it makes a
                         * difference: until it is known, and where it is not, STANDARD */
};

/* Strings are borrowed for pail_client_new only. Times in milliseconds: 0 is "not said",
 * negative "none". What is malformed or out of the range named here is refused by
 * pail_client_new, with -EINVAL. */
struct pail_config {
    const char *profile; /* AWS_DEFAULT_PROFILE, AWS_PROFILE; "default" */
    const char *region;  /* AWS_REGION, AWS_DEFAULT_REGION, profile `region`; S3: us-east-1 */
    const char *endpoint_url; /* AWS_ENDPOINT_URL_<SERVICE>, AWS_ENDPOINT_URL, profile
                                 `services`, `endpoint_url`; AWS's own */
    const char *access_key_id, *secret_access_key, *session_token; /* else the provider chain */
    bool no_sign_request;            /* anonymous: nothing is signed */
    bool requester_pays;             /* S3: x-amz-request-payer: requester on every call */
    enum pail_addressing addressing; /* profile `s3` section, addressing_style */
    enum pail_defaults_mode defaults_mode; /* AWS_DEFAULTS_MODE, `defaults_mode`; legacy */
    int64_t connect_timeout_ms;            /* as the defaults mode has it: 60 s */
    int64_t legacy_connect_timeout_ms;     /* in place of those 60 s, of legacy mode only: a
                                              program's own default, for less than an option */
    int64_t read_timeout_ms;               /* 60 s */
    /* Requests in all, the first included, up to 1000: AWS_MAX_ATTEMPTS, `max_attempts`; 3, in
     * legacy mode 5. */
    unsigned max_attempts;
    /* The same, the first not included, 0 to 999: botocore's `max_attempts` of a Config, as
     * max_attempts here is its `total_max_attempts`, which counts where both are said. */
    struct pail_int retries;
    enum pail_retry_mode retry_mode; /* AWS_RETRY_MODE, `retry_mode`; standard */
    bool retry_quota_waits; /* a used-up retry quota, legacy mode's too, delays a retry until it
                               has refilled, within the deadline */
    size_t max_connections; /* to all hosts; 10 */
    const char *ca_bundle;  /* AWS_CA_BUNDLE, `ca_bundle`, REQUESTS_CA_BUNDLE; the system's. A
                               file that can be read; the first two may not be empty */
    bool insecure;          /* do not verify TLS certificates */
    /* [SCHEME://][USER:PASSWORD@]HOST[:PORT] for all requests, "": none. Not said: by the
     * endpoint's scheme HTTP_PROXY or HTTPS_PROXY, then ALL_PROXY; none. Each in lower case
     * hides the other, even if it is empty. HTTP_PROXY does not count beside REQUEST_METHOD,
     * where it may be a request's header. The scheme is http, https, socks4, socks4a, socks5 or
     * socks5h. */
    const char *proxy;
    /* Hosts that are reached without: "example.com,10.0.0.0/8", or "*"; "": none. A name stands
     * for all below it too, "HOST:PORT" for that port only. NO_PROXY, in lower case as above;
     * none. */
    const char *no_proxy;
    bool tcp_keepalive;           /* BOTOCORE_TCP_KEEPALIVE, `tcp_keepalive`; false */
    const char *user_agent_extra; /* appended to the library's own, in which AWS_SDK_UA_APP_ID,
                                     `sdk_ua_app_id` is named: up to 512 printable ASCII
                                     characters */
};

#ifdef __cplusplus
}
#endif
#endif
