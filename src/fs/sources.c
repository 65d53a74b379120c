#include "fs/sources.h"

#include "base/str.h"
#include "fs/aws_source.h"
#include "fs/kinesis_source.h"
#include "fs/lambda_source.h"
#include "fs/logs_source.h"
#include "fs/s3_source.h"

const struct source_scheme *const source_schemes[] = {
    &s3_scheme, &logs_scheme, &kinesis_scheme, &lambda_scheme, &aws_scheme, NULL,
};

const struct source_scheme *source_scheme_of(struct pail_str url)
{
    for (size_t i = 0; source_schemes[i]; i++) {
        if (str_starts(url, str_c(source_schemes[i]->prefix)))
            return source_schemes[i];
    }
    return NULL;
}
