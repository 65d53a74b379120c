#include "aws/response.h"

#include "aws/retry.h"

#include <errno.h>
#include <stdarg.h>

/* Codes of all services. Codes that are not here count as their status does. */
static const struct {
    const char *code;
    int sys;
} codes[] = {
    {"NoSuchKey", ENOENT},
    {"NoSuchBucket", ENOENT},
    {"NoSuchVersion", ENOENT},
    {"NoSuchEntity", ENOENT},
    {"NotFound", ENOENT},
    {"ResourceNotFoundException", ENOENT},

    {"AccessDenied", EACCES},
    {"AccessDeniedException", EACCES},
    {"AccountProblem", EACCES},
    {"AllAccessDisabled", EACCES},
    {"AuthFailure", EACCES},
    {"ExpiredToken", EACCES},
    {"ExpiredTokenException", EACCES},
    {"IncompleteSignature", EACCES},
    {"InvalidAccessKeyId", EACCES},
    {"InvalidClientTokenId", EACCES},
    {"InvalidObjectState", EACCES},
    {"InvalidPayer", EACCES},
    {"InvalidSecurity", EACCES},
    {"InvalidSignatureException", EACCES},
    {"InvalidToken", EACCES},
    {"KMS.DisabledException", EACCES},
    {"KMS.InvalidStateException", EACCES},
    {"KMS.KMSInvalidStateException", EACCES},
    {"KMS.NotFoundException", EACCES},
    {"KMSAccessDeniedException", EACCES},
    {"KMSDisabledException", EACCES},
    {"KMSInvalidStateException", EACCES},
    {"KMSNotFoundException", EACCES},
    {"KMSOptInRequired", EACCES},
    {"MissingAuthenticationToken", EACCES},
    {"MissingAuthenticationTokenException", EACCES},
    {"NotSignedUp", EACCES},
    {"OptInRequired", EACCES},
    {"RequestExpired", EACCES},
    {"RequestTimeTooSkewed", EACCES},
    {"SignatureDoesNotMatch", EACCES},
    {"TokenRefreshRequired", EACCES},
    {"UnauthorizedAccess", EACCES},
    {"UnrecognizedClientException", EACCES},

    {"BandwidthLimitExceeded", EBUSY},
    {"EC2ThrottledException", EBUSY},
    {"KMS.ThrottlingException", EBUSY},
    {"KMSThrottlingException", EBUSY},
    {"LimitExceededException", EBUSY},
    {"OperationAborted", EBUSY},
    {"ConditionalRequestConflict", EBUSY},
    {"PriorRequestNotComplete", EBUSY},
    {"ProvisionedThroughputExceededException", EBUSY},
    {"RequestLimitExceeded", EBUSY},
    {"RequestThrottled", EBUSY},
    {"RequestThrottledException", EBUSY},
    {"ServiceUnavailable", EBUSY},
    {"SlowDown", EBUSY},
    {"ThrottledException", EBUSY},
    {"Throttling", EBUSY},
    {"ThrottlingException", EBUSY},
    {"TooManyRequestsException", EBUSY},
    {"TransactionInProgressException", EBUSY},

    {"RequestTimeout", ETIMEDOUT},
    {"RequestTimeoutException", ETIMEDOUT},
    {"SessionTimeoutException", ETIMEDOUT},

    {"InternalError", EIO},
    {"InternalFailure", EIO},
    {"EntityTooSmall", EIO},
    {"InvalidPart", EIO},
    {"InvalidPartOrder", EIO},
    {"NoSuchUpload", EIO},
    {"IDPCommunicationError", EIO},

    {"BadDigest", EBADMSG},
    {"InvalidDigest", EBADMSG},
    {"XAmzContentSHA256Mismatch", EBADMSG},

    {"ExpiredIteratorException", ESTALE},
    {"InvalidRange", ESTALE},
    {"PreconditionFailed", ESTALE},

    {"AuthorizationHeaderMalformed", ENXIO},
    {"IllegalLocationConstraintException", ENXIO},
    {"PermanentRedirect", ENXIO},
    {"Redirect", ENXIO},
    {"TemporaryRedirect", ENXIO},

    {"BucketAlreadyExists", EEXIST},
    {"BucketAlreadyOwnedByYou", EEXIST},
    {"BucketNotEmpty", ENOTEMPTY},
    {"QuotaExceeded", EDQUOT},
    {"TooManyBuckets", EDQUOT},
    {"EntityTooLarge", EFBIG},
    {"KeyTooLongError", ENAMETOOLONG},
    {"MetadataTooLarge", E2BIG},
    {"MethodNotAllowed", ENOTSUP},
    {"NotImplemented", ENOTSUP},
    {"InvalidArgument", EINVAL},
    {"InvalidBucketName", EINVAL},
    {"InvalidRequest", EINVAL},
};

static const struct {
    int status;
    int sys;
    const char *phrase;
} statuses[] = {
    {300, ENXIO, "Multiple Choices"},
    {301, ENXIO, "Moved Permanently"},
    {302, ENXIO, "Found"},
    {303, ENXIO, "See Other"},
    {304, ENODATA, "Not Modified"},
    {307, ENXIO, "Temporary Redirect"},
    {308, ENXIO, "Permanent Redirect"},
    {400, EINVAL, "Bad Request"},
    {401, EACCES, "Unauthorized"},
    {402, EACCES, "Payment Required"},
    {403, EACCES, "Forbidden"},
    {404, ENOENT, "Not Found"},
    {405, ENOTSUP, "Method Not Allowed"},
    {406, EINVAL, "Not Acceptable"},
    {407, EACCES, "Proxy Authentication Required"},
    {408, ETIMEDOUT, "Request Timeout"},
    {409, EBUSY, "Conflict"},
    {410, ENOENT, "Gone"},
    {411, EINVAL, "Length Required"},
    {412, ESTALE, "Precondition Failed"},
    {413, EFBIG, "Request Entity Too Large"},
    {414, ENAMETOOLONG, "Request-URI Too Long"},
    {415, EINVAL, "Unsupported Media Type"},
    {416, ESTALE, "Requested Range Not Satisfiable"},
    {417, EINVAL, "Expectation Failed"},
    {429, EBUSY, "Too Many Requests"},
    {431, E2BIG, "Request Header Fields Too Large"},
    {500, EIO, "Internal Server Error"},
    {501, ENOTSUP, "Not Implemented"},
    {502, EIO, "Bad Gateway"},
    {503, EBUSY, "Service Unavailable"},
    {504, ETIMEDOUT, "Gateway Timeout"},
    {505, EIO, "HTTP Version Not Supported"},
    {507, ENOSPC, "Insufficient Storage"},
    {509, EBUSY, ""},
};

/* Failures without a service's answer; its errors are in the tables above. */
static const int kinds[] = {
    [PAIL_ERROR_NONE] = 0,
    [PAIL_ERROR_RESOLVE] = EHOSTUNREACH,
    [PAIL_ERROR_CONNECT] = ECONNREFUSED,
    [PAIL_ERROR_CONNECT_TIMEOUT] = ETIMEDOUT,
    [PAIL_ERROR_READ_TIMEOUT] = ETIMEDOUT,
    [PAIL_ERROR_DEADLINE] = ETIMEDOUT,
    [PAIL_ERROR_PROXY] = EHOSTUNREACH,
    [PAIL_ERROR_TLS] = EPROTO,
    [PAIL_ERROR_CERTIFICATE] = EACCES,
    [PAIL_ERROR_CONNECTION_CLOSED] = ECONNRESET,
    [PAIL_ERROR_STREAMING] = EIO,
    [PAIL_ERROR_INCOMPLETE_READ] = EIO,
    [PAIL_ERROR_CHECKSUM] = EBADMSG,
    [PAIL_ERROR_PARSE] = EPROTO,
    [PAIL_ERROR_NO_CREDENTIALS] = EACCES,
    [PAIL_ERROR_PARTIAL_CREDENTIALS] = EACCES,
    [PAIL_ERROR_CREDENTIALS] = EACCES,
    [PAIL_ERROR_CONFIG] = EINVAL,
    [PAIL_ERROR_NO_REGION] = EINVAL,
    [PAIL_ERROR_PARAM] = EINVAL,
    [PAIL_ERROR_REDIRECT] = ENXIO,
    [PAIL_ERROR_CHANGED] = ESTALE,
    [PAIL_ERROR_CANCELLED] = ECANCELED,
    [PAIL_ERROR_MEMORY] = ENOMEM,
};

static int of_status(int status)
{
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
        if (statuses[i].status == status)
            return statuses[i].sys;
    if (status >= 400 && status < 500)
        return EINVAL;
    return status >= 300 && status < 400 ? ENXIO : EIO;
}

static int of_answer(const struct pail_error *error)
{
    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (strcmp(codes[i].code, error->code) == 0)
            return codes[i].sys;
    return of_status(error->http_status);
}

const char *error_status_phrase(int status)
{
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
        if (statuses[i].status == status)
            return statuses[i].phrase;
    return "";
}

void error_classify(struct pail_error *error)
{
    if (error->kind == PAIL_ERROR_CLIENT || error->kind == PAIL_ERROR_EVENT_STREAM)
        error->sys = of_answer(error);
    else if ((size_t)error->kind < ARRAY_LEN(kinds))
        error->sys = kinds[error->kind];
    else
        error->sys = EIO;
    error->retryable = retry_is_retryable(error);
}

void error_from_http(struct pail_error *error, const struct http_result *result)
{
    *error = (struct pail_error){.kind = result->kind, .actual_bytes = result->body_bytes};
    error_classify(error);
    if (result->sys)
        error->sys = result->sys;
    str_copy(error->message, sizeof(error->message), str_c(result->message));
}

int error_set(struct pail_error *error, int kind, int sys, const char *format, ...)
{
    if (!error)
        return -sys;
    *error = (struct pail_error){.kind = kind};
    error_classify(error);
    error->sys = sys;
    va_list args;
    va_start(args, format);
    vsnprintf(error->message, sizeof(error->message), format, args);
    va_end(args);
    return -sys;
}

int error_set_want(struct pail_error *error, int r)
{
    const char *what = r == -EMFILE   ? "the process has no descriptors left (EMFILE)"
                       : r == -ENFILE ? "the system has no descriptors left (ENFILE)"
                                      : "out of memory";
    return error_set(error, PAIL_ERROR_MEMORY, -r, "%s", what);
}
