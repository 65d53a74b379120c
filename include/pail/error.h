/* pail/error.h: what went wrong, in full, in a record that never allocates. */
#ifndef PAIL_ERROR_H
#define PAIL_ERROR_H

#include <pail/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a call failed; the names in parentheses are botocore's exceptions. */
enum pail_error_kind {
    PAIL_ERROR_NONE = 0,
    PAIL_ERROR_CLIENT,  /* the service answered with an error (ClientError) */
    PAIL_ERROR_RESOLVE, /* the host's or proxy's name was not resolved (EndpointConnectionError)
                         */
    PAIL_ERROR_CONNECT, /* refused, unreachable (EndpointConnectionError) */
    PAIL_ERROR_CONNECT_TIMEOUT,   /* (ConnectTimeoutError) */
    PAIL_ERROR_READ_TIMEOUT,      /* no byte for the read timeout (ReadTimeoutError) */
    PAIL_ERROR_DEADLINE,          /* the whole operation's time is used up */
    PAIL_ERROR_PROXY,             /* (ProxyConnectionError) */
    PAIL_ERROR_TLS,               /* the handshake failed (SSLError) */
    PAIL_ERROR_CERTIFICATE,       /* the peer's certificate is not trusted (SSLError) */
    PAIL_ERROR_CONNECTION_CLOSED, /* closed or reset before a whole response head
                                     (ConnectionClosedError) */
    PAIL_ERROR_STREAMING, /* reset or broken framing inside a body (ResponseStreamingError) */
    PAIL_ERROR_INCOMPLETE_READ, /* body shorter or longer than promised (IncompleteReadError) */
    PAIL_ERROR_CHECKSUM,        /* (FlexibleChecksumError) */
    PAIL_ERROR_EVENT_STREAM,    /* the service ended an event stream with an error
                                   (EventStreamError) */
    PAIL_ERROR_PARSE, /* the response is not what its protocol says (ResponseParserError) */
    PAIL_ERROR_NO_CREDENTIALS,      /* (NoCredentialsError) */
    PAIL_ERROR_PARTIAL_CREDENTIALS, /* half a credential pair (PartialCredentialsError) */
    PAIL_ERROR_CREDENTIALS,         /* a provider failed (CredentialRetrievalError,
                                       MetadataRetrievalError) */
    PAIL_ERROR_CONFIG,    /* bad option, environment or profile file (ConfigParseError,
                             ProfileNotFound) */
    PAIL_ERROR_NO_REGION, /* (NoRegionError) */
    PAIL_ERROR_PARAM,     /* an input that cannot be sent (ParamValidationError) */
    PAIL_ERROR_REDIRECT,  /* a redirect that cannot be followed (InvalidRegionError) */
    PAIL_ERROR_CHANGED,   /* the object changed between two requests for its parts */
    PAIL_ERROR_CANCELLED,
    PAIL_ERROR_MEMORY, /* or descriptors are used up */
};

/* One failure. The caller owns it; the library only fills it. All strings end in NUL, cut if
 * too long, and may hold any byte a server sent: escape them before printing (pail_error_format
 * does). */
struct pail_error {
    int sys;                 /* errno > 0: what a filesystem would report; 0: no failure */
    int kind;                /* enum pail_error_kind */
    int http_status;         /* 0: no response arrived */
    bool retryable;          /* a later try may succeed */
    bool quota_exhausted;    /* no retry, because the client's retry quota was used up */
    unsigned attempts;       /* requests sent, the first included; redirects included */
    uint64_t expected_bytes; /* incomplete read: what the response promised */
    uint64_t actual_bytes;   /* incomplete read: what arrived */
    char code[64];      /* the service's error code, "NoSuchKey"; "" where none was given */
    char operation[48]; /* "GetObject" */
    char request_id[64];
    char host_id[96];
    char message[256]; /* the service's message, else the reason phrase, else what this library
                          says */
};

/* Writes one line without a newline, as `An error occurred (CODE) when calling the OP
 * operation: MESSAGE [status, request id, attempts]`, control characters escaped, always
 * NUL-terminated when size > 0. Returns the length it would have had (as snprintf). Any thread.
 */
PAIL_API size_t pail_error_format(const struct pail_error *error, char *text, size_t size);

/* The kind's name in words ("read timeout"); never NULL. Any thread. */
PAIL_API const char *pail_error_kind_name(int kind);

/* The symbolic name of an errno ("ENOENT"), "EUNKNOWN" of what is none; never NULL. Any thread.
 */
PAIL_API const char *pail_errno_name(int sys);

#ifdef __cplusplus
}
#endif
#endif
